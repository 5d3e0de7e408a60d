import assert from "node:assert/strict";
import { callSql, type CompanyDatabase, only } from "../../support/database.ts";
import { quickTest } from "../../support/quick-test.ts";
import {
  beginStep,
  instanceRow,
  leaseRepairs,
  pass,
  recordStep,
} from "../../support/repair-calls.ts";
import { at, qrCode } from "../../support/webhook-calls.ts";
import {
  addPartner,
  beginCanary,
  nextTurn,
  onTrial,
  recordTrial,
  switchOn,
} from "./trial-calls.ts";

const DAY = 24 * 3_600;

/** A proven deaf number, restarted for it; and its process so often in vain. */
async function restartedForItsHearing(db: CompanyDatabase, processRestarts = 0) {
  const { sql, instanceId } = db;
  await switchOn(db);
  await addPartner(db);
  const lease = await onTrial(db);
  assert.ok(await beginCanary(sql, lease, "to"));
  await recordTrial(sql, lease, { next: "deaf" });
  const { trial_id, token } = await nextTurn(sql);
  assert.ok(await callSql<boolean>(sql, "begin_cure_step", trial_id, token, "restart"));
  if (processRestarts === 0) return;
  await sql`update public.ghost_repairs set
    state = 'restarted', process_restarted_at = ghost_repair.now(),
    process_restart_asked_at = ghost_repair.now(), process_restarts = ${processRestarts}
    where instance_id = ${instanceId}`;
}

/** It is dead now, and leased by the ladder. */
async function die({ sql, instanceId }: CompanyDatabase) {
  assert.ok(await callSql(sql, "suspect_session", instanceId, "slow_send"));
  return await only(leaseRepairs(sql));
}

quickTest("a ghost that was deaf before has its restart before it, and no logout", async (db) => {
  await restartedForItsHearing(db);
  await pass(db.sql, 2 * DAY);
  const lease = await die(db);
  assert.deepEqual(
    [lease["restart_called"], lease["logout_called"], lease["seconds_since_restart"]],
    [false, false, null],
  );
  assert.equal(lease["state"], "open");
  assert.equal(await beginStep(db.sql, lease, "restart"), true);
  assert.equal(await beginStep(db.sql, lease, "restart"), false);
  const row = await only(db.sql`select attempts, step, unanswered_step from public.ghost_repairs`);
  assert.deepEqual({ ...row }, { attempts: 1, step: "restart", unanswered_step: "restart" });
});

for (const [seconds, called] of [[590, true], [610, false]] as const) {
  quickTest(`dead ${seconds} s after its restart, one more is due: ${!called}`, async (db) => {
    await restartedForItsHearing(db);
    await pass(db.sql, seconds);
    const lease = await die(db);
    assert.equal(lease["restart_called"], called);
    assert.equal(lease["seconds_since_restart"] !== null, called);
  });
}

/** What was found of the process before counts only where it was restarted a moment ago. */
for (const [seconds, reason] of [[2 * DAY, "steps_used_up"], [60, "restarted_in_vain"]] as const) {
  quickTest(`restarts of the process in vain, ${seconds} s ago: ${reason}`, async (db) => {
    await restartedForItsHearing(db, 2);
    await pass(db.sql, seconds);
    await recordStep(db.sql, await die(db), { next: "needs_operator", reason: "steps_used_up" });
    const row = await only(
      db.sql`select evidence ->> 'reason' as reason from public.ghost_repairs`,
    );
    assert.equal(row["reason"], reason);
  });
}

quickTest("a QR code is no answer to the restart of days ago: nobody is to scan it", async (db) => {
  await restartedForItsHearing(db);
  await pass(db.sql, 2 * DAY);
  await die(db);
  await qrCode(db.sql, db.instanceId, "2@x", at(1));
  assert.equal((await instanceRow(db.sql, db.instanceId)).status, "connected");
});

quickTest(
  "what was said of its hearing is said no more, and the ghost is as old as it is",
  async (db) => {
    await restartedForItsHearing(db);
    await pass(db.sql, 2 * DAY);
    const lease = await die(db);
    assert.ok(lease["age_seconds"] < 60);
    const row = await only(db.sql`select hearing, evidence, waiting_for from public.ghost_repairs`);
    assert.deepEqual({ ...row }, {
      hearing: null,
      evidence: { suspicion: "slow_send" },
      waiting_for: null,
    });
  },
);

quickTest(
  "deaf before a false alarm, a number is on trial anew, and has a case again",
  async (db) => {
    const { sql } = db;
    await restartedForItsHearing(db);
    await pass(sql, 3_600);
    await recordStep(sql, await die(db), { next: "healed", reason: "false_alarm" });
    assert.deepEqual(await openCases(db), []);
    const lease = await nextTurn(sql);
    assert.deepEqual([lease.known.phase, lease.known.canaries], ["listen", []]);
    assert.ok(await recordTrial(sql, lease, { next: "deaf" }));
    assert.deepEqual(await openCases(db), ["deaf"]);
  },
);

quickTest("whose own trial heals it is on no other", async (db) => {
  const { sql } = db;
  await restartedForItsHearing(db);
  await recordTrial(sql, await nextTurn(sql), { next: "hears" });
  assert.deepEqual(await openCases(db), []);
  assert.equal((await sql`select from ghost_repair.due_trials`).length, 0);
  assert.equal((await sql`select from public.instance_events where kind = 'silence'`).length, 1);
});

async function openCases({ sql }: CompanyDatabase) {
  return (await sql`select hearing from public.ghost_repairs where closed_at is null`)
    .map(({ hearing }) => hearing);
}
