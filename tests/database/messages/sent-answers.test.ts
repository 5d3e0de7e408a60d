import assert from "node:assert/strict";
import type postgres from "postgres";
import { withConnections } from "../../support/crowd.ts";
import { callSql, type CompanyDatabase, companyTest, only } from "../../support/database.ts";
import {
  acknowledge,
  answerSent,
  beginText,
  enqueue,
  enqueueText,
  finishMessage,
  handOver,
  messageRow,
  rowsOf,
} from "../../support/message-calls.ts";
import { pass } from "../../support/repair-calls.ts";
import { quickTest } from "../../support/quick-test.ts";

function note(sql: postgres.ISql, id: string, whatsappId: string): Promise<unknown> {
  return callSql(sql, "note_sent_answer", id, whatsappId);
}

async function notes(db: CompanyDatabase): Promise<number> {
  return (await db.sql`select from private.sent_answers`).length;
}

companyTest(
  "an answer is noted while the message's row is locked, and the sweep stores it afterwards",
  async (db) => {
    const id = await beginText(db);
    await pass(db.sql, 181);
    await withConnections(db, 2, async ([locker, other]) => {
      await locker!.unsafe("begin");
      await locker!`select from public.messages where id = ${id} for update`;
      await note(other!, id, "WA-1");
      // What the customer's phone says meanwhile is kept for it.
      assert.equal(await acknowledge(other!, db.instanceId, "WA-1", "delivered"), "kept");
      await other!`select public.sweep()`;
      await locker!.unsafe("rollback");
      assert.equal((await messageRow(db.sql, id)).status, "sending");
      assert.equal(await notes(db), 1);
      await other!`select public.sweep()`;
    });
    const row = await messageRow(db.sql, id);
    assert.deepEqual([row.status, row.whatsapp_message_id, row.error_code], [
      "delivered",
      "WA-1",
      null,
    ]);
    assert.equal(await notes(db), 0);
    assert.equal((await rowsOf(db.sql, "WA-1")).length, 1);
  },
);

quickTest("a noted answer corrects what was given up on, and goes once stored", async (db) => {
  const [late, stored] = [await beginText(db), await enqueueText(db)];
  await pass(db.sql, 181);
  await db.sql`select public.sweep()`;
  assert.equal((await messageRow(db.sql, late)).error_code, "interrupted");
  await note(db.sql, late, "WA-1");
  await note(db.sql, stored, "WA-2");
  await answerSent(db.sql, stored, "WA-2");
  assert.equal(await notes(db), 1);
  await note(db.sql, crypto.randomUUID(), "WA-of-nobody");
  await db.sql`select public.sweep()`;
  assert.equal((await messageRow(db.sql, late)).status, "sent");
  assert.equal(await notes(db), 0);
});

companyTest("the end of a send does not wait for the number's row", async (db) => {
  const [sent, failed] = [
    await beginText(db),
    await beginText({ ...db, company: { ...db.company, conversationId: await elsewhere(db) } }),
  ];
  await withConnections(db, 2, async ([locker, other]) => {
    await locker!.unsafe("begin");
    await locker!`select from public.whatsapp_instances where id = ${db.instanceId} for update`;
    await other!.unsafe("set lock_timeout = '1s'");
    assert.equal(await answerSent(other!, sent, "WA-1"), true);
    assert.equal(
      await finishMessage(other!, failed, { status: "failed", error_code: "gateway_error" }),
      true,
    );
    await locker!.unsafe("rollback");
  });
});

companyTest("what WhatsApp limits goes back to its place and waits, a few times", async (db) => {
  const id = await beginText(db);
  const limited = { status: "failed", error_code: "rate_limited_by_whatsapp", error_message: "x" };
  const due = async () => (await db.sql`select from ghost_repair.due_releases`).length;
  const other = await enqueueText(db);
  await handOver(db.sql, [other]);
  for (let wait = 1; wait <= 3; wait++) {
    await finishMessage(db.sql, id, limited);
    const row = await messageRow(db.sql, id);
    assert.deepEqual([row.status, row.sending_since, row.attempts], ["sending", null, wait + 1]);
    assert.equal(await due(), 0, "nothing of the number goes out meanwhile");
    await pass(db.sql, 121);
    assert.equal(await due(), 1);
    await db.sql`delete from ghost_repair.leases`;
    const { token } = await only(db.sql<{ token: string }[]>`
      select token from public.lease_held_releases(10)`);
    const claimed = await only(db.sql`
      select id from public.claim_held_message(${db.instanceId}, ${token}, gen_random_uuid())`);
    assert.equal(claimed.id, id);
  }
  await finishMessage(db.sql, id, limited);
  const { status, error_code, may_have_left } = await messageRow(db.sql, id);
  assert.deepEqual([status, error_code, may_have_left], ["failed", limited.error_code, false]);
});

quickTest("a failed message's file is kept for a week; a retry then says so", async (db) => {
  const [old, waiting] = [crypto.randomUUID(), crypto.randomUUID()];
  for (const id of [old, waiting]) {
    await enqueue(db, [{
      id,
      message_type: "image",
      base64: "aGk=",
    }]);
  }
  await finishMessage(db.sql, old, { status: "failed", error_code: "gateway_error" });
  await pass(db.sql, 7 * 86_400 - 10);
  await db.sql`select ghost_repair.prune_media()`;
  assert.equal((await db.sql`select from private.message_media`).length, 2);
  await pass(db.sql, 20);
  await db.sql`select ghost_repair.prune_media()`;
  const kept = await db.sql`select message_id from private.message_media`;
  assert.deepEqual([...kept], [{ message_id: waiting }]);
  assert.deepEqual(await callSql(db.sql, "retry_message", db.company.userId, old), {
    result: "media_expired",
  });
});

async function elsewhere({ sql, company }: CompanyDatabase): Promise<string> {
  const { id } = await only(sql<{ id: string }[]>`
    insert into public.conversations (organization_id, whatsapp_instance_id, remote_jid)
    values (${company.organizationId}, ${company.instanceId}, '5511955554444@s.whatsapp.net')
    returning id`);
  return id;
}
