import assert from "node:assert/strict";
import fc from "fast-check";
import type postgres from "postgres";
import { at, connection, operatorView, REPLACED } from "../../support/webhook-calls.ts";
import { inTurns, withConnections } from "../../support/crowd.ts";
import { addInstances, companyTest, only } from "../../support/database.ts";
import {
  beginStep,
  claim,
  confirm,
  leaseRepairs,
  recordLogout,
  recordStep,
  verify,
} from "../../support/repair-calls.ts";

const SEED = 20_260_101;

type Step = (sql: postgres.ReservedSql) => Promise<unknown>;

/** A tick of the ladder that takes what it finds, whatever it comes to. */
function tick(id: string, next: string): Step {
  return async (sql) => {
    // As if time had passed: while two sockets fight nothing is due.
    await sql`update public.ghost_repairs set next_step_at = ghost_repair.now()
      where state = 'open' and instance_id = ${id}`;
    for (const lease of await leaseRepairs(sql, 3)) {
      await beginStep(sql, lease, "restart");
      await recordStep(sql, lease, { next, step: "restart", reason: "looking", socket_dead: true });
    }
  };
}

/** All that can meet on a number whose sockets fight, once. */
function everything(id: string, minute: number): Step[] {
  const half = new Date(at(minute).getTime() + 30_000);
  return [
    (sql) => connection(sql, id, "open", at(minute)),
    (sql) => connection(sql, id, "close", half, { reason: REPLACED }),
    (sql) => connection(sql, id, "connecting", at(minute)),
    (sql) => sql`select public.suspect_session(${id}, 'slow_send')`,
    async (sql) => {
      const { token } = await claim(sql, id);
      if (token === null) return;
      if (await confirm(sql, id, token) !== "go") return;
      await recordLogout(sql, id, token, { logout: "socket_dead" });
      await verify(sql, id, token, { outcome: "not_invalidated" });
    },
    tick(id, ["wait", "stepped", "needs_operator"][minute % 3]!),
    async (sql) => {
      for (
        const { repair_id: notice } of await sql`select * from public.claim_operator_notices(5)`
      ) {
        await sql`select public.record_operator_notice(${notice}, 'failed')`;
      }
    },
  ];
}

companyTest(
  `fights, failed sends, ticks and notices of 3 numbers at once never block each other for good (seed ${SEED})`,
  async (db) => {
    const ids = await addInstances(db.sql, db.company, 3);
    // In time, as a gateway delivers; what each minute holds is in no order.
    const steps = Array.from({ length: 40 }, (_, minute) => minute).flatMap((minute) => {
      const all = ids.flatMap((id) => everything(id, minute));
      const shuffled = fc.shuffledSubarray(all, { minLength: all.length });
      return fc.sample(shuffled, { seed: SEED + minute, numRuns: 1 })[0]!;
    });
    // A deadlock would end one of the calls with an error, and with it the test.
    await withConnections(db, 20, (all) => inTurns(steps, all, (sql, step) => step(sql)));
    for (const id of ids) {
      const { status, repairs, notices } = await operatorView(db.sql, id);
      assert.deepEqual([status, repairs, notices], [
        "disconnected",
        [["needs_operator", "session_conflict"]],
        1,
      ]);
      const { told } = await only(db.sql`
        select count(*)::int as told from public.instance_events
        where instance_id = ${id} and kind = 'needs_operator'
          and detail ->> 'reason' = 'session_conflict'`);
      assert.equal(told, 1);
    }
  },
);
