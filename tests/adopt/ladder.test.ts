import assert from "node:assert/strict";
import { advanceDatabase } from "../../dev/platform/database/database-clock.ts";
import { findChoosingAgain } from "../database/chosen-again.ts";
import type postgres from "postgres";
import { adoptedTest } from "./adopted-world.ts";
import { type KindName, kindOf } from "./projects.ts";

const MISSION = "public.whatsapp_instances i where status = 'disconnected'";
const NUMBERS = "public.wa_instances i where status in ('Disconnected', 'Error')";

/** What their auto-reconnect finds: numbers that are dead in their words, and not the ladder's. */
async function listed(sql: postgres.Sql, dead: string): Promise<number> {
  const rows = await sql.unsafe(`select from ${dead} and not public.ghost_repair_open(i)`);
  return rows.length;
}

const KEYS: readonly (readonly [KindName, dead: string, open: string, keyFrom?: string])[] = [
  ["mission", MISSION, "connected", "api_key"],
  ["environment-key", NUMBERS, "Connected"],
  ["environment-key", NUMBERS, "Connected", "env:EVOLUTION_API_KEY"],
  [
    "checked-words",
    "public.whatsapp_connections i where is_connected is not true",
    "connected t",
    "evolution_servers.api_key",
  ],
];

for (const [name, dead, open, keyFrom] of KEYS) {
  const kind = kindOf(name);
  const connects = "an adopted ladder connects what a logout cannot reach";
  adoptedTest(
    `${connects}, with the key from ${keyFrom ?? "the send"}: ${name}`,
    kind,
    async (project, sql) => {
      assert.deepEqual((await findChoosingAgain(sql)).again, []);
      const { gateway, send, state, events, tick } = project;
      const ghost = await project.addNumber("vendas");
      for (const statement of kind.afterInsert("evolution-key")) await sql.unsafe(statement);
      gateway.control.ghost("vendas", "H1");
      await send("vendas");
      assert.equal(await state(ghost), kind.dead, project.lines.join());
      // The ladder has it: nobody may believe the registry, which says open.
      assert.equal(await listed(sql, dead), 0);

      assert.equal((await tick("guessed")).status, 401);
      await advanceDatabase(sql, 60_000);
      assert.deepEqual(await (await tick()).json(), {
        success: true,
        leased: 1,
        healed: 1,
        stopped: null,
      }, project.lines.join());
      assert.equal(await state(ghost), open);
      assert.deepEqual((await events(ghost)).slice(-2), ["repair_step", "healed"]);
      assert.deepEqual(await send("vendas"), [201]);
      assert.equal(project.logouts("vendas"), 1);

      // What is remembered of a key is no more than what has to be.
      const [kept] = await sql<{ key: string | null }[]>`
        select c.api_key as key from ghost_repair.credentials c`;
      assert.equal(kept!.key, keyFrom === undefined ? "evolution-key" : null);
    },
    { ladder: true, ...keyFrom === undefined ? {} : { keyFrom } },
  );
}

/** Registers a test of the mission's project with a ladder. */
function ladderTest(name: string, run: Parameters<typeof adoptedTest>[2]): void {
  adoptedTest(name, kindOf("mission"), run, { ladder: true });
}

ladderTest(
  "an adopted ladder takes a live loop for one, because their webhook reports it",
  async (project, sql) => {
    const { gateway, tick, report } = project;
    const steps = async () => {
      await advanceDatabase(sql, 60_000);
      const { wait, healed } = await (await tick()).json();
      const [repair] = await sql<{ waiting: string | null }[]>`
        select waiting_for as waiting from ghost_repair.repairs where closed_at is null`;
      return [{ wait, healed }, repair?.waiting ?? null];
    };
    const webhook = (instance: string, event: string, data = {}) =>
      report({ event, instance, server_url: "http://inside:8080", data });
    const ghost = await project.addNumber("vendas");
    await project.addNumber("suporte");
    gateway.control.ghost("vendas", "H1");
    await project.send("vendas");
    // Another number is connected, and no webhook came: silence proves nothing.
    assert.deepEqual(await steps(), [{ wait: 1, healed: undefined }, "unheard"]);
    // One of the other number's is one of the gateway's; and this one is connecting.
    await webhook("suporte", "messages.upsert");
    const [heard] = await sql`select ghost_repair.hears_gateway(${ghost}) as heard`;
    assert.equal(heard!["heard"], true);
    await webhook("vendas", "connection.update", { state: "connecting", statusReason: 200 });
    await sql`update ghost_repair.connecting_signals
      set last_at = ghost_repair.now() + interval '1 minute'`;
    assert.deepEqual(await steps(), [{ wait: 1, healed: undefined }, "live_loop"]);
    await advanceDatabase(sql, 120_000);
    await webhook("suporte", "messages.upsert");
    assert.deepEqual(await steps(), [{ wait: undefined, healed: 1 }, null]);
    assert.deepEqual((await project.events(ghost)).slice(-1), ["healed"]);

    // Whoever sent it: no number is marked by a webhook that nobody has looked at.
    for (let report = 0; report < 8; report++) {
      await webhook("suporte", "CONNECTION_UPDATE", { state: "open" });
    }
    const open = await sql`select from ghost_repair.repairs where closed_at is null`;
    assert.equal(open.length, 0);
    // Of a number that nobody knows, and of what is no webhook, nothing follows.
    await webhook("nobody", "connection.update", { state: "open" });
    await report({ action: "send" });
    assert.deepEqual(project.lines.filter((line) => /reported/.test(line)), []);
  },
);

ladderTest(
  "an adopted ladder leaves a number that waits for a scan, or that a person disconnected",
  async (project, sql) => {
    for (
      const [name, set, outcome] of [
        ["scan", "status = 'awaiting_qr'", "awaiting_qr"],
        ["hand", "manual_disconnect = true", "manual"],
      ] as const
    ) {
      const id = await project.addNumber(name);
      project.gateway.control.ghost(name, "H1");
      await project.send(name);
      await sql.unsafe(`update public.whatsapp_instances set ${set} where id = $1`, [id]);
      const [repair] = await sql<{ outcome: string }[]>`
        select outcome from ghost_repair.repairs where instance_id = ${id}`;
      assert.equal(repair!.outcome, outcome);
    }
  },
);

ladderTest(
  "an adopted ladder calls nothing at numbers that fail with their gateway",
  async (project, sql) => {
    const names = ["a", "b", "c"];
    for (const name of [...names, "alive"]) await project.addNumber(name);
    for (const name of names) project.gateway.control.ghost(name, "H1");
    await project.sendAll(names);
    await advanceDatabase(sql, 60_000);
    await project.tick();
    const [waiting] = await sql<{ n: number }[]>`
      select count(*)::int as n from ghost_repair.repairs where waiting_for = 'outage'`;
    assert.equal(waiting!.n, 3);
    // Of a hundred numbers three are no outage, although nothing is known of the others.
    await sql.unsafe(`insert into public.whatsapp_instances (instance_name, api_url, status)
      select 'n-' || n, 'http://evolution.test/manager', 'connected' from generate_series(1, 97) n`);
    const [outage] = await sql<{ any: boolean }[]>`
      select bool_or(ghost_repair.is_outage(r.id)) as any from ghost_repair.repairs r`;
    assert.equal(outage!.any, false);
  },
);

ladderTest(
  "the database calls an adopted ladder where a step is due, at the address that a send told",
  async (project, sql) => {
    await sql.unsafe(`create schema net; create table net.calls (url text, headers jsonb);
      create function net.http_post(url text, body jsonb, headers jsonb, timeout_milliseconds int)
        returns bigint language sql as 'insert into net.calls values (url, headers) returning 1'`)
      .simple();
    const called = async () =>
      (await sql`select ghost_repair.call_ladder() as called`)[0]!["called"];
    await project.addNumber("vendas");
    project.gateway.control.ghost("vendas", "H1");
    assert.equal(await called(), false);
    await project.send("vendas");
    assert.equal(await called(), true);
    await sql`update ghost_repair.repairs set next_step_at = next_step_at + interval '1 hour'`;
    assert.equal(await called(), false);
    const [call] = await sql<{ url: string; headers: Record<string, string> }[]>`
      select url, headers from net.calls`;
    const [own] = await sql<{ secret: string }[]>`select secret from ghost_repair.scheduler`;
    assert.equal(call!.url, "https://project.test/functions/v1/advance-ghost-repairs");
    assert.equal(call!.headers["x-cron-secret"], own!.secret);
    assert.equal(call!.headers["authorization"], "Bearer eyJ.public");
    // Nobody reads what is inside, and nobody but the service role calls it.
    for (const role of ["anon", "authenticated", "service_role"]) {
      const [may] = await sql<{ usage: boolean; calls: number; reads: boolean }[]>`
        select has_schema_privilege(${role}, 'ghost_repair', 'usage') as usage,
          has_table_privilege(${role}, 'ghost_repair.credentials', 'select') as reads,
          (select count(*)::int from pg_proc p where p.pronamespace = 'public'::regnamespace
            and p.prosecdef and has_function_privilege(${role}, p.oid, 'execute')) as calls`;
      assert.deepEqual([may!.usage, may!.reads, may!.calls > 0], [
        false,
        false,
        role === "service_role",
      ], role);
    }
  },
);
