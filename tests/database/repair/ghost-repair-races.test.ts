import assert from "node:assert/strict";
import type postgres from "postgres";
import { allAtOnce, inPairs, inTurns, untilWaiting, withConnections } from "../../support/crowd.ts";
import { addInstances, companyTest } from "../../support/database.ts";
import {
  claim,
  claimed,
  eventKinds,
  instanceRow,
  recordLogout,
  reportOpen,
  timesOf,
} from "../../support/repair-calls.ts";

const lockInstance = (id: string) => (sql: postgres.ISql) =>
  sql`select from public.whatsapp_instances where id = ${id} for update`;

companyTest("of 24 connections that claim at once exactly one is granted", async (db) => {
  const answers = await allAtOnce(
    db,
    24,
    lockInstance(db.instanceId),
    (sql) => claim(sql, db.instanceId),
  );
  assert.equal(answers.filter((answer) => answer.claimed).length, 1);
  assert.equal(answers.filter((answer) => answer.reason === "repair_in_flight").length, 23);
  const kinds = await eventKinds(db.sql, db.instanceId);
  assert.equal(kinds.filter((kind) => kind === "connection_closed").length, 1);
  assert.equal(await timesOf(db.sql, db.instanceId, "repair_skipped"), 23);
});

companyTest("of 24 connections that finish one claim at once one marks the row", async (db) => {
  const { token } = await claimed(db.sql, db.instanceId);
  const answers = await allAtOnce(
    db,
    24,
    lockInstance(db.instanceId),
    (sql) => recordLogout(sql, db.instanceId, token),
  );
  assert.equal(answers.filter((answer) => answer === "marked").length, 1);
  assert.equal(answers.filter((answer) => answer === "stale").length, 23);
  const kinds = await eventKinds(db.sql, db.instanceId);
  assert.equal(kinds.filter((kind) => kind === "marked_disconnected").length, 1);
});

/** Queues two calls before a row's lock, in this order, and lets them go. */
async function inOrder(
  db: Parameters<Parameters<typeof companyTest>[1]>[0],
  first: (sql: postgres.ISql) => Promise<unknown>,
  second: (sql: postgres.ISql) => Promise<unknown>,
): Promise<void> {
  await withConnections(db, 2, async ([a, b]) => {
    const running: Promise<unknown>[] = [];
    await db.sql.begin(async (transaction) => {
      await lockInstance(db.instanceId)(transaction);
      running.push(first(a!));
      await untilWaiting(db, 1);
      running.push(second(b!));
      await untilWaiting(db, 2);
    });
    await Promise.all(running);
  });
}

companyTest("an open report that stands before the finish wins", async (db) => {
  const { token } = await claimed(db.sql, db.instanceId);
  await inOrder(
    db,
    (sql) => reportOpen(sql, db.instanceId),
    async (sql) => assert.equal(await recordLogout(sql, db.instanceId, token), "reconnected"),
  );
  assert.equal((await instanceRow(db.sql, db.instanceId)).status, "connected");
});

companyTest("an open report behind the finish is not believed but looked into", async (db) => {
  const { token } = await claimed(db.sql, db.instanceId);
  await inOrder(
    db,
    async (sql) => assert.equal(await recordLogout(sql, db.instanceId, token), "marked"),
    (sql) => reportOpen(sql, db.instanceId),
  );
  assert.equal((await instanceRow(db.sql, db.instanceId)).status, "disconnected");
  assert.equal(await isRepairDue(db.sql, db.instanceId), true);
});

/** Whether a repair is open and its next look is due; null where none is open. */
async function isRepairDue(sql: postgres.ISql, id: string): Promise<boolean | null> {
  const [row] = await sql<{ due: boolean }[]>`
    select next_step_at <= ghost_repair.now() as due from public.ghost_repairs
    where instance_id = ${id} and closed_at is null`;
  return row?.due ?? null;
}

companyTest("a repair and an open report, 200 times: none is left for dead", async (db) => {
  const ids = await addInstances(db.sql, db.company, 200);
  const ends = await withConnections(
    db,
    16,
    (connections) =>
      inTurns(ids, inPairs(connections), async ([repairer, reporter], id, index) => {
        // Every other time the report may also come before the claim.
        const early = index % 2 === 0 ? reportOpen(reporter, id) : undefined;
        const { token, connection_epoch } = await claimed(repairer, id);
        const report = early ?? reportOpen(reporter, id);
        const result = await recordLogout(repairer, id, token);
        await report;
        return { id, connection_epoch, result, late: !early };
      }),
  );
  for (const { id, connection_epoch, result, late } of ends) {
    const row = await instanceRow(db.sql, id);
    const reportedSince = row.connection_epoch !== connection_epoch;
    assert.equal(row.status, result === "reconnected" ? "connected" : "disconnected", id);
    // Reported behind the mark: the socket itself is asked at the next tick.
    const due = result === "reconnected" ? null : reportedSince;
    assert.equal(await isRepairDue(db.sql, id), due, id);
    if (late || result === "reconnected") assert.ok(reportedSince, id);
  }
  assert.equal(ends.length, 200);
});
