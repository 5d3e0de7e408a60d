import assert from "node:assert/strict";
import { withConnections } from "../../support/crowd.ts";
import { callSql, companyTest, only } from "../../support/database.ts";
import {
  acknowledge,
  answerSent,
  beginText,
  enqueue,
  enqueueText,
  finishMessage,
  messageRow,
  report,
  rowsOf,
} from "../../support/message-calls.ts";
import { instanceRow, pass } from "../../support/repair-calls.ts";
import { quickTest } from "../../support/quick-test.ts";

const FAILED = {
  status: "failed",
  error_code: "connection_closed",
  error_message: "Sessão encerrada",
} as const;

quickTest("a sent message has its WhatsApp id and time, and its media is let go", async (db) => {
  const id = crypto.randomUUID();
  await enqueue(db, [{ id, message_type: "image", base64: "aGk=" }]);
  assert.equal(await answerSent(db.sql, id, "WA-1"), true);
  const { sent_at, ...row } = await messageRow(db.sql, id);
  const sent = { status: "sent", whatsapp_message_id: "WA-1", delivered_at: null };
  assert.partialDeepStrictEqual(row, sent);
  assert.ok(sent_at);
  assert.equal((await db.sql`select from private.message_media`).length, 0);
  assert.ok((await instanceRow(db.sql, db.instanceId)).last_sent_at);
});

quickTest("a failure says why, and keeps content and media for another try", async (db) => {
  const id = crypto.randomUUID();
  await enqueue(db, [{ id, message_type: "image", content: "veja", base64: "aGk=" }]);
  assert.equal(await finishMessage(db.sql, id, { ...FAILED, content: "❌" }), true);
  const { failed_at, ...row } = await messageRow(db.sql, id);
  assert.partialDeepStrictEqual(row, { ...FAILED, content: "veja" });
  assert.ok(failed_at);
  assert.equal((await db.sql`select from private.message_media`).length, 1);
});

quickTest("a failure never touches a message that has left", async (db) => {
  const id = await enqueueText(db);
  await answerSent(db.sql, id, "WA-1");
  for (const status of ["sent", "delivered", "read"]) {
    await acknowledge(db.sql, db.instanceId, "WA-1", status);
    const before = await messageRow(db.sql, id);
    assert.equal(before.status, status);
    assert.equal(await finishMessage(db.sql, id, FAILED), false);
    assert.deepEqual(await messageRow(db.sql, id), before);
  }
});

quickTest("a failed message is not failed again, but a late success corrects it", async (db) => {
  const id = await enqueueText(db);
  await finishMessage(db.sql, id, FAILED);
  assert.equal(await finishMessage(db.sql, id, { ...FAILED, error_code: "other" }), false);
  assert.equal((await messageRow(db.sql, id)).error_code, FAILED.error_code);
  assert.equal(await answerSent(db.sql, id, "WA-1"), true);
  const { status, error_code, error_message, failed_at } = await messageRow(db.sql, id);
  assert.deepEqual({ status, error_code, error_message, failed_at }, {
    status: "sent",
    error_code: null,
    error_message: null,
    failed_at: null,
  });
});

quickTest("a second answer changes nothing; one without a WhatsApp id is sent too", async (db) => {
  const id = await enqueueText(db);
  assert.equal(await finishMessage(db.sql, id, { status: "sent" }), true);
  const before = await messageRow(db.sql, id);
  assert.equal(before.whatsapp_message_id, null);
  assert.equal(await answerSent(db.sql, id, "WA-2"), false);
  assert.deepEqual(await messageRow(db.sql, id), before);
  assert.equal(await finishMessage(db.sql, crypto.randomUUID(), { status: "sent" }), false);
});

quickTest("acknowledgements of what was received, or of no number, change nothing", async (db) => {
  await report(db, "IN-1");
  const before = await rowsOf(db.sql, "IN-1");
  assert.equal(await acknowledge(db.sql, db.instanceId, "IN-1", "read"), "ignored");
  assert.deepEqual(await rowsOf(db.sql, "IN-1"), before);
  await acknowledge(db.sql, crypto.randomUUID(), "WA-1", "read");
  assert.equal((await db.sql`select from private.early_acknowledgements`).length, 0);
});

quickTest("the sweep gives up on what was sending for 3 minutes, on no more", async (db) => {
  const sent = await beginText(db);
  await answerSent(db.sql, sent, "WA-1");
  const stale = await beginText(db);
  await pass(db.sql, 2);
  const young = await enqueueText(db);
  await db.sql`update public.messages set sending_since = ghost_repair.now() where id = ${young}`;
  await pass(db.sql, 179);
  const { swept } = await only(db.sql`select (public.sweep() ->> 'messages')::int as swept`);
  assert.equal(swept, 1);
  const { failed_at, ...row } = await messageRow(db.sql, stale);
  const interrupted = { status: "failed", error_code: "interrupted", may_have_left: true };
  assert.partialDeepStrictEqual(row, { ...interrupted, content: "oi" });
  assert.ok(failed_at);
  assert.equal((await messageRow(db.sql, young)).status, "sending");
  await callSql(db.sql, "explain_failures", { interrupted: "why", other: "not this" });
  assert.equal((await messageRow(db.sql, stale)).error_message, "why");
  assert.equal((await messageRow(db.sql, sent)).status, "sent");

  assert.equal(await answerSent(db.sql, stale, "WA-2"), true);
  assert.equal((await messageRow(db.sql, stale)).error_code, null);
});

quickTest("a reason of a day ago is put into words no more", async (db) => {
  const ids = [await enqueueText(db), await enqueueText(db)];
  await db.sql`update public.messages set status = 'failed', error_code = 'interrupted',
    failed_at = ghost_repair.now() - case when id = ${ids[0]!} then interval '25 hours'
      else interval '23 hours' end`;
  assert.equal(Number(await callSql(db.sql, "explain_failures", { interrupted: "why" })), 1);
  assert.equal((await messageRow(db.sql, ids[1]!)).error_message, "why");
});

quickTest("the sweep forgets acknowledgements that nobody claimed in a day", async (db) => {
  await acknowledge(db.sql, db.instanceId, "OLD", "read");
  await acknowledge(db.sql, db.instanceId, "NEW", "read");
  await db.sql`update private.early_acknowledgements set
    received_at = ghost_repair.now() - interval '25 hours' where whatsapp_message_id = 'OLD'`;
  await db.sql`select public.sweep()`;
  const kept = await db.sql`select whatsapp_message_id from private.early_acknowledgements`;
  assert.deepEqual([...kept], [{ whatsapp_message_id: "NEW" }]);
});

companyTest("10 sweeps at once sweep every message once", async (db) => {
  const ids = await Promise.all(Array.from({ length: 200 }, () => enqueueText(db)));
  await db
    .sql`update public.messages set sending_since = ghost_repair.now() - interval '4 minutes'`;
  const counts = await withConnections(
    db,
    10,
    (connections) =>
      Promise.all(connections.map(async (sql) => {
        const { swept } = await only(sql`select (public.sweep() ->> 'messages')::int as swept`);
        return Number(swept);
      })),
  );
  assert.equal(counts.reduce((sum, count) => sum + count, 0), ids.length);
});

quickTest("unconfirmed for ten minutes it is shown as that, and nobody suspected", async (db) => {
  const id = await enqueueText(db);
  const state = async () => {
    const row = await only(db.sql`select status, queued, unconfirmed from public.message_states
      where id = ${id}`);
    const { unconfirmed } = await only(db.sql`
      select messages_unconfirmed_24h::int as unconfirmed from public.instance_health
      where instance_id = ${db.instanceId}`);
    return [row.status, row.queued, row.unconfirmed, unconfirmed];
  };
  assert.deepEqual(await state(), ["sending", true, false, 0]);
  await answerSent(db.sql, id, "WA-1");
  await pass(db.sql, 599);
  assert.deepEqual(await state(), ["sent", false, false, 0]);
  await pass(db.sql, 2);
  assert.deepEqual(await state(), ["sent", false, true, 1]);
  await db.sql`select public.sweep()`;
  assert.equal((await db.sql`select from public.instance_events`).length, 0);
  await acknowledge(db.sql, db.instanceId, "WA-1", "delivered");
  assert.deepEqual(await state(), ["delivered", false, false, 0]);
});
