import assert from "node:assert/strict";
import type postgres from "postgres";
import { allAtOnce } from "../../support/crowd.ts";
import { addInstances, companyTest, only } from "../../support/database.ts";
import { lease, leaseOne, record } from "../../support/reconnect-calls.ts";
import { instanceRow, pass } from "../../support/repair-calls.ts";
import { quickTest } from "../../support/quick-test.ts";

const setState = (sql: postgres.Sql, state: string) =>
  sql`update public.whatsapp_instances set ${sql.unsafe(state)}`;

const DUE: readonly string[] = [
  "status = 'disconnected'",
  "status = 'disconnected', reconnect_attempts_count = 2",
  "status = 'connecting', last_reconnect_attempt_at = ghost_repair.now() - interval '61 seconds'",
];
const NOT_DUE: readonly string[] = [
  "status = 'connected'",
  "status = 'awaiting_qr'",
  "status = 'disconnected', manual_disconnect = true",
  "status = 'disconnected', reconnect_attempts_count = 3",
  "status = 'connecting', last_reconnect_attempt_at = ghost_repair.now() - interval '59 seconds'",
  // Written a moment ago, so it is fresh: `updated_at` stands in for the attempt.
  "status = 'connecting'",
];

for (const state of DUE) {
  quickTest(`due: ${state}`, async ({ sql, instanceId, company }) => {
    await setState(sql, state);
    const { token, tick_started, ...row } = await leaseOne(sql);
    assert.deepEqual(row, {
      instance_id: instanceId,
      instance_name: company.instanceName,
      api_url: "http://evolution.test",
      api_key: "evolution-key",
    });
    assert.match(token, /^[0-9a-f-]{36}$/);
    assert.ok(Date.parse(tick_started) > 0);
  });
}

for (const state of NOT_DUE) {
  quickTest(`not due: ${state}`, async ({ sql }) => {
    await setState(sql, state);
    assert.deepEqual(await lease(sql), []);
  });
}

quickTest("not due: without a gateway, or while it is repaired", async ({ sql, instanceId }) => {
  await setState(sql, "status = 'disconnected'");
  await sql`insert into public.ghost_repairs (instance_id) values (${instanceId})`;
  assert.deepEqual(await lease(sql), []);
  await sql`update public.ghost_repairs set state = 'closed', closed_at = ghost_repair.now()`;
  assert.equal((await lease(sql)).length, 1);
  await sql`delete from ghost_repair.leases`;
  await sql`delete from private.instance_credentials`;
  assert.deepEqual(await lease(sql), []);
});

quickTest(
  "the oldest disconnection comes first, before it one of unknown age",
  async ({ sql, company }) => {
    const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute));
    const ids: string[] = [];
    for (const disconnected_since of [at(2), at(5), at(1), null, at(3)]) {
      ids.push(
        ...await addInstances(sql, company, 1, { status: "disconnected", disconnected_since }),
      );
    }
    const [second, fifth, first, unknown, third] = ids;
    const two = await lease(sql, 2);
    const rest = await lease(sql, 10);
    assert.deepEqual(two.map((row) => row.instance_id), [unknown, first]);
    assert.deepEqual(rest.map((row) => row.instance_id), [second, third, fifth]);
  },
);

companyTest("20 connections that lease at once get every due row exactly once", async (db) => {
  const due = await addInstances(db.sql, db.company, 150, { status: "disconnected" });
  await addInstances(db.sql, db.company, 20, { status: "connected" });
  const leased = await allAtOnce(
    db,
    20,
    (sql) => sql`lock table ghost_repair.leases in access exclusive mode`,
    async (sql) => {
      const mine = await lease(sql, 10);
      let more = mine;
      // A tick goes on until there is nothing left for it.
      while (more.length > 0) mine.push(...more = await lease(sql, 10, mine[0]!.tick_started));
      return mine;
    },
  );
  // A tick that met only rows of the others has ended; the next one takes what is left.
  const left = await lease(db.sql, 1000);
  const ids = [...leased.flat(), ...left].map((row) => row.instance_id);
  assert.deepEqual(ids.sort(), due.sort());
  assert.equal(new Set([...leased.flat(), ...left].map((row) => row.token)).size, 150);
});

companyTest("a row that somebody holds does not hold the tick up", async (db) => {
  const [held, free] = await addInstances(db.sql, db.company, 2, { status: "disconnected" });
  await db.sql.begin(async (holder) => {
    await holder`select from public.whatsapp_instances where id = ${held!} for update`;
    const leased = await db.sql.begin(async (sql) => {
      await sql`set local lock_timeout = '5s'`;
      return await lease(sql);
    });
    assert.deepEqual(leased.map((row) => row.instance_id), [free]);
  });
});

quickTest("a lease that was left by a crash ends after its time", async ({ sql }) => {
  await setState(sql, "status = 'disconnected'");
  const first = await leaseOne(sql);
  await pass(sql, 119);
  assert.deepEqual(await lease(sql), []);
  await pass(sql, 2);
  const second = await leaseOne(sql);
  assert.notEqual(second.token, first.token);
  assert.equal(await record(sql, first, { result: "open" }), false);
  assert.equal((await instanceRow(sql, first.instance_id)).status, "disconnected");
  assert.equal(await record(sql, second, { result: "open" }), true);
});

quickTest("a lease lasts as long as it was asked for", async ({ sql }) => {
  await setState(sql, "status = 'disconnected'");
  assert.equal((await lease(sql, 1, null, 30)).length, 1);
  await pass(sql, 31);
  assert.equal((await lease(sql)).length, 1);
});

quickTest("within one tick a row has one turn; the next tick takes it again", async ({ sql }) => {
  await setState(sql, "status = 'disconnected'");
  const first = await leaseOne(sql);
  await record(sql, first, { result: "unknown", outcome: "gateway_timeout" });
  assert.deepEqual(await lease(sql, 10, first.tick_started), []);
  const next = await leaseOne(sql);
  assert.ok(Date.parse(next.tick_started) >= Date.parse(first.tick_started));
});

quickTest("what a tick has given back takes no other's place", async ({ sql, company }) => {
  await addInstances(sql, company, 2, { status: "disconnected" });
  const first = await only(lease(sql, 1));
  await record(sql, first, { result: "unknown", outcome: "gateway_timeout" });
  const next = await only(lease(sql, 1, first.tick_started));
  assert.notEqual(next.instance_id, first.instance_id);
});

quickTest("a row that a later tick has had has had its turn", async ({ sql, company }) => {
  await addInstances(sql, company, 1, { status: "disconnected" });
  const mine = await leaseOne(sql);
  const [other] = await addInstances(sql, company, 1, { status: "disconnected" });
  const theirs = await leaseOne(sql);
  assert.equal(theirs.instance_id, other);
  await record(sql, theirs, { result: "refused" });
  assert.deepEqual(await lease(sql, 10, mine.tick_started), []);
  const [again] = await lease(sql, 10, theirs.tick_started);
  assert.equal(again, undefined);
  assert.equal((await leaseOne(sql)).instance_id, other);
});

quickTest("a tick's time goes from call to call unchanged", async ({ sql, company }) => {
  await addInstances(sql, company, 3, { status: "disconnected" });
  const [first] = await lease(sql, 1);
  const [second] = await lease(sql, 1, first!.tick_started);
  assert.equal(second?.tick_started, first?.tick_started);
});
