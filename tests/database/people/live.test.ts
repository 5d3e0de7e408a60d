import assert from "node:assert/strict";
import type postgres from "postgres";
import { type ApiRole, as } from "../../support/api-roles.ts";
import { addCompany } from "../../support/database.ts";
import { quickTest } from "../../support/quick-test.ts";

const LIVE = new URL(
  "../../../supabase/migrations/20261126201420_live.sql",
  import.meta.url,
);

/** Realtime as far as a broadcast from the database meets it: its table, its function, its topic. */
const REALTIME = `
  create schema realtime;
  grant usage on schema realtime to authenticated;
  create table realtime.messages (
    topic text not null, extension text not null, payload jsonb, event text, private boolean);
  alter table realtime.messages enable row level security;
  grant select, insert on realtime.messages to authenticated;
  create function realtime.topic() returns text language sql stable as
    $$ select current_setting('realtime.topic', true) $$;
  create function realtime.send(payload jsonb, event text, topic text, private boolean default true)
  returns void language sql as
    $$ insert into realtime.messages values (topic, 'broadcast', payload, event, private) $$;`;

async function install(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(REALTIME);
  await sql.unsafe(await Deno.readTextFile(LIVE));
}

quickTest("a change is broadcast to its organization alone: which number, and what", async (db) => {
  await install(db.sql);
  await db.sql`select ghost_repair.add_event(${db.instanceId}, 'healed', '{"after_seconds": 9}')`;
  const sent = await db.sql`select topic, event, payload, private from realtime.messages`;
  assert.deepEqual([...sent], [{
    topic: `fleet:${db.company.organizationId}`,
    event: "change",
    payload: { kind: "healed", instanceId: db.instanceId },
    private: true,
  }]);
});

quickTest("members listen to their own organization alone, and nobody talks", async (db) => {
  await install(db.sql);
  const stranger = await addCompany(db.sql, "elsewhere");
  await db.sql`select ghost_repair.add_event(${db.instanceId}, 'healed', '{}')`;
  const heard = (role: ApiRole, userId: string, topic: string) =>
    as(db.sql, { role, userId }, async (tx) => {
      await tx`select set_config('realtime.topic', ${topic}, true)`;
      return (await tx`select from realtime.messages`).length;
    });
  const { organizationId, userId } = db.company;
  assert.equal(await heard("authenticated", userId, `fleet:${organizationId}`), 1);
  assert.equal(await heard("authenticated", stranger.userId, `fleet:${organizationId}`), 0);
  assert.equal(await heard("authenticated", userId, "fleet:everybody"), 0);
  await assert.rejects(
    as(
      db.sql,
      { role: "authenticated", userId },
      (tx) => tx`insert into realtime.messages values (${`fleet:${organizationId}`}, 'broadcast')`,
    ),
    { code: "42501" },
  );
});

quickTest("a page is told what to listen to, where there is Realtime", async (db) => {
  await addCompany(db.sql, "elsewhere");
  const channels = () =>
    as(db.sql, { role: "authenticated", userId: db.company.userId }, async (tx) => {
      const [row] = await tx`select public.fleet_channels() as organizations`;
      return row!.organizations;
    });
  assert.deepEqual(await channels(), []);
  await install(db.sql);
  assert.deepEqual(await channels(), [db.company.organizationId]);
});

quickTest("without Realtime, or where it fails, the change is written all the same", async (db) => {
  const happen = () => db.sql`select ghost_repair.add_event(${db.instanceId}, 'healed', '{}')`;
  await happen();
  await install(db.sql);
  await db.sql`drop table realtime.messages cascade`;
  await happen();
  const events = await db.sql`select from public.instance_events where kind = 'healed'`;
  assert.equal(events.length, 2);
});
