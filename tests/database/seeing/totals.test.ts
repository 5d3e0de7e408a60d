import assert from "node:assert/strict";
import type postgres from "postgres";
import { addInstances, callSql, companyTest } from "../../support/database.ts";
import { DISCONNECTED, setState } from "../../support/instance-calls.ts";
import {
  acknowledge,
  answerSent,
  beginText,
  enqueueText,
  finishMessage,
} from "../../support/message-calls.ts";
import { quickTest } from "../../support/quick-test.ts";
import { claimed, openRepairs, pass, recordLogout, release } from "../../support/repair-calls.ts";
import { growth, measured, totalOf } from "./measured.ts";

quickTest("the end of a send is counted once, by what it was", async (db) => {
  const { sql } = db;
  const ends = (labels: Record<string, string>, run: () => Promise<unknown>) =>
    growth(sql, "sends_total", labels, run);
  const sent = { end: "sent", reason: "none" };
  const id = await beginText(db);
  assert.equal(await ends(sent, () => answerSent(sql, id, "WA-1")), 1);
  assert.equal(await ends(sent, () => answerSent(sql, id, "WA-1")), 0, "told twice");
  assert.equal(await ends(sent, () => acknowledge(sql, db.instanceId, "WA-1", "delivered")), 0);
  assert.equal(await ends(sent, () => acknowledge(sql, db.instanceId, "WA-1", "read")), 0);

  const failing = await beginText(db);
  const failed = { status: "failed", error_code: "connection_closed" };
  const closed = { end: "failed", reason: "connection_closed" };
  assert.equal(await ends(closed, () => finishMessage(sql, failing, failed)), 1);
  const corrected = { end: "sent", reason: "corrected" };
  assert.equal(await ends(corrected, () => answerSent(sql, failing, "WA-2")), 1);

  const secret = await beginText(db);
  const other = { end: "failed", reason: "other" };
  const told = { status: "failed", error_code: "Número 5511900000001!" };
  assert.equal(await ends(other, () => finishMessage(sql, secret, told)), 1, "no word of ours");
});

quickTest("what a sweep ends is counted with it", async (db) => {
  await enqueueText(db);
  await enqueueText(db);
  await pass(db.sql, 3_600);
  const labels = { end: "failed", reason: "not_sent" };
  assert.equal(
    await growth(db.sql, "sends_total", labels, () => db.sql`select public.sweep()`),
    2,
  );
});

quickTest("a repair is counted by how it began and ended, also once it is pruned", async (db) => {
  const [watched, closed] = await openRepairs(db, 2);
  await db.sql`update public.ghost_repairs set evidence = '{"suspicion": "watch"}'
    where instance_id = ${watched!}`;
  await db.sql`update public.ghost_repairs set evidence = '{"logout": "accepted"}'
    where instance_id = ${closed!}`;
  const end = (id: string, outcome: string) =>
    db.sql`select ghost_repair.close_ghost_repair(${id}, ${outcome})`;
  const labels = { kind: "watch", outcome: "healed" };
  assert.equal(await growth(db.sql, "repairs_total", labels, () => end(watched!, "healed")), 1);
  const other = { kind: "connection_closed", outcome: "invalidated" };
  assert.equal(await growth(db.sql, "repairs_total", other, () => end(closed!, "invalidated")), 1);
  await db.sql`select ghost_repair.fold_totals()`;
  await pass(db.sql, 40 * 86_400);
  await db.sql`select public.prune()`;
  assert.equal((await db.sql`select from public.ghost_repairs`).length, 0);
  assert.equal(await totalOf(db.sql, "repairs_total", labels), 1);
});

quickTest("how long a death went unnoticed is measured from the last proof of life", async (db) => {
  const { sql, instanceId } = db;
  await setState(db, "last_alive_at = ghost_repair.now()");
  await pass(sql, 200);
  const { token } = await claimed(sql, instanceId);
  assert.equal(await totalOf(sql, "connection_closed_total"), 1);
  await recordLogout(sql, instanceId, token);
  assert.equal(await totalOf(sql, "logouts_total", { answer: "socket_dead" }), 1);
  const by = { by: "send" };
  assert.equal(await totalOf(sql, "detection_seconds_count", by), 1);
  const sum = await totalOf(sql, "detection_seconds_sum", by);
  assert.ok(sum >= 200 && sum < 210, String(sum));
  const bounds = await sql<{ le: string }[]>`select labels ->> 'le' as le
    from ghost_repair.current_totals where name = 'ghost_repair_detection_seconds_bucket'
      and labels ->> 'by' = 'send'
    order by replace(labels ->> 'le', '+Inf', 'Infinity')::float8`;
  assert.deepEqual(
    bounds.map(({ le }) => le),
    "30 60 120 180 300 420 600 900 1800 3600 14400 +Inf".split(" "),
  );
  const bucket = (le: string) => totalOf(sql, "detection_seconds_bucket", { ...by, le });
  assert.deepEqual(
    [await bucket("180"), await bucket("300"), await bucket("14400"), await bucket("+Inf")],
    [0, 1, 1, 1],
  );
});

quickTest("a number that nothing was ever heard of is no measure of finding", async (db) => {
  await setState(db, "last_alive_at = null");
  const { token } = await claimed(db.sql, db.instanceId);
  await recordLogout(db.sql, db.instanceId, token);
  assert.equal(await totalOf(db.sql, "detection_seconds_count", { by: "send" }), 0);
});

quickTest("a false alarm is counted, and no time away", async (db) => {
  const { token } = await claimed(db.sql, db.instanceId);
  await release(db.sql, db.instanceId, token);
  assert.equal(await totalOf(db.sql, "false_alarms_total"), 1);
  assert.equal(await totalOf(db.sql, "away_seconds_count", { waited: "nobody" }), 0);
});

quickTest("time away is measured where a number comes back", async (db) => {
  const { sql, instanceId } = db;
  const back = () => sql`select ghost_repair.write_connected(${instanceId})`;
  await setState(db, "connection_epoch = 1");
  const counted = (waited: string) => totalOf(sql, "away_seconds_count", { waited });
  await setState(db, DISCONNECTED);
  await pass(sql, 100);
  await back();
  assert.deepEqual([await counted("nobody"), await counted("scan")], [1, 0]);
  const sum = await totalOf(sql, "away_seconds_sum", { waited: "nobody" });
  assert.ok(sum >= 100 && sum < 110, String(sum));
  await back();
  assert.equal(await counted("nobody"), 1, "it was back");
  await setState(db, "status = 'awaiting_qr', disconnected_since = ghost_repair.now()");
  await back();
  assert.deepEqual([await counted("nobody"), await counted("scan")], [1, 1]);
  // Neither a person's own disconnection, nor the first pairing.
  await setState(db, "manual_disconnect = true");
  await setState(db, "manual_disconnect = false, status = 'connected'");
  assert.equal(await counted("nobody"), 1);
  const [fresh] = await addInstances(sql, db.company, 1, {
    status: "disconnected",
    disconnected_since: new Date(),
  });
  await sql`select ghost_repair.write_connected(${fresh!})`;
  assert.equal(await counted("nobody"), 1);
});

quickTest("looks, restarts, trials, alerts and recovered messages are counted", async (db) => {
  const { sql, instanceId } = db;
  await sql`update ghost_repair.watched_numbers set next_look_at = ghost_repair.now()`;
  await pass(sql, 3_600);
  const [look] = await sql`select * from public.lease_watched_numbers(1)`;
  await callSql(sql, "record_watched_numbers", [{
    instance_id: instanceId,
    token: look!["token"],
    epoch: Number(look!["connection_epoch"]),
    verdict: "alive",
  }]);
  assert.equal(await totalOf(sql, "probes_total", { finding: "alive" }), 1);

  await sql`insert into ghost_repair.restart_requests (api_url) values ('http://evolution.test')`;
  await sql`update ghost_repair.restart_requests set closed_at = ghost_repair.now(),
    outcome = 'failed'`;
  assert.equal(await totalOf(sql, "restarts_asked_total"), 1);
  assert.equal(await totalOf(sql, "restarts_total", { outcome: "failed" }), 1);

  await sql`insert into ghost_repair.canary_trials
      (instance_id, organization_id, reason, silent_since)
    values (${instanceId}, ${db.company.organizationId}, 'silence', ghost_repair.now())`;
  await sql`select ghost_repair.close_trial(${instanceId}, 'hears')`;
  assert.equal(await totalOf(sql, "canary_trials_total", { verdict: "hears" }), 1);

  await sql`with channel as (
      insert into private.alert_channels (organization_id, kind, name, url)
      values (${db.company.organizationId}, 'slack', 'x', 'https://hooks.slack.com/x') returning id)
    insert into ghost_repair.alert_messages (channel_id, numbers, items)
    select id, 1, '[]' from channel`;
  await sql`update ghost_repair.alert_messages set state = 'sending'`;
  await sql`update ghost_repair.alert_messages set state = 'sent'`;
  assert.equal(await totalOf(sql, "alerts_total", { channel: "slack", end: "sent" }), 1);

  await sql`insert into public.message_gaps (instance_id, reason, state, gap_from)
    values (${instanceId}, 'away', 'open', ghost_repair.now())`;
  await sql`update public.message_gaps set stored = 5, missing = 2`;
  await sql`update public.message_gaps set stored = 5, missing = 3`;
  assert.equal(await totalOf(sql, "messages_recovered_total"), 5);
  assert.equal(await totalOf(sql, "messages_missing_total"), 3);
});

quickTest("no total falls while it is added up", async (db) => {
  const raise = () =>
    db.sql`
    select ghost_repair.raise_total('ghost_repair_away_seconds', '{"waited": "scan"}', 2, 61)`;
  await raise();
  const totals = async () =>
    (await measured(db.sql)).filter(({ name }) => /_(?:total|bucket|sum|count)$/.test(name));
  const before = await totals();
  await db.sql`select ghost_repair.fold_totals()`;
  assert.deepEqual(await totals(), before);
  assert.equal((await db.sql`select from ghost_repair.raised_totals`).length, 0);
  await raise();
  assert.equal(await totalOf(db.sql, "away_seconds_count", { waited: "scan" }), 4);
  assert.equal(await totalOf(db.sql, "away_seconds_sum", { waited: "scan" }), 244);
  await db.sql`
    select ghost_repair.raise_total('ghost_repair_away_seconds', '{"waited": "scan"}', 1, -5)`;
  assert.equal(await totalOf(db.sql, "away_seconds_sum", { waited: "scan" }), 244);
});

companyTest("who ends something waits for nobody who ends something", async ({ sql }) => {
  const raise = (on: postgres.ISql) =>
    on`select ghost_repair.raise_total('ghost_repair_sends_total', '{"end": "sent"}')`;
  const fold = (on: postgres.ISql) => on`select ghost_repair.fold_totals()`;
  await sql.begin(async (slow) => {
    await raise(slow);
    await fold(sql);
    // From another connection, while the first one has not committed.
    const meanwhile = (run: (on: postgres.ISql) => Promise<unknown>) =>
      sql.begin(async (other) => {
        await other`set local lock_timeout = '2s'`;
        await run(other);
      });
    await Promise.all([meanwhile(raise), meanwhile(raise)]);
    await meanwhile(fold);
  });
  assert.equal(await totalOf(sql, "sends_total", { end: "sent" }), 3);
  await sql`select ghost_repair.fold_totals()`;
  const [kept] = await sql`select value from ghost_repair.totals
    where name = 'ghost_repair_sends_total' and labels = '{"end": "sent"}'`;
  assert.equal(kept!["value"], 3);
});
