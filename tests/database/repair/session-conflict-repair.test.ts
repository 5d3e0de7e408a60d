import assert from "node:assert/strict";
import { at, connection, FIGHT, flap, operatorView, TOLD } from "../../support/webhook-calls.ts";
import { type CompanyDatabase, only } from "../../support/database.ts";
import {
  beginStep,
  claim,
  claimed,
  confirm,
  eventKinds,
  instanceRow,
  leaseRepairs,
  pass,
  recordLogout,
  recordStep,
} from "../../support/repair-calls.ts";
import { lease as leaseReconnects } from "../../support/reconnect-calls.ts";
import { quickTest } from "../../support/quick-test.ts";

function repairs(db: CompanyDatabase) {
  return db.sql`select id, state, outcome, evidence ->> 'reason' as reason,
      round(extract(epoch from next_step_at - ghost_repair.now()))::int as seconds
    from public.ghost_repairs where instance_id = ${db.instanceId} order by opened_at`;
}

/** A repair that a tick is just working on. */
async function climbing(db: CompanyDatabase) {
  await db.sql`update public.whatsapp_instances set status = 'disconnected'
    where id = ${db.instanceId}`;
  await db
    .sql`select ghost_repair.open_ghost_repair(${db.instanceId}, '{"logout": "socket_dead"}')`;
  return await only(leaseRepairs(db.sql));
}

quickTest("a repair that is open is the one that waits for a person", async (db) => {
  const lease = await climbing(db);
  await flap(db.sql, db.instanceId, FIGHT);
  assert.deepEqual({ ...await operatorView(db.sql, db.instanceId) }, TOLD);
  const [repair, ...more] = await repairs(db);
  assert.deepEqual([repair?.["id"], more.length], [lease.repair_id, 0]);
  assert.ok(repair!["seconds"] > 60 && repair!["seconds"] <= 75);
});

for (const next of ["healed", "invalidated", "wait", "needs_operator"]) {
  quickTest(`a tick that was at work on it has lost it: no call, no ${next}`, async (db) => {
    const lease = await climbing(db);
    await flap(db.sql, db.instanceId, FIGHT);
    const before = await eventKinds(db.sql, db.instanceId);
    for (const step of ["connect", "restart", "logout"]) {
      assert.equal(await beginStep(db.sql, lease, step), false, step);
    }
    assert.equal(await recordStep(db.sql, lease, { next, reason: "late" }), false);
    assert.deepEqual(await eventKinds(db.sql, db.instanceId), before);
    assert.deepEqual({ ...await operatorView(db.sql, db.instanceId) }, TOLD);
  });
}

quickTest("a person who was told of something else is told again", async (db) => {
  const lease = await climbing(db);
  await recordStep(db.sql, lease, { next: "needs_operator", reason: "whatsapp_unreachable" });
  const take = () => db.sql`select reason from public.claim_operator_notices(10)`;
  assert.deepEqual((await take()).map((row) => row["reason"]), ["whatsapp_unreachable"]);
  await flap(db.sql, db.instanceId, FIGHT);
  // The first call's answer comes late: it says nothing about the second.
  await db.sql`select public.record_operator_notice(${lease.repair_id}, 'accepted')`;
  assert.deepEqual((await take()).map((row) => row["reason"]), ["session_conflict"]);
  await db.sql`select public.record_operator_notice(${lease.repair_id}, 'accepted')`;
  await db.sql`update ghost_repair.operator_notices set next_attempt_at = ghost_repair.now()`;
  await flap(db.sql, db.instanceId, 20, 100);
  assert.deepEqual([...await take()], []);
});

quickTest("a failed send is given no repair, though nobody leases the ladder", async (db) => {
  await flap(db.sql, db.instanceId, FIGHT);
  await pass(db.sql, 150);
  assert.equal((await claim(db.sql, db.instanceId)).reason, "needs_operator");
  assert.deepEqual(await leaseReconnects(db.sql), []);
  // Until the first probe after the fight has had its turn, and no longer where there is none.
  await pass(db.sql, 300);
  assert.equal((await claim(db.sql, db.instanceId)).reason, "needs_operator");
  await pass(db.sql, 301);
  await claimed(db.sql, db.instanceId);
});

quickTest("a claim from before the fight logs nobody out", async (db) => {
  // All `open`s are lost, so that nothing but the fight itself says so.
  for (let minute = 1; minute < FIGHT; minute++) {
    await connection(db.sql, db.instanceId, "close", at(minute), { reason: 440 });
  }
  await db.sql`update public.whatsapp_instances set last_disconnected_at = null`;
  const { token } = await claimed(db.sql, db.instanceId);
  await connection(db.sql, db.instanceId, "close", at(FIGHT), { reason: 440 });
  assert.equal(await confirm(db.sql, db.instanceId, token), "repair_in_flight");
  assert.deepEqual({ ...await operatorView(db.sql, db.instanceId) }, TOLD);
});

quickTest("a logout that was on its way when the fight began marks nothing", async (db) => {
  for (let minute = 1; minute < FIGHT; minute++) {
    await connection(db.sql, db.instanceId, "close", at(minute), { reason: 440 });
  }
  await db.sql`update public.whatsapp_instances set last_disconnected_at = null`;
  const { token } = await claimed(db.sql, db.instanceId);
  assert.equal(await confirm(db.sql, db.instanceId, token), "go");
  await connection(db.sql, db.instanceId, "close", at(FIGHT), { reason: 440 });
  assert.equal(await recordLogout(db.sql, db.instanceId, token), "reconnected");
  assert.deepEqual({ ...await operatorView(db.sql, db.instanceId) }, TOLD);
});

quickTest("a minute after the last report the probe decides: alive, so healed", async (db) => {
  await flap(db.sql, db.instanceId, FIGHT);
  await pass(db.sql, 50);
  await flap(db.sql, db.instanceId, 1, 100);
  // The look was put off with the report.
  await pass(db.sql, 55);
  assert.deepEqual(await leaseRepairs(db.sql), []);
  await pass(db.sql, 20);
  const lease = await only(leaseRepairs(db.sql));
  assert.equal(lease["state"], "needs_operator");
  assert.equal(await recordStep(db.sql, lease, { next: "healed", socket_dead: false }), true);
  assert.equal((await instanceRow(db.sql, db.instanceId)).status, "connected");
  assert.deepEqual((await repairs(db)).map((row) => row["outcome"]), ["healed"]);
  assert.equal((await eventKinds(db.sql, db.instanceId)).at(-1), "healed");
});

quickTest("dead, so it goes on waiting for a person, who is not told twice", async (db) => {
  await flap(db.sql, db.instanceId, FIGHT);
  await pass(db.sql, 76);
  const lease = await only(leaseRepairs(db.sql));
  const dead = { next: "needs_operator", socket_dead: true, seconds: 270 };
  assert.equal(await recordStep(db.sql, lease, dead), true);
  assert.partialDeepStrictEqual((await repairs(db))[0], {
    reason: "session_conflict",
    seconds: 270,
  });
  // The fight begins again.
  await flap(db.sql, db.instanceId, 2 * FIGHT, 100);
  assert.deepEqual({ ...await operatorView(db.sql, db.instanceId) }, TOLD);
});

quickTest("healed, it is an `open` like any other that connects", async (db) => {
  await flap(db.sql, db.instanceId, FIGHT);
  await pass(db.sql, 76);
  await recordStep(db.sql, await only(leaseRepairs(db.sql)), { next: "healed" });
  await connection(db.sql, db.instanceId, "close", at(200), { reason: 401 });
  await connection(db.sql, db.instanceId, "open", at(201));
  assert.equal((await instanceRow(db.sql, db.instanceId)).status, "connected");
  // A second fight is news.
  await flap(db.sql, db.instanceId, 2 * FIGHT, 300);
  const { told, notices } = await operatorView(db.sql, db.instanceId);
  assert.deepEqual([told, notices], [2, 2]);
});
