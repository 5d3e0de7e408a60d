import assert from "node:assert/strict";
import { only } from "../support/database.ts";
import { leaseRepairs, openRepairs, pass, recordStep } from "../support/repair-calls.ts";
import { quickTest } from "../support/quick-test.ts";

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

quickTest(
  "a hook that refuses is called again after 1, 2, 4 minutes, until all is well",
  async (db) => {
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
  },
);
