import assert from "node:assert/strict";
import type postgres from "postgres";
import { runSqlFile } from "../../../dev/platform/database/sql-file.ts";
import { allAtOnce, inPairs, inTurns, withConnections } from "../../support/crowd.ts";
import { databaseTest, only, type TestDatabase } from "../../support/database.ts";
import {
  claim,
  claimed,
  eventKinds,
  events,
  instanceRow,
  pass,
  recordLogout,
} from "../../support/repair-calls.ts";
import { listRows, listSchema, migrationFiles } from "../../support/database-content.ts";

const SUPABASE = new URL("../../../dev/platform/database/supabase-project.sql", import.meta.url);
const PROJECT = new URL("../../support/existing-project.sql", import.meta.url);
const PATCH = ["_time.sql", "_session.sql", "_ghost_repair.sql"].flatMap((name) =>
  migrationFiles(name)
);
assert.equal(PATCH.length, 3, "three migrations are the patch");

/** Registers a test on a project that has tables of its own and none of ours. */
function projectTest(name: string, run: (database: TestDatabase) => Promise<void>): void {
  databaseTest(name, async (database) => {
    await runSqlFile(`${database.server.adminUrl}/${database.name}`, SUPABASE);
    await runSqlFile(database.url, PROJECT);
    await run(database);
  }, { template: null });
}

async function applyPatch(database: TestDatabase): Promise<void> {
  for (const file of PATCH) await runSqlFile(database.url, file);
}

/** The id of one of the project's rows. */
async function idOf(sql: postgres.Sql, name: string): Promise<string> {
  const { id } = await only(sql<{ id: string }[]>`
    select id from public.whatsapp_instances where instance_name = ${name}`);
  return id;
}

/** The project's rows without the columns that the patch added. */
async function oldColumns(sql: postgres.Sql, columns: readonly string[]) {
  return [...await sql`select ${sql([...columns])} from public.whatsapp_instances order by id`];
}

projectTest(
  "the patch applies twice to a project with tables of its own and loses nothing",
  async (db) => {
    const schema = await listSchema(db.sql);
    const rows = await db.sql`select * from public.whatsapp_instances order by id`;
    const columns = rows.columns.map((column) => column.name);

    await applyPatch(db);
    const patched = { schema: await listSchema(db.sql), rows: await listRows(db.sql) };
    assert.deepEqual(await oldColumns(db.sql, columns), [...rows]);
    assert.deepEqual(schema.filter((line) => !patched.schema.includes(line)), []);

    await applyPatch(db);
    assert.deepEqual(await listSchema(db.sql), patched.schema);
    assert.deepEqual(await listRows(db.sql), patched.rows);
  },
);

projectTest("the patch keeps the settings that were made since", async (db) => {
  await applyPatch(db);
  await db.sql`update ghost_repair.settings set
    repair_window = '5 minutes', enabled = false, confirm_at_ms = '{}'`;
  const before = await listRows(db.sql);
  await applyPatch(db);
  assert.deepEqual(await listRows(db.sql), before);
});

projectTest("claim and finish work there, whatever the project's triggers rewrite", async (db) => {
  await applyPatch(db);
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

projectTest(
  "the project's own report of an open session saves it from being marked dead",
  async (db) => {
    await applyPatch(db);
    const id = await idOf(db.sql, "Silva-connected");
    const { token } = await claimed(db.sql, id);
    await db.sql`update public.whatsapp_instances set status = 'connected' where id = ${id}`;
    assert.equal(await recordLogout(db.sql, id, token), "reconnected");
    assert.equal((await instanceRow(db.sql, id)).status, "connected");
  },
);

for (
  const [name, reason] of [
    ["Souza-awaiting_qr", "awaiting_qr"],
    ["Souza-OFFLINE", null],
    ["Souza-disconnected", null],
  ] as const
) {
  projectTest(`the row ${name} is ${reason ? `refused as ${reason}` : "claimed"}`, async (db) => {
    await applyPatch(db);
    assert.equal((await claim(db.sql, await idOf(db.sql, name))).reason, reason);
  });
}

projectTest("a row without a status is claimed and marked", async (db) => {
  await applyPatch(db);
  const { id } = await only(db.sql<{ id: string }[]>`
    select id from public.whatsapp_instances where status is null limit 1`);
  const { token } = await claimed(db.sql, id);
  assert.equal(await recordLogout(db.sql, id, token), "marked");
  assert.equal((await instanceRow(db.sql, id)).status, "disconnected");
});

projectTest("of 50 connections that claim at once there exactly one is granted", async (db) => {
  await applyPatch(db);
  const id = await idOf(db.sql, "Souza-connected");
  const answers = await allAtOnce(
    db,
    50,
    (sql) => sql`select from public.whatsapp_instances where id = ${id} for update`,
    (sql) => claim(sql, id),
  );
  assert.equal(answers.filter((answer) => answer.claimed).length, 1);
  assert.equal(answers.filter((answer) => answer.reason === "repair_in_flight").length, 49);
});

projectTest(
  "a repair and the project's own open report, racing 200 times, never end with disconnected on a session reported open after the claim",
  async (db) => {
    await applyPatch(db);
    const rows = await db.sql<{ id: string }[]>`
    insert into public.whatsapp_instances (instance_name, api_url, api_key, status)
    select 'n-' || n, 'https://evolution.example', 'key', 'connected'
    from generate_series(1, 200) n returning id`;
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
    assert.equal(ends.length, 200);
  },
);

for (const [type, value] of [["bigint", "7"], ["text", "'silva'"]] as const) {
  projectTest(
    `tenants whose organization_id is ${type} do not stand in the repair's way`,
    async (db) => {
      await db.sql.unsafe(`alter table public.whatsapp_instances add column organization_id ${type}
      not null default ${value}`);
      await applyPatch(db);
      const id = await idOf(db.sql, "Silva-connected");
      const { token } = await claimed(db.sql, id);
      assert.equal(await recordLogout(db.sql, id, token), "marked");
      assert.equal((await events(db.sql, id)).length, 3);
    },
  );
}

projectTest(
  "a signed-in user sees no event there until the project has a policy for it",
  async (db) => {
    await applyPatch(db);
    const id = await idOf(db.sql, "Silva-connected");
    await claimed(db.sql, id);
    const seen = await db.sql.begin(async (sql) => {
      await sql`set local role authenticated`;
      return await sql`select from public.instance_events`;
    });
    assert.equal(seen.length, 0);
  },
);
