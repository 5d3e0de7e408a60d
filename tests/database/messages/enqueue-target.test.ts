import assert from "node:assert/strict";
import { untilWaiting, withConnections } from "../../support/crowd.ts";
import { addCompany, type CompanyDatabase, companyTest, only } from "../../support/database.ts";
import { enqueue, messageRow, report } from "../../support/message-calls.ts";
import { quickTest } from "../../support/quick-test.ts";

const newId = (): string => crypto.randomUUID();

async function countMessages(db: CompanyDatabase): Promise<number> {
  return (await db.sql`select from public.messages`).length;
}

quickTest("a reply quotes the WhatsApp id of the message it answers", async (db) => {
  await report(db, "QUOTED-1");
  const quoted = await only(db.sql<{ id: string }[]>`select id from public.messages`);
  const byRow = newId();
  const answer = await enqueue(db, [{ id: byRow }], { reply: { message_id: quoted.id } });
  assert.equal(answer.quoted_whatsapp_message_id, "QUOTED-1");
  const row = await messageRow(db.sql, byRow);
  assert.equal(row.reply_to_message_id, quoted.id);
  assert.equal(row.quoted_whatsapp_message_id, "QUOTED-1");

  const byName = newId();
  const other = await enqueue(db, [{ id: byName }], { reply: { whatsapp_message_id: "SEEN-2" } });
  assert.equal(other.quoted_whatsapp_message_id, "SEEN-2");
  assert.equal((await messageRow(db.sql, byName)).reply_to_message_id, null);
});

quickTest("a conversation is found for its own organization's members alone", async (db) => {
  const other = await addCompany(db.sql, "other");
  const results = async (target: Record<string, string>) =>
    (await enqueue(db, [{ id: newId() }], { target })).result;
  const { conversationId, instanceId } = db.company;
  const jid = "5511955554444@s.whatsapp.net";

  assert.equal(await results({ conversation_id: other.conversationId }), "conversation_not_found");
  assert.equal(await results({ conversation_id: newId() }), "conversation_not_found");
  assert.equal(
    await results({ instance_id: other.instanceId, remote_jid: jid }),
    "instance_not_found",
  );
  assert.equal(await results({ instance_id: newId(), remote_jid: jid }), "instance_not_found");
  assert.equal(
    await results({ conversation_id: conversationId, instance_id: other.instanceId }),
    "instance_mismatch",
  );
  assert.equal(await countMessages(db), 0);
  assert.equal(
    await results({ conversation_id: conversationId, instance_id: instanceId }),
    "queued",
  );
});

companyTest("what is deleted while a request waits for it is not there any more", async (db) => {
  const { conversationId, instanceId } = db.company;
  const stranger = { instance_id: instanceId, remote_jid: "5511955554444@s.whatsapp.net" };
  const deleteMeanwhile = (deletion: string, target: Record<string, string>) =>
    withConnections(db, 2, async ([deleting, asking]) => {
      await deleting!`begin`;
      await deleting!.unsafe(deletion);
      const asked = enqueue(db, [{ id: newId() }], { target }, asking!);
      asked.catch(() => {});
      await untilWaiting(db, 1);
      await deleting!`commit`;
      return (await asked)["result"];
    });
  assert.equal(
    await deleteMeanwhile(`delete from public.conversations where id = '${conversationId}'`, {
      conversation_id: conversationId,
    }),
    "conversation_not_found",
  );
  assert.equal(
    await deleteMeanwhile(
      `delete from public.whatsapp_instances where id = '${instanceId}'`,
      stranger,
    ),
    "instance_not_found",
  );
  assert.equal(await countMessages(db), 0);
});
