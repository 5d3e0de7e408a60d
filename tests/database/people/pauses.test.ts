import assert from "node:assert/strict";
import type postgres from "postgres";
import { connected } from "../../../dev/platform/database/sql-file.ts";
import {
  addInstances,
  callSql,
  type CompanyDatabase,
  only,
  ownCompanyTest,
} from "../../support/database.ts";
import { ask, DISCONNECTED, setState } from "../../support/instance-calls.ts";
import {
  beginText,
  claimMessage,
  enqueueText,
  handOver,
  messageRow,
} from "../../support/message-calls.ts";
import { quickTest, undone } from "../../support/quick-test.ts";
import { beginStep, claim, leaseRepairs, openRepairs, pass } from "../../support/repair-calls.ts";

const pause = (sql: postgres.ISql) => sql`select ghost_repair.pause()`;
const endPause = (sql: postgres.ISql) => sql`select ghost_repair.end_pause()`;
const sweep = (sql: postgres.ISql) => callSql<Record<string, number>>(sql, "sweep");

/** These rows were written in another cluster, so many seconds ago. */
const restore = (sql: postgres.ISql, seconds = 600) =>
  sql`update ghost_repair.places set place = 'another/1/1',
    seen_at = ghost_repair.now() - make_interval(secs => ${seconds})`;

async function isPaused(sql: postgres.ISql): Promise<boolean> {
  return (await only(sql<{ it: boolean }[]>`select ghost_repair.is_paused() as it`)).it;
}

/** Something due of each kind. */
async function makeDue(db: CompanyDatabase): Promise<void> {
  const { sql, company } = db;
  await openRepairs(db, 2);
  await addInstances(sql, company, 1, { status: "disconnected" });
  const [scan] = await addInstances(sql, company, 1, { status: "awaiting_qr" });
  assert.ok(scan);
  await handOver(sql, [await enqueueText(db)]);
  await sql`update ghost_repair.watched_numbers set next_look_at = ghost_repair.now()`;
  await sql`insert into ghost_repair.operator_notices (repair_id)
    select id from public.ghost_repairs limit 1`;
  await sql`insert into ghost_repair.restart_requests (api_url, opened_at)
    values ('http://evolution.test', ghost_repair.now() - interval '1 hour')`;
  await sql`insert into private.restart_agents values
    ('http://evolution.test', 'http://agent.test', 'a secret of sixteen')`;
  await sql`update public.ghost_repairs set state = 'restart_requested'
    where id in (select id from public.ghost_repairs order by id limit 1)`;
  await sql`with channel as (
      insert into private.alert_channels (organization_id, kind, name, url)
      values (${company.organizationId}, 'slack', 'x', 'https://hooks.slack.com/x') returning id
    ), told as (
      insert into ghost_repair.alerts (channel_id, instance_id, kind, since, due_at)
      select id, ${db.instanceId}, 'down', ghost_repair.now(), ghost_repair.now() from channel)
    insert into ghost_repair.alert_messages (channel_id, numbers, items)
    select id, 1, '[]' from channel`;
  await sql`insert into ghost_repair.canary_policies (organization_id)
    values (${company.organizationId})`;
  await sql`insert into ghost_repair.canary_trials
      (instance_id, organization_id, reason, silent_since)
    values (${db.instanceId}, ${company.organizationId}, 'silence', ghost_repair.now())`;
  await sql`insert into ghost_repair.hearing (instance_id, next_check_at)
    values (${db.instanceId}, ghost_repair.now()) on conflict do nothing`;
  await sql`insert into public.message_gaps
      (instance_id, organization_id, reason, state, gap_from, gap_until, due_at, waits_since)
    values (${db.instanceId}, ${company.organizationId}, 'daily', 'due',
      ghost_repair.now() - interval '1 hour', ghost_repair.now(), ghost_repair.now(),
      ghost_repair.now())`;
}

/** What a scheduler's functions are handed out, by the SQL function that hands it out. */
async function handedOut(sql: postgres.Sql): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (
    const call of [
      "lease_due_repairs",
      "lease_due_reconnects",
      "lease_watched_numbers",
      "lease_waiting_numbers",
      "lease_held_releases",
      "lease_gaps",
      "lease_due_trials",
      "claim_operator_notices",
      "claim_restart_requests",
      "claim_alerts",
    ]
  ) {
    await undone(sql, async (inner) => {
      counts[call] = (await inner.unsafe(`select from public.${call}(10)`)).length;
    });
  }
  return counts;
}

const due = async (sql: postgres.ISql) =>
  (await sql<{ name: string }[]>`select name from ghost_repair.due_functions() order by name`)
    .map(({ name }) => name);

const ALL = [
  "advance-ghost-repairs",
  "recover-messages",
  "release-held-messages",
  "send-alerts",
  "watch-instances",
];

quickTest("paused, nothing that is due is called or handed out; afterwards all is", async (db) => {
  const { sql } = db;
  await makeDue(db);
  const before = await handedOut(sql);
  assert.deepEqual(Object.entries(before).filter(([, count]) => count === 0), []);
  assert.deepEqual(await due(sql), ALL);
  await pause(sql);
  assert.deepEqual(await due(sql), []);
  assert.equal((await only(sql`select ghost_repair.call_auto_reconnect() as calls`))["calls"], 0);
  assert.deepEqual(Object.values(await handedOut(sql)).filter(Boolean), []);
  await endPause(sql);
  assert.deepEqual(await due(sql), ALL);
  assert.deepEqual(await handedOut(sql), before);
});

quickTest("a pause begins no repair, and takes away the leases of who is at work", async (db) => {
  const { sql, instanceId } = db;
  await openRepairs(db, 1);
  const [lease] = await leaseRepairs(sql, 1);
  await pause(sql);
  assert.equal(await beginStep(sql, lease!, "restart"), false);
  const { claimed, reason } = await claim(sql, instanceId);
  assert.deepEqual([claimed, reason], [false, "paused"]);
  const { status } = await only(sql`
    select status from public.whatsapp_instances where id = ${instanceId}`);
  assert.equal(status, "connected", "nothing is marked");
  await endPause(sql);
  assert.equal((await claim(sql, instanceId)).claimed, true);
});

quickTest("what a person asks for is done although it is paused", async (db) => {
  await setState(db, DISCONNECTED);
  await pause(db.sql);
  assert.equal((await ask(db, "begin_reconnect"))["result"], "claimed");
  const id = await enqueueText(db);
  assert.equal(await claimMessage(db.sql, id), "claimed");
});

quickTest("rows that come from elsewhere pause themselves, before anybody sweeps", async (db) => {
  const { sql } = db;
  await makeDue(db);
  assert.equal(await isPaused(sql), false);
  await restore(sql);
  assert.equal(await isPaused(sql), true);
  assert.deepEqual(await due(sql), []);
  assert.deepEqual(Object.values(await handedOut(sql)).filter(Boolean), []);
  assert.equal(await isPaused(sql), true, "asking does not end it");
});

quickTest("what was on its way when they were written is not sent again by itself", async (db) => {
  const { sql } = db;
  const [sending, queued, held] = [
    await beginText(db),
    await enqueueText(db),
    await enqueueText(db),
  ];
  await sql`update public.messages set status = 'held', sending_since = null,
    held_until = ghost_repair.now() + interval '1 hour' where id = ${held}`;
  await sql`with channel as (
      insert into private.alert_channels (organization_id, kind, name, url)
      values (${db.company.organizationId}, 'slack', 'x', 'https://hooks.slack.com/x') returning id)
    insert into ghost_repair.alert_messages (channel_id, numbers, items)
    select id, 1, '[]' from channel`;
  await pass(sql, 600);
  await restore(sql, 590);
  const fresh = await enqueueText(db);
  assert.equal((await sweep(sql))["restored"], 3);
  for (const id of [queued, held, sending]) {
    const row = await messageRow(sql, id);
    assert.deepEqual(
      [row["status"], row["error_code"], row["may_have_left"]],
      ["failed", "interrupted", true],
    );
    assert.equal(await claimMessage(sql, id), "taken");
  }
  const again = await callSql<{ result: string }>(sql, "retry_message", db.company.userId, queued);
  assert.equal(again.result, "may_have_been_sent", "a person is asked");
  assert.equal((await messageRow(sql, fresh))["status"], "sending", "what came since is not");
  const [alert] = await sql`select state from ghost_repair.alert_messages`;
  assert.equal(alert!["state"], "unknown");

  await sql`select public.retry_message(${db.company.userId}, ${queued}, true)`;
  assert.equal((await sweep(sql))["restored"], 0, "noticed once");
  assert.equal((await messageRow(sql, queued))["status"], "sending");
  assert.equal(await isPaused(sql), true);
  const { paused_for } = await only(sql`select paused_for from ghost_repair.settings`);
  assert.equal(paused_for, "restored");
  await endPause(sql);
  assert.equal(await isPaused(sql), false);
  await sweep(sql);
  assert.equal(await isPaused(sql), false, "the place is the new one");
  assert.equal((await messageRow(sql, queued))["status"], "sending");
});

quickTest("a pause that ends before the sweep has noticed sends nothing old either", async (db) => {
  const id = await enqueueText(db);
  await restore(db.sql, 0);
  await pass(db.sql, 200);
  await endPause(db.sql);
  assert.equal((await messageRow(db.sql, id))["status"], "failed");
  assert.equal(await isPaused(db.sql), false);
});

quickTest("a copy that was paused and restored once more notices it again", async (db) => {
  await restore(db.sql);
  await sweep(db.sql);
  const id = await enqueueText(db);
  await pass(db.sql, 600);
  await db.sql`update ghost_repair.places set noticed_place = 'another/1/2',
    seen_at = ghost_repair.now() - interval '5 minutes'`;
  await sweep(db.sql);
  assert.equal((await messageRow(db.sql, id))["status"], "failed");
});

quickTest("a standby that takes over at once is no restore", async (db) => {
  await restore(db.sql, 60);
  assert.equal(await isPaused(db.sql), false);
  await sweep(db.sql);
  await pass(db.sql, 3_600);
  assert.equal(await isPaused(db.sql), false, "the place was learnt");
});

quickTest("a scheduler that stood still for long is no restore", async (db) => {
  await sweep(db.sql);
  await pass(db.sql, 86_400);
  assert.equal(await isPaused(db.sql), false);
});

quickTest("a place is the cluster, its timeline, and the table", async ({ sql }) => {
  const { place, told } = await only(sql`
    select ghost_repair.current_place() as place, (select s.system_identifier || '/' || c.timeline_id
      from pg_control_system() s, pg_control_checkpoint() c)
      || '/' || 'ghost_repair.places'::regclass::oid as told`);
  assert.equal(place, told);
  // Loaded from a dump, the same rows are in another table.
  await sql.unsafe(`create table ghost_repair.loaded as table ghost_repair.places;
    drop table ghost_repair.places; alter table ghost_repair.loaded rename to places`).simple();
  await pass(sql, 121);
  assert.equal(await isPaused(sql), true);
});

ownCompanyTest("where the cluster cannot be read, the table's number has to do", async (db) => {
  await connected(
    `${db.server.adminUrl}/${db.name}`,
    (admin) => admin`revoke execute on function pg_control_system() from public`,
  );
  // The template may be minutes old.
  await db.sql`update ghost_repair.places set seen_at = now()`;
  assert.equal(await isPaused(db.sql), false, "within a failover's time");
  const { place, told } = await only(db.sql`select ghost_repair.current_place() as place,
  '//' || 'ghost_repair.places'::regclass::oid as told`);
  assert.equal(place, told);
  await db.sql`update ghost_repair.places set seen_at = seen_at - interval '10 seconds'`;
  await sweep(db.sql);
  await db.sql`update ghost_repair.places set seen_at = seen_at - interval '1 hour'`;
  assert.equal(await isPaused(db.sql), false, "the place was learnt");
});
