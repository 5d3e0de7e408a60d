import assert from "node:assert/strict";
import { callSql, type CompanyDatabase, only } from "../../support/database.ts";
import {
  acknowledge,
  answerSent,
  beginText,
  claimMessage,
  enqueue,
  enqueueText,
  finishMessage,
  messageRow,
  report,
  rowsOf,
} from "../../support/message-calls.ts";
import { quickTest } from "../../support/quick-test.ts";
import { pass } from "../../support/repair-calls.ts";

/** `send.message`: what was sent, and to whom; "oi" to the customer unless told. */
function reportSend(
  db: CompanyDatabase,
  whatsappId: string,
  sent: Readonly<Record<string, string | null>> = {},
): Promise<string> {
  return callSql(db.sql, "ghost_repair.apply_acknowledgement", db.instanceId, whatsappId, "sent", {
    remote_jid: db.company.customerJid,
    hidden_jid: null,
    type: "text",
    content: "oi",
    caption: null,
    ...sent,
  });
}

async function sweep({ sql }: CompanyDatabase): Promise<number> {
  const { swept } = await only(sql`select (public.sweep() ->> 'messages')::int as swept`);
  return swept;
}

/** Being sent since three minutes; `interrupted` after a sweep. */
async function lose(db: CompanyDatabase): Promise<string> {
  const id = await beginText(db);
  await pass(db.sql, 181);
  return id;
}

async function statusOf({ sql }: CompanyDatabase, id: string) {
  const { status, error_code, whatsapp_message_id } = await messageRow(sql, id);
  return [status, error_code, whatsapp_message_id];
}

const INTERRUPTED = ["failed", "interrupted", null];

quickTest("what the gateway reported is not given up on, its answer lost or not", async (db) => {
  const id = await beginText(db);
  assert.equal(await acknowledge(db.sql, db.instanceId, "WA-1", "delivered"), "kept");
  // Whoever sends it may live, and knows better.
  assert.equal(await reportSend(db, "WA-1"), "kept");
  assert.deepEqual(await statusOf(db, id), ["sending", null, null]);
  const { kept } = await only(db.sql`
    select jsonb_agg(a)::text as kept from private.early_acknowledgements a`);
  assert.ok(!kept.includes('"oi"'), "no text is kept for it");
  await pass(db.sql, 181);
  assert.equal(await sweep(db), 0);
  assert.deepEqual(await statusOf(db, id), ["delivered", null, "WA-1"]);
  assert.equal((await db.sql`select from private.early_acknowledgements`).length, 0);
  assert.equal(await acknowledge(db.sql, db.instanceId, "WA-1", "read"), "applied");
  assert.equal(await acknowledge(db.sql, db.instanceId, "WA-1", "sent"), "ignored");
});

quickTest("a report that comes late corrects what was given up on, and once", async (db) => {
  const id = await lose(db);
  assert.equal(await sweep(db), 1);
  assert.deepEqual(await statusOf(db, id), INTERRUPTED);
  await pass(db.sql, 20 * 60);
  assert.equal(await reportSend(db, "WA-1"), "applied");
  assert.deepEqual(await statusOf(db, id), ["sent", null, "WA-1"]);
  assert.equal((await messageRow(db.sql, id)).may_have_left, false);
  await acknowledge(db.sql, db.instanceId, "WA-1", "read");
  assert.equal(await reportSend(db, "WA-1"), "ignored");
  assert.equal(await reportSend(db, "WA-2"), "kept");
  assert.deepEqual(await statusOf(db, id), ["read", null, "WA-1"]);
});

quickTest("an answer that took too long is told by the report before it", async (db) => {
  const id = await beginText(db);
  await reportSend(db, "WA-1");
  const failed = { status: "failed", error_message: "x" };
  await finishMessage(db.sql, id, {
    ...failed,
    error_code: "gateway_timeout",
    may_have_left: true,
  });
  await sweep(db);
  assert.deepEqual(await statusOf(db, id), ["sent", null, "WA-1"]);

  const other = await beginText(db);
  await reportSend(db, "WA-2");
  // It is known not to have left: another of the gateway's users sent the same words.
  await finishMessage(db.sql, other, { ...failed, error_code: "gateway_unreachable" });
  await sweep(db);
  assert.deepEqual(await statusOf(db, other), ["failed", "gateway_unreachable", null]);
});

/** Reports that are another message's, by what is not the same. */
const OTHERS: Readonly<Record<string, Readonly<Record<string, string | null>>>> = {
  "another text": { content: "tchau" },
  "another kind": { type: "image", content: null, caption: "oi" },
  "another person": { remote_jid: "5511955554444@s.whatsapp.net" },
};

for (const [what, other] of Object.entries(OTHERS)) {
  quickTest(`a report about ${what} tells nothing of a lost answer`, async (db) => {
    const id = await lose(db);
    assert.equal(await reportSend(db, "WA-1", other), "kept");
    await sweep(db);
    assert.equal(await reportSend(db, "WA-2", other), "kept");
    await sweep(db);
    assert.deepEqual(await statusOf(db, id), INTERRUPTED);
  });
}

quickTest("one person is one chat, also for a lost answer", async (db) => {
  const jid = "5511998765432@s.whatsapp.net";
  const target = { instance_id: db.instanceId, remote_jid: jid };
  const id = crypto.randomUUID();
  await enqueue(db, [{ id }], { target });
  await claimMessage(db.sql, id);
  await pass(db.sql, 181);
  const elsewhere = { remote_jid: "551198765432@s.whatsapp.net" };
  assert.equal(await reportSend(db, "WA-1", elsewhere), "applied");
  assert.equal((await messageRow(db.sql, id)).status, "sent");
});

quickTest("two messages that a report may mean stay; content tells them apart", async (db) => {
  const first = await lose(db);
  const second = await lose(db);
  const third = crypto.randomUUID();
  const picture = { message_type: "image", content: "", caption: "foto", base64: "aGk=" };
  await enqueue(db, [{ id: third, ...picture }]);
  await claimMessage(db.sql, third);
  await pass(db.sql, 181);
  await reportSend(db, "WA-1");
  await reportSend(db, "WA-3", { type: "image", content: null, caption: "foto " });
  await sweep(db);
  assert.deepEqual(await statusOf(db, first), INTERRUPTED);
  assert.deepEqual(await statusOf(db, second), INTERRUPTED);
  assert.deepEqual(await statusOf(db, third), ["sent", null, "WA-3"]);
});

quickTest("a living sender's answer goes before; what is left is the lost one's", async (db) => {
  const lost = await lose(db);
  await sweep(db);
  const living = await beginText(db);
  // Either's: the second one is in the middle of its send.
  assert.equal(await reportSend(db, "WA-lost"), "kept");
  assert.equal(await reportSend(db, "WA-living"), "kept");
  await answerSent(db.sql, living, "WA-living");
  await sweep(db);
  assert.deepEqual(await statusOf(db, living), ["sent", null, "WA-living"]);
  assert.deepEqual(await statusOf(db, lost), ["sent", null, "WA-lost"]);
});

quickTest("what came before the send, or an hour after it, is not about it", async (db) => {
  await reportSend(db, "WA-before");
  await pass(db.sql, 1);
  const id = await lose(db);
  await sweep(db);
  await pass(db.sql, 3_600);
  assert.equal(await reportSend(db, "WA-after"), "kept");
  await sweep(db);
  assert.deepEqual(await statusOf(db, id), INTERRUPTED);
});

quickTest("reports without content, and the phone's own messages, tell nothing", async (db) => {
  const id = await lose(db);
  const queued = await enqueueText(db);
  await sweep(db);
  // The other side of what was typed on the phone looks the same as that of our send.
  assert.equal(await acknowledge(db.sql, db.instanceId, "WA-1", "delivered"), "kept");
  assert.equal(await report(db, "WA-1", { from_me: true, content: "oi" }), "stored");
  assert.deepEqual(await statusOf(db, id), INTERRUPTED);
  assert.deepEqual((await rowsOf(db.sql, "WA-1")).map((row) => row.status), ["delivered"]);
  assert.deepEqual(await statusOf(db, queued), ["sending", null, null]);
});

quickTest("a second attempt that died is told by its own report", async (db) => {
  const id = await beginText(db);
  await answerSent(db.sql, id, "WA-1");
  await acknowledge(db.sql, db.instanceId, "WA-1", "failed");
  await callSql(db.sql, "retry_message", db.company.userId, id, true);
  await claimMessage(db.sql, id);
  await pass(db.sql, 181);
  assert.equal(await reportSend(db, "WA-2"), "applied");
  assert.deepEqual(await statusOf(db, id), ["sent", null, "WA-2"]);
});
