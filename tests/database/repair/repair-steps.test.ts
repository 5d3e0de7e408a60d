import assert from "node:assert/strict";
import type postgres from "postgres";
import { at, connection, FIGHT, flap } from "../../support/webhook-calls.ts";
import { addInstances, callSql, type CompanyDatabase, only } from "../../support/database.ts";
import {
  beginStep,
  eventKinds,
  events,
  instanceRow,
  leaseRepairs,
  openRepairs,
  recordStep,
} from "../../support/repair-calls.ts";
import { quickTest } from "../../support/quick-test.ts";

const repairOf = (sql: postgres.ISql, instanceId: string): Promise<postgres.Row> =>
  only(sql`select * from public.ghost_repairs where instance_id = ${instanceId}`);

const suspect = ({ sql, instanceId }: CompanyDatabase) =>
  callSql<boolean>(sql, "suspect_session", instanceId, "slow_send");

const addRepair = (state: string, closed: string) =>
  `insert into public.ghost_repairs (instance_id, state, closed_at)
    select id, '${state}', ${closed} from public.whatsapp_instances`;

for (
  const [why, statement] of [
    ["a person disconnected it", "update public.whatsapp_instances set manual_disconnect = true"],
    ["it waits for its scan", "update public.whatsapp_instances set status = 'awaiting_qr'"],
    ["repairs are switched off", "update ghost_repair.settings set enabled = false"],
    ["a repair is open", addRepair("open", "null")],
    ["one ended within the window", addRepair("closed", "ghost_repair.now() - interval '119 s'")],
  ] as const
) {
  quickTest(`a number is not suspected where ${why}`, async (db) => {
    await db.sql.unsafe(statement);
    assert.equal(await suspect(db), false);
    assert.deepEqual(await eventKinds(db.sql, db.instanceId), []);
  });
}

quickTest("a repair that ended before the window stands in no suspicion's way", async (db) => {
  await db.sql.unsafe(addRepair("closed", "ghost_repair.now() - interval '121 seconds'"));
  assert.equal(await suspect(db), true);
  assert.deepEqual(await events(db.sql, db.instanceId), [
    { kind: "suspected", detail: { reason: "slow_send" } },
  ]);
});

quickTest("what is new about an open repair is added to what was known of it", async (db) => {
  const open = (...told: [evidence: postgres.JSONValue, logout: boolean, delay: string]) =>
    callSql(db.sql, "ghost_repair.open_ghost_repair", db.instanceId, ...told);
  await open({ suspicion: "slow_send" }, false, "10 minutes");
  await open({ logout: "accepted" }, true, "1 minute");
  const { logout_called_at: called } = await repairOf(db.sql, db.instanceId);
  await open({}, true, "5 minutes");
  const row = await repairOf(db.sql, db.instanceId);
  assert.deepEqual(row.evidence, { suspicion: "slow_send", logout: "accepted" });
  assert.ok(called);
  assert.deepEqual(row.logout_called_at, called);
  const seconds = (row.next_step_at.getTime() - row.opened_at.getTime()) / 1_000;
  assert.ok(seconds < 120, `${seconds} s`);
});

/** Of the gateway's numbers, the company's own among those that live; how far apart they began. */
for (
  const [failing, living, minutes, expected] of [
    [3, 3, 0, true],
    [3, 4, 0, false],
    [2, 2, 0, false],
    [3, 3, 3, false],
    [3, 3, 1, true],
  ] as const
) {
  const apart = minutes === 0 ? "" : `, ${minutes} minutes apart`;
  quickTest(
    `${failing} dead beside ${living}${apart}: ${expected ? "an" : "no"} outage`,
    async (db) => {
      const ids = await openRepairs(db, failing);
      await addInstances(db.sql, db.company, living - 1);
      const byHand = { status: "disconnected", manual_disconnect: true };
      await addInstances(db.sql, db.company, 10, byHand);
      await db.sql`update public.ghost_repairs
      set opened_at = opened_at - make_interval(mins => ${minutes}) where instance_id <> ${ids[
        0
      ]!}`;
      const { id } = await repairOf(db.sql, ids[0]!);
      const { outage } = await only(db.sql`select ghost_repair.is_outage(${id}) as outage`);
      assert.equal(outage, expected);
    },
  );
}

quickTest("in an outage nothing is changed, under either policy", async (db) => {
  const ids = await openRepairs(db, 3);
  const [one, two] = await leaseRepairs(db.sql);
  for (const policy of ["keep-pairing", "logout-first"]) {
    await db.sql`update ghost_repair.settings set policy = ${policy}`;
    for (const step of ["connect", "restart", "logout"]) {
      assert.equal(await beginStep(db.sql, one!, step), false, `${policy}: ${step}`);
    }
  }
  await db.sql`select ghost_repair.close_ghost_repair(${ids[2]!}, 'healed')`;
  assert.equal(await beginStep(db.sql, two!, "connect"), two!.instance_id !== ids[2]);
});

const REPAIR = "update public.ghost_repairs set";
for (
  const [why, before, after] of [
    ["the lease has ended", "", "update ghost_repair.leases set expires_at = ghost_repair.now()"],
    ["a person was told", "", `${REPAIR} state = 'needs_operator'`],
    ["the repair is over", "", `${REPAIR} state = 'closed', closed_at = ghost_repair.now()`],
    ["the number waits for its scan", "status = 'awaiting_qr'", ""],
    ["a person disconnected the number", "manual_disconnect = true", ""],
  ] as const
) {
  quickTest(`no step is granted where ${why}`, async (db) => {
    if (before !== "") await db.sql.unsafe(`update public.whatsapp_instances set ${before}`);
    await db.sql.unsafe(addRepair("open", "null"));
    const lease = await only(leaseRepairs(db.sql));
    if (after !== "") await db.sql.unsafe(after);
    for (const step of ["connect", "restart", "logout"]) {
      assert.equal(await beginStep(db.sql, lease, step), false, step);
    }
    assert.deepEqual(await eventKinds(db.sql, db.instanceId), []);
  });
}

for (
  const [what, claim, granted] of [
    [
      "a failed send's repair within the window",
      'ghost_repair.now(), \'{"logout": "accepted"}\'',
      false,
    ],
    ["one whose logout is not known yet", "ghost_repair.now(), null", false],
    ["one that made no logout", 'ghost_repair.now(), \'{"logout": "not_called"}\'', true],
    ["one before the window", "ghost_repair.now() - interval '121 seconds', null", true],
  ] as const
) {
  quickTest(`the ladder's logout after ${what}: ${granted ? "granted" : "not"}`, async (db) => {
    await openRepairs(db, 1);
    const lease = await only(leaseRepairs(db.sql));
    await db.sql.unsafe(`
      insert into ghost_repair.claims
        (instance_id, token, connection_epoch, expires_at, claimed_at, outcome)
      select '${lease.instance_id}', gen_random_uuid(), 1, ghost_repair.now() + interval '1 minute', ${claim}`);
    assert.equal(await beginStep(db.sql, lease, "logout"), granted);
  });
}

quickTest("a call without an answer that the webhooks tell of is not repeated", async (db) => {
  const [id] = await openRepairs(db, 1);
  const lease = await only(leaseRepairs(db.sql));
  assert.equal(await beginStep(db.sql, lease, "connect"), true);
  await connection(db.sql, id!, "connecting", at(1));
  await db.sql`update ghost_repair.leases set
    leased_at = leased_at - interval '121 seconds', expires_at = ghost_repair.now()`;
  const later = await only(leaseRepairs(db.sql));
  assert.equal(later["connect_called"], true);
  assert.equal(await beginStep(db.sql, later, "connect"), false);
});

for (
  const [ago, now, lately] of [[3, true, true], [60, false, true], [91, false, false]] as const
) {
  quickTest(
    `a connecting webhook ${ago} s ago is heard by whoever looks so far back`,
    async (db) => {
      const [id] = await openRepairs(db, 1);
      assert.equal(await connection(db.sql, id!, "connecting", at(1)), "applied");
      await db.sql`update ghost_repair.connecting_signals set
      last_at = last_at - make_interval(secs => ${ago})`;
      const heard = await only(db.sql`
      select public.connecting_seen(${id!}, 12) as now, public.connecting_seen(${id!}, 90) as lately`);
      assert.deepEqual({ ...heard }, { now, lately });
    },
  );
}

/** A look at the only repair that ends with waiting for something. */
async function wait({ sql }: CompanyDatabase, reason: string): Promise<Date> {
  const lease = await only(leaseRepairs(sql));
  await recordStep(sql, lease, { next: "wait", reason });
  return (await repairOf(sql, lease.instance_id)).waiting_since;
}

quickTest("waiting counts from its start, for each thing anew, and is news once", async (db) => {
  const [id] = await openRepairs(db, 1);
  const first = await wait(db, "live_loop");
  assert.deepEqual(await wait(db, "live_loop"), first);
  assert.deepEqual(await eventKinds(db.sql, id!), ["repair_step"]);
  const second = await wait(db, "gateway");
  assert.ok(second > first);
  assert.ok(await wait(db, "live_loop") > second);
  assert.deepEqual(await eventKinds(db.sql, id!), ["repair_step", "repair_step", "repair_step"]);
});

quickTest("a number whose probe failed is disconnected, with the window begun", async (db) => {
  await db.sql.unsafe(addRepair("open", "null"));
  const lease = await only(leaseRepairs(db.sql));
  await recordStep(db.sql, lease, { next: "wait", reason: "live_loop", socket_dead: true });
  const { status, last_disconnected_at } = await instanceRow(db.sql, db.instanceId);
  assert.equal(status, "disconnected");
  assert.ok(last_disconnected_at);
});

quickTest("while two sockets fight nothing is due, whatever was just heard of it", async (db) => {
  await flap(db.sql, db.instanceId, FIGHT);
  await db.sql`select ghost_repair.open_ghost_repair(${db.instanceId}, '{}')`;
  assert.deepEqual(await leaseRepairs(db.sql), []);
});

for (
  const [next, status, outcome, after] of [
    ["healed", "connected", "false_alarm", "connected"],
    ["healed", "disconnected", "healed", "connected"],
    ["invalidated", "connected", "invalidated", "disconnected"],
  ] as const
) {
  quickTest(`a ${status} number whose repair ends ${next}: ${outcome}, ${after}`, async (db) => {
    await db.sql`update public.whatsapp_instances set status = ${status}`;
    await db.sql.unsafe(addRepair("open", "null"));
    const lease = await only(leaseRepairs(db.sql));
    await recordStep(db.sql, lease, { next });
    assert.equal((await repairOf(db.sql, db.instanceId)).outcome, outcome);
    assert.equal((await instanceRow(db.sql, db.instanceId)).status, after);
    assert.deepEqual(await leaseRepairs(db.sql), []);
  });
}
