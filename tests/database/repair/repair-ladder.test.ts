import assert from "node:assert/strict";
import type postgres from "postgres";
import { allAtOnce, untilWaiting } from "../../support/crowd.ts";
import { type CompanyDatabase, companyTest, only } from "../../support/database.ts";
import {
  beginStep,
  eventKinds,
  instanceRow,
  leaseRepairs,
  openRepairs,
  pass,
  recordStep,
} from "../../support/repair-calls.ts";
import { at, connection, qrCode } from "../../support/webhook-calls.ts";
import { quickTest } from "../../support/quick-test.ts";

/** The only repair, with its lease. */
async function leasedRepair(db: CompanyDatabase) {
  const [id] = await openRepairs(db, 1);
  return { id: id!, lease: await only(leaseRepairs(db.sql)) };
}

function repairOf(sql: postgres.ISql, instanceId: string): Promise<postgres.Row> {
  return only(sql`select * from public.ghost_repairs where instance_id = ${instanceId}`);
}

quickTest("within one tick a repair has one turn; the next tick takes it again", async (db) => {
  const { lease } = await leasedRepair(db);
  await recordStep(db.sql, lease, { next: "wait", reason: "gateway_unreachable" });
  await db.sql`update public.ghost_repairs set next_step_at = ghost_repair.now()`;
  assert.deepEqual(await leaseRepairs(db.sql, 10, lease.tick), []);
  assert.equal((await leaseRepairs(db.sql)).length, 1);
});

companyTest("20 connections that lease at once get every due repair exactly once", async (db) => {
  const ids = await openRepairs(db, 100);
  const leased = await allAtOnce(
    db,
    20,
    (sql) => sql`lock table ghost_repair.leases in access exclusive mode`,
    (sql) => leaseRepairs(sql, 10),
  );
  const all = [...leased.flat(), ...await leaseRepairs(db.sql)];
  assert.deepEqual(all.map((row) => row.instance_id).sort(), ids.sort());
});

companyTest("of 20 connections that ask for the logout at once one is granted it", async (db) => {
  const { id, lease } = await leasedRepair(db);
  const granted = await allAtOnce(
    db,
    20,
    (sql) => sql`select from public.whatsapp_instances where id = ${id} for update`,
    (sql) => beginStep(sql, lease, "logout"),
  );
  assert.equal(granted.filter(Boolean).length, 1);
  assert.deepEqual(await eventKinds(db.sql, id), ["repair_step"]);
});

for (const step of ["connect", "restart", "logout"]) {
  quickTest(`the ${step} is granted once in a repair's life`, async (db) => {
    const { id, lease } = await leasedRepair(db);
    assert.equal(await beginStep(db.sql, lease, step), true);
    assert.equal(await beginStep(db.sql, lease, step), false);
    assert.deepEqual(await eventKinds(db.sql, id), ["repair_step"]);
    const { last_disconnected_at } = await instanceRow(db.sql, id);
    assert.equal(last_disconnected_at !== null, step === "logout");

    await recordStep(db.sql, lease, { next: "stepped", step, answer: { outcome: "answered" } });
    const next = await only(leaseRepairs(db.sql));
    assert.equal(await beginStep(db.sql, next, step), false);
  });
}

for (const [step, times] of [["connect", 2], ["restart", 2], ["logout", 1]] as const) {
  quickTest(`a ${step} without a known answer is granted ${times} times in all`, async (db) => {
    const { lease } = await leasedRepair(db);
    const granted = [await beginStep(db.sql, lease, step)];
    for (let again = 0; again < 3; again++) {
      await db.sql`update ghost_repair.leases set
      leased_at = leased_at - interval '121 seconds',
      expires_at = expires_at - interval '121 seconds'`;
      const later = await only(leaseRepairs(db.sql));
      granted.push(await beginStep(db.sql, later, step));
    }
    assert.equal(granted.filter(Boolean).length, times);
  });
}

companyTest("of 20 suspicions at once one opens a repair", async (db) => {
  const opened = await allAtOnce(
    db,
    20,
    (sql) => sql`select from public.whatsapp_instances where id = ${db.instanceId} for update`,
    async (sql) => {
      const { yes } = await only(sql<{ yes: boolean }[]>`
        select public.suspect_session(${db.instanceId}, 'slow_send') as yes`);
      return yes;
    },
  );
  assert.equal(opened.filter(Boolean).length, 1);
  assert.equal((await db.sql`select from public.ghost_repairs`).length, 1);
});

companyTest("of 20 connections that claim a notice at once one is to send it", async (db) => {
  const { id, lease } = await leasedRepair(db);
  await recordStep(db.sql, lease, { next: "needs_operator", reason: "zombie" });
  const claims = await allAtOnce(
    db,
    20,
    (sql) => sql`lock table ghost_repair.operator_notices in access exclusive mode`,
    (sql) => sql`select * from public.claim_operator_notices(10)`,
  );
  assert.deepEqual(claims.flatMap((rows) => rows.map((row) => row.instance_id)), [id]);
});

type Meeting = readonly [
  name: string,
  meanwhile: (sql: postgres.ISql, id: string) => Promise<unknown>,
  recorded: boolean,
];
const MEETINGS: readonly Meeting[] = [
  ["an open webhook", (sql, id) => connection(sql, id, "open", at(1)), true],
  ["a fresh QR", async (sql, id) => {
    // Of a restart that was made: one that nobody asked for would wait for the ladder's look.
    await sql`update public.ghost_repairs set restart_called_at = ghost_repair.now()
      where instance_id = ${id}`;
    await qrCode(sql, id, "2@x", at(1));
  }, false],
  [
    "a disconnection by hand",
    (sql, id) =>
      sql`update public.whatsapp_instances set manual_disconnect = true where id = ${id}`,
    false,
  ],
];

for (const [name, meanwhile, recorded] of MEETINGS) {
  for (const next of ["healed", "wait"]) {
    companyTest(`${name} and a step's result (${next}) that meet both end`, async (db) => {
      const { id, lease } = await leasedRepair(db);
      let step: Promise<boolean> | undefined;
      await db.sql.begin(async (sql) => {
        await sql`select from public.whatsapp_instances where id = ${id} for update`;
        step = recordStep(db.sql, lease, {
          next,
          reason: "looking",
          socket_dead: next === "wait",
        });
        step.catch(() => {});
        await untilWaiting(db, 1);
        await meanwhile(sql, id);
      });
      assert.equal(await step, recorded);
      const { status } = await instanceRow(db.sql, id);
      const expected = name === "a fresh QR"
        ? "awaiting_qr"
        : recorded && next === "healed"
        ? "connected"
        : "disconnected";
      assert.equal(status, expected);
      assert.equal((await repairOf(db.sql, id)).closed_at === null, recorded && next === "wait");
    });
  }
}

quickTest("an open webhook during a repair hastens the next look, no more", async (db) => {
  const { id, lease } = await leasedRepair(db);
  await recordStep(db.sql, lease, { next: "wait", reason: "looking", seconds: 600 });
  assert.deepEqual(await leaseRepairs(db.sql), []);
  const before = await instanceRow(db.sql, id);
  await connection(db.sql, id, "open", at(1));
  const after = await instanceRow(db.sql, id);
  assert.equal(after.status, "disconnected");
  assert.equal(Number(after.connection_epoch), Number(before.connection_epoch) + 1);
  assert.equal((await leaseRepairs(db.sql)).length, 1);
});

quickTest("a hook that never accepts is called ten times, and no more", async (db) => {
  await openRepairs(db, 1);
  const lease = await only(leaseRepairs(db.sql));
  await recordStep(db.sql, lease, { next: "needs_operator", reason: "steps_used_up" });
  let calls = 0;
  for (let minute = 0; minute < 15; minute++) {
    const due = await db.sql`select repair_id from public.claim_operator_notices(10)`;
    calls += due.length;
    await db.sql`select public.record_operator_notice(${lease.repair_id}, 'failed')`;
    await db.sql`update ghost_repair.operator_notices set next_attempt_at = ghost_repair.now()`;
  }
  assert.equal(calls, 10);
});

quickTest("what was left while there was no hook is told once there is one", async (db) => {
  await openRepairs(db, 1);
  const lease = await only(leaseRepairs(db.sql));
  await recordStep(db.sql, lease, { next: "needs_operator", reason: "steps_used_up" });
  const claimed = async (hasHook: boolean) =>
    (await db.sql`select from public.claim_operator_notices(10, ${hasHook})`).length;
  for (let hour = 0; hour < 20; hour++) {
    assert.equal(await claimed(false), 0);
    assert.equal((await db.sql`select from ghost_repair.due_notices`).length, 0);
    await pass(db.sql, 3_600);
  }
  assert.equal(await claimed(true), 1);
});

quickTest("a hook that refuses is called after 1, 2, 4 minutes, until it is over", async (db) => {
  const [id] = await openRepairs(db, 1);
  const lease = await only(leaseRepairs(db.sql));
  await recordStep(db.sql, lease, {
    next: "needs_operator",
    reason: "steps_used_up",
    seconds: 600,
  });
  const called = async () =>
    (await db.sql`select from public.claim_operator_notices(10)`).length === 1;
  for (const minutes of [0, 1, 2, 4]) {
    if (minutes > 0) {
      await pass(db.sql, minutes * 60 - 1);
      assert.equal(await called(), false, `before ${minutes} minutes`);
      await pass(db.sql, 2);
    }
    assert.equal(await called(), true, `after ${minutes} minutes`);
    await db.sql`select public.record_operator_notice(${lease.repair_id}, 'refused')`;
  }
  await pass(db.sql, 3_600);
  await db.sql`select ghost_repair.close_ghost_repair(${id!}, 'healed')`;
  assert.equal(await called(), false, "it lives again");
});
