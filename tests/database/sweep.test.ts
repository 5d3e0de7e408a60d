import assert from "node:assert/strict";
import { companyTest, ownCompanyTest } from "../support/database.ts";
import { quickTest } from "../support/quick-test.ts";
import { choosesAgain, findChoosingAgain } from "./chosen-again.ts";
import { beginText, messageRow } from "../support/message-calls.ts";
import { claim, claimed, events, openRepairs, pass } from "../support/repair-calls.ts";

ownCompanyTest("a part of the sweep that fails is named, and the others are done", async (db) => {
  const id = await beginText(db);
  await pass(db.sql, 181);
  await db.sql.unsafe(`
    create or replace function ghost_repair.expire_held_messages() returns bigint
    language plpgsql as $$ begin raise exception 'broken'; end $$`);
  const [row] = await db.sql`select public.sweep() as swept`;
  const { held, messages, deleted } = row!["swept"];
  assert.deepEqual({ held, messages, deleted }, { held: null, messages: 1, deleted: 0 });
  assert.equal((await messageRow(db.sql, id))["status"], "failed");
});

companyTest("300 sends that no repair is begun for are one event with a count", async (db) => {
  await db.sql`update public.whatsapp_instances set status = 'awaiting_qr'`;
  for (let send = 0; send < 300; send++) await claim(db.sql, db.instanceId);
  assert.deepEqual(await events(db.sql, db.instanceId), [
    { kind: "repair_skipped", detail: { reason: "awaiting_qr", count: 300 } },
  ]);
  // Another reason, another time: another event.
  await db.sql`update public.whatsapp_instances set manual_disconnect = true`;
  await claim(db.sql, db.instanceId);
  await pass(db.sql, 601);
  await claim(db.sql, db.instanceId);
  assert.deepEqual((await events(db.sql, db.instanceId)).slice(1), [
    { kind: "repair_skipped", detail: { reason: "manual_disconnect" } },
    { kind: "repair_skipped", detail: { reason: "manual_disconnect" } },
  ]);
  // Another kind, with the same detail: not its count.
  await db.sql`
    select ghost_repair.add_repeated_event(${db.instanceId}, 'needs_operator', e.detail)
    from public.instance_events e order by e.id desc limit 1`;
  assert.deepEqual((await events(db.sql, db.instanceId)).slice(3), [
    { kind: "needs_operator", detail: { reason: "manual_disconnect" } },
  ]);
});

ownCompanyTest("what has ended is kept for a time, and then goes in batches", async (db) => {
  const [open, closed] = await openRepairs(db, 2);
  await db.sql`update public.ghost_repairs set state = 'closed', closed_at = ghost_repair.now()
    where instance_id = ${closed!}`;
  await claimed(db.sql, db.instanceId);
  await claim(db.sql, db.instanceId);
  await db.sql.unsafe(`create schema cron; create table cron.job_run_details
    (runid bigint generated always as identity, end_time timestamptz)`).simple();
  await db.sql`insert into cron.job_run_details (end_time)
    select ghost_repair.now() from generate_series(1, 5)`;
  const kept = async () => {
    const [row] = await db.sql`select
      (select count(*)::int from public.instance_events) as events,
      (select array_agg(instance_id) from public.ghost_repairs) as repairs,
      (select count(*)::int from cron.job_run_details) as runs`;
    return { ...row };
  };
  const before = await kept();
  const DAY = 86_400;
  await pass(db.sql, 7 * DAY - 1);
  await db.sql`select public.prune()`;
  assert.deepEqual(await kept(), before);
  await pass(db.sql, 2);
  await db.sql`update ghost_repair.settings set prune_batch = 3`;
  await db.sql`select public.prune()`;
  assert.deepEqual(await kept(), { ...before, runs: 2 });
  await pass(db.sql, 23 * DAY);
  await db.sql`select public.prune()`;
  assert.deepEqual(await kept(), { events: 0, repairs: [open], runs: 0 });
});

quickTest("a batch is chosen once, whatever the plan: by a CTE, or in an array", async (db) => {
  const { again, limited } = await findChoosingAgain(db.sql);
  assert.deepEqual(again, []);
  assert.ok(limited > 10, String(limited));
  const planted = [
    "delete from a where a.id in (select b.id from b where f(b.id) limit 3)",
    "delete from a using (\n select b.id from b limit (select 3) for update skip locked) c",
  ];
  for (const source of planted) assert.ok(choosesAgain(source), source);
});
