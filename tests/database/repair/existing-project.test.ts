import assert from "node:assert/strict";
import type postgres from "postgres";
import { migrationOf } from "../../../dev/platform/database/migrate.ts";
import { runSqlFile, runStatements } from "../../../dev/platform/database/sql-file.ts";
import { inPairs, inTurns, withConnections } from "../../support/crowd.ts";
import { databaseTest, only, type TestDatabase } from "../../support/database.ts";
import { listRows, listSchema } from "../../support/database-content.ts";
import {
  claim,
  claimed,
  eventKinds,
  events,
  instanceRow,
  leaseRepairs,
  pass,
  recordLogout,
  recordStep,
  verify,
} from "../../support/repair-calls.ts";
import { testServer } from "../../support/server.ts";

const SUPABASE = new URL("../../../dev/platform/database/supabase-project.sql", import.meta.url);
const PROJECT = new URL("../../support/existing-project.sql", import.meta.url);
const DEPLOYED = new URL("../../fixtures/projects/mission/supabase/migrations/", import.meta.url);
const PATCH = ["time", "session", "ghost_repair"].map(migrationOf);
const LADDER = ["gateways", "leases", "session_conflict", "ghost_ladder", "alerts"].map(
  migrationOf,
);

/** What the ladder asks for, besides the patch's columns. */
const PREPARATION = `
  create schema if not exists private;
  create table if not exists private.instance_credentials (
    instance_id uuid primary key references public.whatsapp_instances (id) on delete cascade,
    api_url text not null,
    api_key text not null
  );
  alter table private.instance_credentials enable row level security;
  insert into private.instance_credentials (instance_id, api_url, api_key)
  select id, api_url, api_key from public.whatsapp_instances
  on conflict (instance_id) do update set api_url = excluded.api_url, api_key = excluded.api_key;
  alter table public.whatsapp_instances
    add column if not exists phone_number text,
    add column if not exists reconnect_attempts_count int not null default 0`;

/** What an auto-reconnect of theirs leaves alone. */
const LEAVE_OUT = `
  select i.* from public.whatsapp_instances i
  where i.status = 'disconnected' and not exists (
    select from public.ghost_repairs r where r.instance_id = i.id and r.closed_at is null)`;

/** A project that has tables of its own and none of ours: its database, as this file's template. */
const PROJECT_TEMPLATE = `project_${crypto.randomUUID().replaceAll("-", "")}`;
/** The same with the patch. */
const PATCHED_TEMPLATE = `${PROJECT_TEMPLATE}_patched`;

Deno.test.beforeAll(async () => {
  const server = await testServer();
  await server.createDatabase(PROJECT_TEMPLATE);
  await runSqlFile(`${server.adminUrl}/${PROJECT_TEMPLATE}`, SUPABASE);
  await runSqlFile(server.url(PROJECT_TEMPLATE), PROJECT);
  await server.createDatabase(PATCHED_TEMPLATE, { template: PROJECT_TEMPLATE });
  for (const file of PATCH) await runSqlFile(server.url(PATCHED_TEMPLATE), file);
});

Deno.test.afterAll(async () => {
  const server = await testServer();
  for (const name of [PATCHED_TEMPLATE, PROJECT_TEMPLATE]) await server.dropDatabase(name);
});

const projectTest = (name: string, run: (database: TestDatabase) => Promise<void>) =>
  databaseTest(name, run, { template: PROJECT_TEMPLATE });
const patchedTest = (name: string, run: (database: TestDatabase) => Promise<void>) =>
  databaseTest(name, run, { template: PATCHED_TEMPLATE });

async function apply({ url }: TestDatabase, files: readonly URL[]): Promise<void> {
  for (const file of files) await runSqlFile(url, file);
}

/** The id of one of the project's rows. */
async function idOf(sql: postgres.Sql, name: string): Promise<string> {
  const { id } = await only(sql<{ id: string }[]>`
    select id from public.whatsapp_instances where instance_name = ${name}`);
  return id;
}

projectTest("the patch applies twice and loses nothing, settings neither", async (db) => {
  const schema = await listSchema(db.sql);
  const rows = await db.sql`select * from public.whatsapp_instances order by id`;
  const columns = rows.columns.map((column) => column.name);

  await apply(db, PATCH);
  const old = await db.sql`
    select ${db.sql(columns)} from public.whatsapp_instances order by id`;
  assert.deepEqual([...old], [...rows]);
  const patched = await listSchema(db.sql);
  assert.deepEqual(schema.filter((line) => !patched.includes(line)), []);

  await db.sql`update ghost_repair.settings set
    repair_window = '5 minutes', enabled = false, confirm_at_ms = '{}'`;
  const before = await listRows(db.sql, ["public", "private", "ghost_repair"]);
  await apply(db, PATCH);
  assert.deepEqual(await listSchema(db.sql), patched);
  assert.deepEqual(await listRows(db.sql, ["public", "private", "ghost_repair"]), before);
});

patchedTest("a row is claimed whatever its status, but for one that pairs", async (db) => {
  const { reason } = await claim(db.sql, await idOf(db.sql, "Souza-awaiting_qr"));
  assert.equal(reason, "awaiting_qr");
  for (const name of ["Souza-OFFLINE", "Souza-disconnected", "Souza-"]) {
    const id = await idOf(db.sql, name);
    const { token } = await claimed(db.sql, id);
    assert.equal(await recordLogout(db.sql, id, token), "marked", name);
    assert.equal((await instanceRow(db.sql, id)).status, "disconnected", name);
  }
});

patchedTest("claim and finish work there, whatever the project's triggers rewrite", async (db) => {
  const id = await idOf(db.sql, "Silva-connected");
  const { token } = await claimed(db.sql, id);
  assert.equal(await recordLogout(db.sql, id, token), "marked");
  const marked = await instanceRow(db.sql, id);
  assert.equal(marked.status, "disconnected");
  assert.ok(marked.disconnected_since);

  // The project's own webhook reports, again and again: the limit does not move.
  for (const status of ["disconnected", "connecting", "disconnected"]) {
    await db.sql`update public.whatsapp_instances set status = ${status} where id = ${id}`;
  }
  const rewritten = await instanceRow(db.sql, id);
  assert.notDeepEqual(rewritten.disconnected_since, marked.disconnected_since);
  assert.deepEqual(rewritten.last_disconnected_at, marked.last_disconnected_at);
  assert.equal((await claim(db.sql, id)).reason, "recently_disconnected");
  await pass(db.sql, 121);
  await claimed(db.sql, id);
  assert.deepEqual(await eventKinds(db.sql, id), [
    "connection_closed",
    "logout",
    "marked_disconnected",
    "repair_skipped",
    "connection_closed",
  ]);
});

patchedTest("the project's own report of an open session saves the session", async (db) => {
  const id = await idOf(db.sql, "Silva-connected");
  const { token } = await claimed(db.sql, id);
  await db.sql`update public.whatsapp_instances set status = 'connected' where id = ${id}`;
  assert.equal(await recordLogout(db.sql, id, token), "reconnected");
  assert.equal((await instanceRow(db.sql, id)).status, "connected");
});

patchedTest(
  "of a repair and the project's own open report, 60 times, the report wins",
  async (db) => {
    const rows = await db.sql<{ id: string }[]>`
    insert into public.whatsapp_instances (instance_name, api_url, api_key, status)
    select 'n-' || n, 'https://evolution.example', 'key', 'connected'
    from generate_series(1, 60) n returning id`;
    const ends = await withConnections(
      db,
      16,
      (connections) =>
        inTurns(rows, inPairs(connections), async ([repairer, reporter], { id }) => {
          const { token } = await claimed(repairer, id);
          const report = reporter`
        update public.whatsapp_instances set status = 'connected' where id = ${id}`.execute();
          const result = await recordLogout(repairer, id, token);
          await report;
          return result;
        }),
    );
    const states = await db.sql`
    select distinct status from public.whatsapp_instances where instance_name like 'n-%'`;
    assert.deepEqual([...states], [{ status: "connected" }]);
    assert.equal(ends.length, 60);
  },
);

for (const [type, value] of [["bigint", "7"], ["text", "'silva'"]] as const) {
  projectTest(`tenants whose organization_id is ${type} are repaired`, async (db) => {
    await db.sql.unsafe(`alter table public.whatsapp_instances add column organization_id ${type}
    not null default ${value}`);
    await apply(db, PATCH);
    const id = await idOf(db.sql, "Silva-connected");
    const { token } = await claimed(db.sql, id);
    assert.equal(await recordLogout(db.sql, id, token), "marked");
    assert.equal((await events(db.sql, id)).length, 3);
  });
}

patchedTest("a signed-in user sees no event there without a policy for it", async (db) => {
  const id = await idOf(db.sql, "Silva-connected");
  await claimed(db.sql, id);
  const seen = await db.sql.begin(async (sql) => {
    await sql`set local role authenticated`;
    return await sql`select from public.instance_events`;
  });
  assert.equal(seen.length, 0);
});

databaseTest("the ladder stands on a table that holds what it asks for", async (db) => {
  const { sql, url } = db;
  await runSqlFile(`${db.server.adminUrl}/${db.name}`, SUPABASE);
  for (
    const { name } of [...Deno.readDirSync(DEPLOYED)].toSorted((a, b) => a.name < b.name ? -1 : 1)
  ) await runSqlFile(url, new URL(name, DEPLOYED));
  const { id } = await only(sql<{ id: string }[]>`
    insert into public.whatsapp_instances (instance_name, api_url, api_key, status)
    values ('vendas', 'https://evolution.example', 'the-key', 'connected') returning id`);

  await apply(db, PATCH);
  await runStatements(sql, "the preparation", PREPARATION);
  await apply(db, LADDER);
  await runStatements(sql, "the preparation again", PREPARATION);

  const { token } = await claimed(sql, id);
  assert.equal(await recordLogout(sql, id, token, { logout: "socket_dead" }), "marked");
  const verified = { outcome: "not_invalidated", registry: "open" };
  assert.equal(await verify(sql, id, token, verified), "verified");
  assert.equal((await sql.unsafe(LEAVE_OUT)).length, 0);

  await sql`update public.ghost_repairs set next_step_at = ghost_repair.now()`;
  const lease = await only(leaseRepairs(sql));
  assert.partialDeepStrictEqual(lease, {
    instance_id: id,
    api_url: "https://evolution.example",
    api_key: "the-key",
  });
  assert.equal(await recordStep(sql, lease, { next: "healed" }), true);
  assert.equal((await instanceRow(sql, id)).status, "connected");

  assert.deepEqual(await eventKinds(sql, id), [
    "connection_closed",
    "logout",
    "marked_disconnected",
    "verified",
    "healed",
  ]);

  // The project's own webhook.
  const report = (state: string | null) =>
    only(sql<{ fight: boolean }[]>`
      select public.report_webhook(${id}, ${state}, null) as fight`);
  const heard = () =>
    only(sql<{ heard: boolean }[]>`select ghost_repair.hears_gateway(${id}) as heard`);
  assert.equal((await heard()).heard, false);
  assert.equal((await report(null)).fight, false);
  assert.equal((await heard()).heard, true);
  await sql`select ghost_repair.open_ghost_repair(${id}, '{}')`;
  await report("connecting");
  const { loop } = await only(sql`select public.connecting_seen(${id}, 5) as loop`);
  assert.equal(loop, true);
  const reports: boolean[] = [];
  for (let opening = 0; opening < 9; opening++) reports.push((await report("open")).fight);
  assert.deepEqual(reports, [...Array<boolean>(7).fill(false), true, true]);
  assert.equal((await instanceRow(sql, id)).status, "disconnected");
  const { reason: told } = await only(sql`
    select evidence ->> 'reason' as reason from public.ghost_repairs
    where instance_id = ${id} and closed_at is null`);
  assert.equal(told, "session_conflict");
  await sql`select ghost_repair.close_ghost_repair(${id}, 'healed')`;
  await sql`delete from ghost_repair.session_conflicts`;

  await sql`update ghost_repair.settings set enabled = false`;
  await sql`update public.whatsapp_instances set last_disconnected_at = null`;
  const { reason } = await only(sql`select * from public.claim_ghost_repair(${id})`);
  assert.equal(reason, "disabled");
}, { template: null });
