import assert from "node:assert/strict";
import type postgres from "postgres";
import { examine, planFaults } from "../../../dev/tasks/bench/plans/examine.ts";
import { createFilled } from "../../../dev/tasks/bench/plans/fill.ts";
import { HOT_PATHS } from "../../../dev/tasks/bench/plans/hot-paths.ts";
import { allAtOnce, untilWaiting } from "../../support/crowd.ts";
import { addInstances, type CompanyDatabase, companyTest } from "../../support/database.ts";
import { begin, type Lease, leaseOne, record } from "../../support/reconnect-calls.ts";
import { eventKinds, events, pass } from "../../support/repair-calls.ts";
import { testServer } from "../../support/server.ts";
import { quickTest } from "../../support/quick-test.ts";

/** The third attempt has begun; nobody has said what came of it. */
async function thirdAttempt(db: CompanyDatabase, state = ""): Promise<Lease> {
  await db.sql`update public.whatsapp_instances set
    status = 'disconnected', disconnected_since = ghost_repair.now(), reconnect_attempts_count = 2`;
  const row = await leaseOne(db.sql);
  assert.equal(await begin(db.sql, row.instance_id, row.token), true);
  if (state !== "") {
    await db.sql`update public.whatsapp_instances set ${db.sql.unsafe(state)}`;
  }
  return row;
}

const sweep = (sql: postgres.ISql) => sql`select public.sweep()`;

const TOLD = [{
  kind: "needs_operator",
  detail: { reason: "reconnect_attempts_exhausted" },
}];

for (const status of ["disconnected", "connecting"]) {
  quickTest(`a third attempt that was lost is told once, ${status}`, async (db) => {
    const row = await thirdAttempt(db, `status = '${status}'`);
    await pass(db.sql, 119);
    await sweep(db.sql);
    assert.deepEqual(await events(db.sql, db.instanceId), [], "it may still be under way");

    await pass(db.sql, 2);
    await sweep(db.sql);
    assert.deepEqual(await events(db.sql, db.instanceId), TOLD);
    await sweep(db.sql);
    assert.equal(await record(db.sql, row, { result: "refused" }), false);
    await sweep(db.sql);
    assert.deepEqual(await events(db.sql, db.instanceId), TOLD);
  });
}

quickTest("an attempt that was answered is not told of again", async (db) => {
  const row = await thirdAttempt(db);
  await record(db.sql, row, { result: "refused" });
  await pass(db.sql, 121);
  await sweep(db.sql);
  assert.deepEqual(await eventKinds(db.sql, db.instanceId), ["reconnect", "needs_operator"]);
});

for (
  const state of [
    "status = 'connected', reconnect_attempts_count = 0",
    "status = 'awaiting_qr'",
    "manual_disconnect = true",
    // A person asked for the reconnection meanwhile.
    "reconnect_attempts_count = 0",
  ]
) {
  quickTest(`a lost attempt is no news where since then ${state}`, async (db) => {
    await thirdAttempt(db, state);
    await pass(db.sql, 121);
    await sweep(db.sql);
    // Nor later, when the same number fails again.
    await db.sql`update public.whatsapp_instances set
      status = 'disconnected', manual_disconnect = false, reconnect_attempts_count = 3`;
    await sweep(db.sql);
    assert.deepEqual(await events(db.sql, db.instanceId), []);
  });
}

quickTest("an open repair tells for itself; a lost attempt waits for its end", async (db) => {
  await thirdAttempt(db);
  await db.sql`select ghost_repair.open_ghost_repair(${db.instanceId}, '{}')`;
  await pass(db.sql, 121);
  await sweep(db.sql);
  assert.deepEqual(await events(db.sql, db.instanceId), []);
  await db.sql`select ghost_repair.close_ghost_repair(${db.instanceId}, 'invalidated')`;
  await sweep(db.sql);
  await sweep(db.sql);
  assert.deepEqual(await events(db.sql, db.instanceId), TOLD);
});

companyTest("of 20 sweeps at once exactly one tells, of each of 50 numbers", async (db) => {
  const state = { status: "disconnected", reconnect_attempts_count: 3 };
  const ids = await addInstances(db.sql, db.company, 50, state);
  await db.sql`
    insert into ghost_repair.leases (kind, subject, token, expires_at, gives_up_at)
    select 'reconnect', id, gen_random_uuid(), ghost_repair.now() - interval '1 second', ghost_repair.now() - interval '1 second'
    from unnest(${ids}::uuid[]) id`;
  const lockLeases = (sql: postgres.ISql) =>
    sql`lock table ghost_repair.leases in access exclusive mode`;
  await allAtOnce(db, 20, lockLeases, sweep);
  // Whoever met another one at a number left it to the next minute.
  await sweep(db.sql);
  const told = await db.sql`
    select instance_id from public.instance_events where kind = 'needs_operator'`;
  assert.deepEqual(told.map((row) => row.instance_id).sort(), ids.toSorted());
});

companyTest("of 10 answers to one third attempt at once exactly one tells", async (db) => {
  const row = await thirdAttempt(db);
  const lockNumber = (sql: postgres.ISql) =>
    sql`select from public.whatsapp_instances where id = ${db.instanceId} for update`;
  await allAtOnce(db, 10, lockNumber, (sql) => record(sql, row, { result: "refused" }));
  const kinds = await eventKinds(db.sql, db.instanceId);
  assert.equal(kinds.filter((kind) => kind === "needs_operator").length, 1);
});

companyTest("a number that is deleted at that moment holds nobody up", async (db) => {
  await thirdAttempt(db);
  const [lease] = await db.sql`select token from ghost_repair.leases`;
  let deleted: Promise<unknown> | undefined;
  await db.sql.begin(async (sweeper) => {
    await sweeper`select from public.whatsapp_instances where id = ${db.instanceId} for update`;
    deleted = db.sql`
      select public.finish_delete(${db.instanceId}, ${lease!.token}, '{"deleted": true}')`
      .execute();
    await untilWaiting(db, 1);
    await sweeper`update ghost_repair.leases set gives_up_at = null`;
  });
  await deleted;
  assert.deepEqual([
    ...await db.sql`
    select from public.whatsapp_instances where deleted_at is null`,
  ], []);
});

Deno.test({
  name: "among 5,000 numbers a lost attempt is found by an index",
  // The server outlives the test.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const server = await testServer();
    const database = `lost_${crypto.randomUUID().replaceAll("-", "")}`;
    const sql = await createFilled(server, database, { instances: 5_000, messages: 1_000 });
    try {
      await sql`
        update public.whatsapp_instances set status = 'disconnected', reconnect_attempts_count = 3
        where id in (select subject from ghost_repair.leases order by 1 limit 30)`;
      await sql`
        update ghost_repair.leases set gives_up_at = expires_at
        where subject in (select subject from ghost_repair.leases order by 1 limit 30)`;
      await sql`analyze ghost_repair.leases`;
      const sweep = HOT_PATHS.filter(({ name }) => name === "sweep");
      const [examined] = await examine(`${server.adminUrl}/${database}`, sweep);
      assert.deepEqual(planFaults([examined!]), []);
      // Of the 750 that are away, it is looked up whether they have a gateway.
      assert.ok(examined!.rowsRead >= 30 && examined!.rowsRead < 2_250, `${examined!.rowsRead}`);
    } finally {
      await sql.end({ timeout: 2 });
      await server.dropDatabase(database);
    }
  },
});

quickTest("old leases are forgotten, but for those that a person has to be told of", async (db) => {
  const [told, other] = [crypto.randomUUID(), crypto.randomUUID()];
  await db.sql`
  insert into ghost_repair.leases (kind, subject, token, expires_at, gives_up_at)
  select 'reconnect', id, gen_random_uuid(), ghost_repair.now() - interval '25 hours',
    case when id = ${told} then ghost_repair.now() end
  from unnest(${[told, other]}::uuid[]) id`;
  await db.sql`select public.prune()`;
  const left = await db.sql`select subject from ghost_repair.leases`;
  assert.deepEqual([...left], [{ subject: told }]);
});
