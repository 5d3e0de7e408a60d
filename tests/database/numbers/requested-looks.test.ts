import assert from "node:assert/strict";
import {
  addCompany,
  callSql,
  type CompanyDatabase,
  companyTest,
  only,
} from "../../support/database.ts";
import { DISCONNECTED, setState } from "../../support/instance-calls.ts";
import { openRepairs, pass } from "../../support/repair-calls.ts";
import { quickTest } from "../../support/quick-test.ts";

interface Requested {
  readonly result: string;
  readonly instance?: Readonly<Record<string, unknown>>;
  readonly look?: { readonly dueAt: string | null; readonly reason: string | null };
}

function request(
  { sql, company, instanceId }: CompanyDatabase,
  userId = company.userId,
): Promise<Requested> {
  return callSql<Requested>(sql, "request_look", userId, instanceId);
}

/** Why no look was made due, and in how many seconds somebody looks. */
async function looked(db: CompanyDatabase): Promise<[reason: unknown, seconds: number | null]> {
  const { look } = await request(db);
  const { seconds } = await only(db.sql<{ seconds: number | null }[]>`
    select round(extract(epoch from ${look!.dueAt}::text::timestamptz - ghost_repair.now()))::int
      as seconds`);
  return [look!.reason, seconds];
}

/** Which of them has something to do, the watch or nobody. */
async function isWatchDue({ sql }: CompanyDatabase): Promise<boolean> {
  const due = await sql<{ name: string }[]>`select name from ghost_repair.due_functions()`;
  return due.some(({ name }) => name === "watch-instances");
}

/** The leases that the watch gets: connected numbers, then those that wait. */
async function leases({ sql }: CompanyDatabase): Promise<[connected: number, waiting: number]> {
  const connected = await sql`select from public.lease_watched_numbers(10)`;
  const waiting = await sql`select from public.lease_waiting_numbers(10)`;
  return [connected.length, waiting.length];
}

/** The number was heard of a moment ago, and is looked at in an hour. */
async function heardOf({ sql }: CompanyDatabase): Promise<void> {
  await sql`update public.whatsapp_instances set last_alive_at = ghost_repair.now()`;
  await sql`update ghost_repair.watched_numbers
    set next_look_at = ghost_repair.now() + interval '1 hour'`;
}

quickTest("a connected number is probed now, although it was heard of a moment ago", async (db) => {
  await heardOf(db);
  assert.deepEqual([await isWatchDue(db), await leases(db)], [false, [0, 0]]);
  const { instance, look } = await request(db);
  assert.equal(look!.reason, null);
  assert.deepEqual(instance!["watch"], { finding: null, nextLookAt: look!.dueAt, stretch: 1 });
  assert.equal(instance!["role"], "owner");
  assert.deepEqual([await isWatchDue(db), await leases(db)], [true, [1, 0]]);
});

quickTest("a number that waits is read now, though it was read a moment ago", async (db) => {
  await setState(db, "status = 'awaiting_qr', disconnected_since = ghost_repair.now()");
  await db.sql`insert into ghost_repair.watches (instance_id, next_look_at)
    values (${db.instanceId}, ghost_repair.now() + interval '1 hour')`;
  assert.deepEqual([await isWatchDue(db), await leases(db)], [false, [0, 0]]);
  assert.deepEqual(await looked(db), [null, 0]);
  assert.deepEqual([await isWatchDue(db), await leases(db)], [true, [0, 1]]);
});

quickTest("so is one that a person disconnected: its session may live on", async (db) => {
  await setState(db, `${DISCONNECTED}, manual_disconnect = true`);
  await db.sql`insert into ghost_repair.watches (instance_id, next_look_at)
    values (${db.instanceId}, ghost_repair.now() + interval '1 hour')`;
  assert.deepEqual(await looked(db), [null, 0]);
  assert.deepEqual(await leases(db), [0, 1]);
});

quickTest("who asks again within the pause makes no further look due", async (db) => {
  await heardOf(db);
  assert.deepEqual(await looked(db), [null, 0]);
  assert.deepEqual(await looked(db), ["asked_lately", 0]);
  await heardOf(db);
  assert.equal((await looked(db))[0], "asked_lately");
  assert.deepEqual(await leases(db), [0, 0]);
  await pass(db.sql, 16);
  assert.deepEqual(await looked(db), [null, 0]);
  assert.deepEqual(await leases(db), [1, 0]);
});

quickTest("where WhatsApp wants fewer questions the pause is as much longer", async (db) => {
  await db.sql`update ghost_repair.watched_numbers set stretch = 4`;
  assert.deepEqual((await looked(db))[0], null);
  await pass(db.sql, 58);
  assert.equal((await looked(db))[0], "asked_lately");
  await pass(db.sql, 3);
  assert.deepEqual((await looked(db))[0], null);
});

quickTest("what is being looked at is not looked at twice", async (db) => {
  await request(db);
  assert.deepEqual(await leases(db), [1, 0]);
  await pass(db.sql, 20);
  assert.deepEqual(await looked(db), ["under_way", 0]);
  await setState(db, "status = 'awaiting_qr', disconnected_since = ghost_repair.now()");
  assert.deepEqual(await looked(db), [null, 0]);
  assert.deepEqual(await leases(db), [0, 1]);
  await pass(db.sql, 20);
  assert.deepEqual(await looked(db), ["under_way", 0]);
});

quickTest("under repair the ladder looks, and its next step is told", async (db) => {
  await openRepairs(db, 1);
  await db.sql`update public.ghost_repairs set next_step_at = ghost_repair.now() + interval '40 s'`;
  const { instance_id } = await only(db.sql<{ instance_id: string }[]>`
    select instance_id from public.ghost_repairs`);
  const repaired = { ...db, instanceId: instance_id };
  assert.deepEqual(await looked(repaired), ["repairing", 40]);
  await db.sql`update public.ghost_repairs set state = 'needs_operator'`;
  assert.deepEqual((await looked(repaired))[0], "needs_operator");
  assert.deepEqual([...await db.sql`select from ghost_repair.requested_looks`], []);
});

quickTest("what the scheduler reconnects is looked at by it, at the next minute", async (db) => {
  await setState(db, DISCONNECTED);
  const [reason, seconds] = await looked(db);
  assert.equal(reason, "reconnecting");
  assert.ok(seconds! >= 0 && seconds! <= 60, String(seconds));
});

for (
  const [reason, happens] of [
    ["watch_off", "update ghost_repair.settings set watch_interval = null"],
    ["paused", "select ghost_repair.pause()"],
    ["instance_without_gateway", "delete from private.instance_credentials"],
  ] as const
) {
  quickTest(`nobody looks, and that is said: ${reason}`, async (db) => {
    await db.sql.unsafe(happens);
    assert.deepEqual(await looked(db), [reason, null]);
    assert.deepEqual([...await db.sql`select from ghost_repair.requested_looks`], []);
  });
}

quickTest(
  "every member may ask; for others, and of a deleted number, it is not there",
  async (db) => {
    const missing = { result: "instance_not_found" };
    const other = await addCompany(db.sql, "outra");
    assert.deepEqual(await request(db, other.userId), missing);
    assert.deepEqual([...await db.sql`select from ghost_repair.requested_looks`], []);
    await db.sql`update public.organization_members set role = 'agent'`;
    assert.equal((await request(db)).look!.reason, null);
    await db.sql`update public.whatsapp_instances set deleted_at = ghost_repair.now()`;
    assert.deepEqual(await request(db), missing);
  },
);

companyTest("of many who ask at once one makes a look due", async (db) => {
  const asked = await Promise.all(Array.from({ length: 12 }, () => request(db)));
  const reasons = asked.map(({ look }) => look!.reason);
  assert.deepEqual(reasons.filter((reason) => reason === null).length, 1);
  assert.deepEqual(reasons.filter((reason) => reason === "asked_lately").length, 11);
});
