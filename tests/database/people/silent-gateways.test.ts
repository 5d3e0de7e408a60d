import assert from "node:assert/strict";
import { addCompany, addInstances, callSql, type CompanyDatabase } from "../../support/database.ts";
import { DISCONNECTED } from "../../support/instance-calls.ts";
import { events, pass } from "../../support/repair-calls.ts";
import { quickTest } from "../../support/quick-test.ts";
import { addChannel, type Message, sendAll, told } from "./alert-calls.ts";

/** One look at whatever is due, which finds this; `id`: at that number, due or not. */
async function look(db: CompanyDatabase, verdict: string, id?: string): Promise<void> {
  if (id !== undefined) {
    await db.sql`update ghost_repair.watched_numbers set next_look_at = case
      when instance_id = ${id} then ghost_repair.now() else ghost_repair.now() + interval '1 day' end`;
    await db.sql`update ghost_repair.watched_gateways set next_probe_at = ghost_repair.now()`;
  }
  for (
    const { instance_id, token, connection_epoch } of await db.sql`
      select * from public.lease_watched_numbers(100)`
  ) {
    const found = { instance_id, token, epoch: Number(connection_epoch), verdict };
    await callSql(db.sql, "record_watched_numbers", [found]);
  }
}

/** The gateways are away for so long, and the watch has its turns. */
async function silence(db: CompanyDatabase, minutes: number): Promise<void> {
  await db.sql`update ghost_repair.watched_numbers set next_look_at = ghost_repair.now()`;
  for (let turn = 0; turn < minutes * 2; turn++) {
    await look(db, "silent");
    await pass(db.sql, 30);
  }
}

const health = async ({ sql }: CompanyDatabase) =>
  (await sql`select distinct status, health, reason from public.instance_health`)
    .map((row) => ({ ...row }));
const WELL = { status: "connected", health: "ok", reason: null };
const AWAY = { status: "connected", health: "needs_operator", reason: "gateway_unreachable" };

async function kinds({ sql }: CompanyDatabase): Promise<Record<string, number>> {
  const rows = await sql`
    select kind, count(*)::int as events from public.instance_events group by kind`;
  return Object.fromEntries(rows.map(({ kind, events }) => [kind, events]));
}

quickTest(
  "ten minutes without an answer: one alert, every number says why, until it answers",
  async (db) => {
    await addChannel(db);
    await addInstances(db.sql, db.company, 5);
    await silence(db, 9);
    assert.deepEqual([await kinds(db), await health(db)], [{ gateway_silent: 1 }, [WELL]]);
    await silence(db, 2);
    assert.deepEqual(told(await sendAll(db.sql)), [["down"]]);
    assert.deepEqual(await health(db), [AWAY]);
    await silence(db, 150);
    assert.deepEqual(await sendAll(db.sql), [], "once an outage");
    assert.deepEqual(await kinds(db), { gateway_silent: 1, needs_operator: 1 });
    await look(db, "silent");
    assert.deepEqual(await health(db), [AWAY]);
    await pass(db.sql, 60);
    await look(db, "alive");
    const [back, ...more]: Message[] = await sendAll(db.sql);
    assert.deepEqual([told([back!]), more, await health(db)], [[["recovered"]], [], [WELL]]);
    const { awaySeconds } = back!.items[0]!;
    assert.ok(
      awaySeconds > 161 * 60 && awaySeconds < 165 * 60,
      `${awaySeconds}: since the first look`,
    );
  },
);

quickTest(
  "each organization of the gateway is told, by one of its connected numbers",
  async (db) => {
    await addChannel(db);
    const other = await addCompany(db.sql, "other");
    const [waits] = await addInstances(db.sql, other, 1);
    await db.sql`update public.whatsapp_instances set status = 'awaiting_qr',
    disconnected_since = ghost_repair.now() where id = ${waits!}`;
    const third = await addCompany(db.sql, "third");
    await db.sql.unsafe(`update public.whatsapp_instances set ${DISCONNECTED},
    manual_disconnect = true where id = '${third.instanceId}'`);
    await silence(db, 11);
    const people = await db.sql`select instance_id from public.instance_events
    where kind = 'needs_operator' order by instance_id`;
    assert.deepEqual(
      people.map(({ instance_id }) => instance_id),
      [db.instanceId, other.instanceId].sort(),
    );
  },
);

quickTest("a silent gateway's report of an open session is no end of its silence", async (db) => {
  await addChannel(db);
  await silence(db, 11);
  assert.deepEqual(told(await sendAll(db.sql)), [["down"]]);
  await db.sql`select ghost_repair.mark_connected(${db.instanceId}, '{}')`;
  assert.deepEqual([await sendAll(db.sql), await health(db)], [[], [AWAY]]);
  await silence(db, 11);
  assert.deepEqual(await sendAll(db.sql), []);
  await look(db, "alive", db.instanceId);
  assert.deepEqual(told(await sendAll(db.sql)), [["recovered"]]);
  assert.deepEqual(await health(db), [WELL]);
});

quickTest("two moments that lie far apart are no outage", async (db) => {
  for (let hour = 0; hour < 3; hour++) {
    await look(db, "silent", db.instanceId);
    await pass(db.sql, 3_600);
  }
  assert.deepEqual(await kinds(db), { gateway_silent: 3 });
  assert.deepEqual(await health(db), [WELL]);
});

quickTest("an answer through another number ends it, and the other gateway's stays", async (db) => {
  await addChannel(db);
  const [near, far] = await addInstances(db.sql, db.company, 2);
  await db.sql`update private.instance_credentials set api_url = 'http://other.test'
    where instance_id = ${far!}`;
  await silence(db, 11);
  const people = async () =>
    (await db.sql`select instance_id from ghost_repair.troubles`).map(({ instance_id }) =>
      instance_id
    );
  const troubled = await people();
  assert.equal(troubled.length, 2, "of each gateway one");
  await look(db, "alive", troubled.includes(near!) ? db.instanceId : near);
  assert.deepEqual(await people(), [far]);
  assert.deepEqual(
    [...await db.sql`select instance_id from public.instance_health where health <> 'ok'`],
    [{ instance_id: far }],
  );
});

quickTest("what a waiting number is told of ends with its own looks", async (db) => {
  const [waits] = await addInstances(db.sql, db.company, 1);
  await db.sql`update public.whatsapp_instances set status = 'awaiting_qr',
    disconnected_since = ghost_repair.now() where id = ${waits!}`;
  await db.sql`select ghost_repair.note_trouble(${waits!}, 'gateway_unreachable', '0')`;
  await silence(db, 11);
  await look(db, "alive", db.instanceId);
  assert.deepEqual(
    [...await db.sql`select instance_id from ghost_repair.troubles`],
    [{ instance_id: waits }],
  );
});

quickTest("nobody looks any more: what is not known is not said", async (db) => {
  await addInstances(db.sql, db.company, 1);
  await silence(db, 11);
  assert.deepEqual(await health(db), [AWAY]);
  await pass(db.sql, 601);
  assert.equal((await health(db)).length, 2, "but of the number that a person was told of");
});

quickTest(
  "another reason that has not lasted does not hide what a person was told of",
  async (db) => {
    await db.sql`select ghost_repair.note_trouble(${db.instanceId}, 'gateway_unauthorized', '0')`;
    await look(db, "gateway_error", db.instanceId);
    assert.deepEqual(await health(db), [{ ...AWAY, reason: "gateway_unauthorized" }]);
    assert.equal((await events(db.sql, db.instanceId)).length, 1);
  },
);
