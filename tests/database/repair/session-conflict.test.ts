import assert from "node:assert/strict";
import { z } from "zod";
import {
  at,
  connection,
  FIGHT,
  flap,
  NOT_TOLD,
  operatorView,
  qrCode,
  REPLACED,
  TOLD,
} from "../../support/webhook-calls.ts";
import { allAtOnce } from "../../support/crowd.ts";
import { addCompany, addInstances, companyTest, only } from "../../support/database.ts";
import { readJson } from "../../support/recordings.ts";
import { eventKinds, events, instanceRow, leaseRepairs, pass } from "../../support/repair-calls.ts";
import { quickTest } from "../../support/quick-test.ts";

/** A minute of a fight on a real gateway: milliseconds from the first `open`. */
const FIGHT_RECORDED = z.array(z.object({
  ms: z.number(),
  state: z.string(),
  statusReason: z.number(),
})).parse(readJson("fight-440.json"));

quickTest("reported open seven times in a minute: as ever, and nobody is told", async (db) => {
  await flap(db.sql, db.instanceId, FIGHT - 1);
  assert.deepEqual({ ...await operatorView(db.sql, db.instanceId) }, {
    status: "connected",
    ...NOT_TOLD,
  });
});

quickTest("the eighth time a person is told; two hundred more change nothing", async (db) => {
  await flap(db.sql, db.instanceId, FIGHT);
  assert.deepEqual({ ...await operatorView(db.sql, db.instanceId) }, TOLD);
  assert.deepEqual((await events(db.sql, db.instanceId)).slice(-2), [
    { kind: "marked_disconnected", detail: { source: "session_conflict" } },
    { kind: "needs_operator", detail: { reason: "session_conflict" } },
  ]);
  const { health, reason } = await only(db.sql`
    select health, reason from public.instance_health where instance_id = ${db.instanceId}`);
  assert.deepEqual([health, reason], ["needs_operator", "session_conflict"]);

  const before = await instanceRow(db.sql, db.instanceId);
  const told = await events(db.sql, db.instanceId);
  const results = await flap(db.sql, db.instanceId, 200, 100);
  assert.deepEqual([...new Set(results)], ["applied"]);
  const after = await instanceRow(db.sql, db.instanceId);
  assert.deepEqual(await events(db.sql, db.instanceId), told);
  assert.deepEqual({ ...await operatorView(db.sql, db.instanceId) }, TOLD);
  for (const column of ["status", "connection_epoch", "disconnected_since"]) {
    assert.deepEqual(after[column], before[column], column);
  }
  assert.ok(after["last_webhook_at"] > before["last_webhook_at"]);
  assert.deepEqual(await leaseRepairs(db.sql), [], "the ladder leaves it alone");
});

quickTest("a minute of a real gateway's fight: told after ten seconds, and once", async (db) => {
  const started = at(0).getTime();
  let now = 0;
  let toldAfter: number | null = null;
  for (const { ms, state, statusReason } of FIGHT_RECORDED) {
    await pass(db.sql, Math.max(0, (ms - now) / 1000));
    now = Math.max(now, ms);
    await connection(db.sql, db.instanceId, state, new Date(started + ms), {
      reason: statusReason,
    });
    const { told } = await operatorView(db.sql, db.instanceId);
    if (told === 1) toldAfter ??= ms;
  }
  assert.ok(toldAfter !== null && toldAfter < 10_000, `after ${toldAfter} ms`);
  assert.deepEqual({ ...await operatorView(db.sql, db.instanceId) }, TOLD);
  const kinds = await eventKinds(db.sql, db.instanceId);
  assert.ok(kinds.length <= FIGHT + 2, kinds.join());
  await pass(db.sql, 59);
  assert.deepEqual(await leaseRepairs(db.sql), [], "its silence is not over");
});

quickTest("a fight as slow as one ever was is told within 90 s", async (db) => {
  // 14 a minute.
  for (let opening = 0; opening * 60 / 14 < 85; opening++) {
    await connection(db.sql, db.instanceId, "open", at(opening));
    await pass(db.sql, 60 / 14);
  }
  assert.deepEqual({ ...await operatorView(db.sql, db.instanceId) }, TOLD);
});

quickTest("a process that starts anew every ten seconds is no fight", async (db) => {
  for (let start = 0; start < 60; start++) {
    await connection(db.sql, db.instanceId, "connecting", at(start));
    await connection(db.sql, db.instanceId, "open", at(start));
    await pass(db.sql, 10);
  }
  assert.partialDeepStrictEqual(await operatorView(db.sql, db.instanceId), {
    status: "connected",
    ...NOT_TOLD,
  });
});

quickTest("nor is a loop that tries in vain for an hour and then succeeds once", async (db) => {
  for (let attempt = 0; attempt < 600; attempt++) {
    await connection(db.sql, db.instanceId, "connecting", at(attempt));
  }
  await connection(db.sql, db.instanceId, "open", at(700));
  assert.partialDeepStrictEqual(await operatorView(db.sql, db.instanceId), NOT_TOLD);
});

quickTest("closes by another socket count as well, for gateways that report them", async (db) => {
  for (let minute = 1; minute < FIGHT; minute++) {
    await connection(db.sql, db.instanceId, "close", at(minute), { reason: REPLACED });
  }
  assert.partialDeepStrictEqual(await operatorView(db.sql, db.instanceId), NOT_TOLD);
  await connection(db.sql, db.instanceId, "close", at(FIGHT), { reason: REPLACED });
  assert.deepEqual({ ...await operatorView(db.sql, db.instanceId) }, TOLD);
});

quickTest("closes for other reasons, late and repeated reports do not count", async (db) => {
  await flap(db.sql, db.instanceId, FIGHT - 1, 10);
  for (let minute = 20; minute < 40; minute++) {
    const reason = minute % 2 ? 401 : 428;
    await connection(db.sql, db.instanceId, "close", at(minute), { reason });
  }
  for (let again = 0; again < 10; again++) {
    assert.equal(
      await connection(db.sql, db.instanceId, "close", at(39), { reason: 401 }),
      "ignored",
    );
  }
  assert.partialDeepStrictEqual(await operatorView(db.sql, db.instanceId), NOT_TOLD);
  await flap(db.sql, db.instanceId, 1, 60);
  assert.deepEqual({ ...await operatorView(db.sql, db.instanceId) }, TOLD);
});

quickTest("a number that a person disconnected stays as that person left it", async (db) => {
  await db.sql`update public.whatsapp_instances
    set status = 'disconnected', manual_disconnect = true, disconnected_since = ghost_repair.now()`;
  for (let minute = 1; minute <= FIGHT; minute++) {
    await connection(db.sql, db.instanceId, "close", at(minute), { reason: REPLACED });
  }
  const before = await instanceRow(db.sql, db.instanceId);
  await flap(db.sql, db.instanceId, 20, 10);
  const after = await instanceRow(db.sql, db.instanceId);
  for (const column of ["status", "manual_disconnect", "disconnected_since", "connection_epoch"]) {
    assert.deepEqual(after[column], before[column], column);
  }
  assert.deepEqual(await eventKinds(db.sql, db.instanceId), []);
  assert.partialDeepStrictEqual(await operatorView(db.sql, db.instanceId), NOT_TOLD);
});

quickTest("nor is a number touched that waits for a scan; the scan connects it", async (db) => {
  await db.sql`update public.whatsapp_instances set status = 'disconnected'`;
  await qrCode(db.sql, db.instanceId, "2@x", at(0));
  const before = await instanceRow(db.sql, db.instanceId);
  for (let minute = 1; minute <= 20; minute++) {
    await connection(db.sql, db.instanceId, "close", at(minute), { reason: REPLACED });
  }
  const after = await instanceRow(db.sql, db.instanceId);
  for (const column of ["status", "disconnected_since", "connection_epoch"]) {
    assert.deepEqual(after[column], before[column], column);
  }
  assert.equal((await db.sql`select from private.instance_qr_codes`).length, 1);
  assert.partialDeepStrictEqual(await operatorView(db.sql, db.instanceId), NOT_TOLD);
  await connection(db.sql, db.instanceId, "open", at(30));
  assert.equal((await instanceRow(db.sql, db.instanceId)).status, "connected");
});

quickTest("while repairs are switched off the webhooks mean what they say", async (db) => {
  await db.sql`update ghost_repair.settings set enabled = false`;
  await flap(db.sql, db.instanceId, 2 * FIGHT);
  assert.partialDeepStrictEqual(await operatorView(db.sql, db.instanceId), NOT_TOLD);
  await connection(db.sql, db.instanceId, "open", at(50));
  assert.equal((await instanceRow(db.sql, db.instanceId)).status, "connected");
});

companyTest("other numbers, the same company's or another's, stay as they are", async (db) => {
  const other = await addCompany(db.sql, "other");
  const [neighbour] = await addInstances(db.sql, db.company, 1);
  await flap(db.sql, other.instanceId, FIGHT - 1);
  const look = async () => ({
    instances: await Promise.all(
      [other.instanceId, neighbour!].map((id) => instanceRow(db.sql, id)),
    ),
    events: [
      ...await db.sql`select * from public.instance_events
      where instance_id <> ${db.instanceId} order by id`,
    ],
    counted: [
      ...await db.sql`select * from ghost_repair.session_conflicts
      where instance_id <> ${db.instanceId}`,
    ],
  });
  const before = await look();
  await flap(db.sql, db.instanceId, 3 * FIGHT);
  assert.deepEqual({ ...await operatorView(db.sql, db.instanceId) }, TOLD);
  assert.deepEqual(await look(), before);
  const [organization, ...more] = await db.sql`
    select distinct organization_id as id from public.ghost_repairs`;
  assert.deepEqual([organization?.["id"], more], [db.company.organizationId, []]);
});

companyTest("of 20 reports that are delivered at once one tells the person", async (db) => {
  await flap(db.sql, db.instanceId, FIGHT - 1);
  const results = await allAtOnce(
    db,
    20,
    (sql) => sql`select from public.whatsapp_instances where id = ${db.instanceId} for update`,
    (sql, index) => connection(sql, db.instanceId, "open", at(60 + index)),
  );
  assert.ok(results.includes("applied"));
  assert.deepEqual({ ...await operatorView(db.sql, db.instanceId) }, TOLD);
});

companyTest("20 numbers that begin to fight at once are each told of once", async (db) => {
  const ids = await addInstances(db.sql, db.company, 20);
  for (const id of ids) await flap(db.sql, id, FIGHT - 1);
  await allAtOnce(
    db,
    20,
    (sql) => sql`lock table ghost_repair.session_conflicts in access exclusive mode`,
    (sql, index) => flap(sql, ids[index]!, 5, 10),
  );
  for (const id of ids) assert.deepEqual({ ...await operatorView(db.sql, id) }, TOLD);
});
