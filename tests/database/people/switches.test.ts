import assert from "node:assert/strict";
import type postgres from "postgres";
import { addInstances, type CompanyDatabase, only } from "../../support/database.ts";
import { quickTest, undone } from "../../support/quick-test.ts";
import { claim } from "../../support/repair-calls.ts";

/** The table of docs/operations.md: off and on, by part. */
const SWITCHES = new Map(
  [...(/^## Switches\n(.*?)^## /ms.exec(
    await Deno.readTextFile(new URL("../../../docs/operations.md", import.meta.url)),
  )?.[1] ?? "").matchAll(/^\| (\w+)\s*\| `([^`]+)`\s*\| `([^`]+)`/gm)]
    .map(([, part, off, on]) => [part!, { off: off!, on: on! }]),
);

const handedOut = async (sql: postgres.ISql, call: string) =>
  (await sql.unsafe(`select from public.${call}`)).length;
const due = async (sql: postgres.ISql) =>
  (await sql<{ name: string }[]>`select name from ghost_repair.due_functions()`)
    .map(({ name }) => name);

/** How much of a part is handed out, where something of it is due. */
const PARTS: Readonly<Record<string, (db: CompanyDatabase) => Promise<number>>> = {
  repair: async ({ sql, instanceId }) => {
    await sql`delete from ghost_repair.claims`;
    await sql`update public.whatsapp_instances set status = 'connected',
      last_disconnected_at = null where id = ${instanceId}`;
    return Number((await claim(sql, instanceId)).claimed);
  },
  watch: async ({ sql, company }) => {
    await sql`insert into ghost_repair.watch_policies (organization_id, watch_interval)
      values (${company.organizationId}, '2 minutes') on conflict do nothing`;
    await sql`update public.whatsapp_instances set last_alive_at = null`;
    await sql`update ghost_repair.watched_numbers set next_look_at = ghost_repair.now()`;
    return Number((await due(sql)).includes("watch-instances")) +
      await handedOut(sql, "lease_watched_numbers(10)");
  },
  gaps: async ({ sql, instanceId }) => {
    await sql`insert into ghost_repair.hearing (instance_id, next_check_at)
      values (${instanceId}, ghost_repair.now())
      on conflict (instance_id) do update set next_check_at = ghost_repair.now()`;
    await sql`select ghost_repair.tend_gaps()`;
    await sql`update public.message_gaps set due_at = ghost_repair.now() where state = 'due'`;
    return Number((await due(sql)).includes("recover-messages")) +
      await handedOut(sql, "lease_gaps(10)");
  },
  canaries: async ({ sql, instanceId, company }) => {
    await sql`insert into ghost_repair.canary_policies (organization_id)
      values (${company.organizationId}) on conflict do nothing`;
    const { begun } = await only(sql<{ begun: boolean }[]>`
      select ghost_repair.begin_trial(${instanceId}, 'silence', ghost_repair.now()) as begun`);
    await sql`insert into ghost_repair.canary_trials
        (instance_id, organization_id, reason, silent_since)
      values (${instanceId}, ${company.organizationId}, 'silence', ghost_repair.now())
      on conflict do nothing`;
    return Number(begun) + await handedOut(sql, "lease_due_trials(10)");
  },
  agent: async ({ sql, instanceId, company }) => {
    await sql`insert into private.restart_agents values
      ('http://evolution.test', 'http://agent.test', 'a secret of sixteen')
      on conflict do nothing`;
    await sql`insert into public.ghost_repairs (instance_id, organization_id, state)
      values (${instanceId}, ${company.organizationId}, 'restart_requested')
      on conflict do nothing`;
    await sql`insert into ghost_repair.restart_requests (api_url)
      values ('http://evolution.test') on conflict do nothing`;
    const { may } = await only(sql<{ may: boolean }[]>`
      select ghost_repair.may_request_restart(${instanceId}) as may`);
    return Number(may) + await handedOut(sql, "claim_restart_requests(10)");
  },
  alerts: async ({ sql, instanceId, company }) => {
    const [channel] = await sql<{ id: string }[]>`
      insert into private.alert_channels (organization_id, kind, name, url)
      values (${company.organizationId}, 'slack', 'x', 'https://hooks.slack.com/x') returning id`;
    await sql`insert into ghost_repair.alert_messages (channel_id, numbers, items)
      values (${channel!.id}, 1, '[]')`;
    await sql`select ghost_repair.raise_alert(${instanceId}, 'down', 'steps_used_up')`;
    const raised = await sql`delete from ghost_repair.alerts returning id`;
    return Number((await due(sql)).includes("send-alerts")) + raised.length +
      await handedOut(sql, "claim_alerts(10)");
  },
  everything: async ({ sql, company }) => {
    await addInstances(sql, company, 1, { status: "disconnected" });
    return await handedOut(sql, "lease_due_reconnects(10)");
  },
};

Deno.test("the table of switches is the list of what is tried here", () => {
  assert.deepEqual([...SWITCHES.keys()], Object.keys(PARTS));
});

for (const [part, { off, on }] of SWITCHES) {
  quickTest(`${part}: off by one statement, and on again by one`, async (db) => {
    const run = async (...before: readonly string[]) => {
      let count = 0;
      await undone(db.sql, async (inner) => {
        const within = { ...db, sql: inner };
        for (const statement of before) {
          // Something of the part is there already when it is switched off.
          await PARTS[part]!(within);
          await inner.unsafe(statement);
          await inner`delete from ghost_repair.leases`;
        }
        count = await PARTS[part]!(within);
      });
      return count;
    };
    assert.ok(await run() > 0, "on");
    assert.equal(await run(off), 0, "off");
    assert.ok(await run(off, on) > 0, "on again");
  });
}
