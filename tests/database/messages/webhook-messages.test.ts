import assert from "node:assert/strict";
import { addCompany, addInstances, only } from "../../support/database.ts";
import { report, rowsOf } from "../../support/message-calls.ts";
import { eventKinds, instanceRow } from "../../support/repair-calls.ts";
import { quickTest } from "../../support/quick-test.ts";

const NEW_JID = "5511955554444@s.whatsapp.net";

quickTest("a message from a new contact begins a conversation under its name", async (db) => {
  const message = { remote_jid: NEW_JID, contact_name: "Bia", content: "oi, tudo bem?" };
  assert.equal(await report(db, "IN-1", message), "stored");
  const conversation = await only(db.sql`
  select * from public.conversations where remote_jid = ${NEW_JID}`);
  assert.partialDeepStrictEqual({ ...conversation }, {
    contact_name: "Bia",
    organization_id: db.company.organizationId,
    whatsapp_instance_id: db.instanceId,
  });
  assert.ok(conversation.last_message_at);
  assert.partialDeepStrictEqual({ ...await only(db.sql`select * from public.messages`) }, {
    conversation_id: conversation.id,
    status: "received",
    is_from_me: false,
    content: "oi, tudo bem?",
    sent_at: new Date("2026-01-01T00:00:00Z"),
  });
  const instance = await instanceRow(db.sql, db.instanceId);
  assert.ok(instance.last_received_at);
  assert.equal(instance.last_webhook_event, "messages.upsert");
});

quickTest("a message from the phone is sent, and tells no name, nothing received", async (db) => {
  const message = { remote_jid: NEW_JID, contact_name: "The owner", from_me: true };
  assert.equal(await report(db, "OUT-1", message), "stored");
  const { contact_name } = await only(db.sql`
  select contact_name from public.conversations where remote_jid = ${NEW_JID}`);
  assert.equal(contact_name, null);
  assert.equal((await rowsOf(db.sql, "OUT-1"))[0]?.status, "sent");
  assert.equal((await instanceRow(db.sql, db.instanceId)).last_received_at, null);
});

quickTest("a name that a conversation has stays; one that it lacks is taken", async (db) => {
  await report(db, "IN-1", { contact_name: "Someone else" });
  await report(db, "OUT-1", { remote_jid: NEW_JID, from_me: true });
  await report(db, "IN-2", { remote_jid: NEW_JID, contact_name: "Bia" });
  const names = await db.sql`select contact_name from public.conversations order by 1`;
  assert.deepEqual(names.map((row) => row.contact_name), ["Bia", "Cliente"]);
});

quickTest("a message that comes twice is stored once, and then nothing moves", async (db) => {
  assert.equal(await report(db, "IN-1"), "stored");
  const whole = async () => [
    await rowsOf(db.sql, "IN-1"),
    await instanceRow(db.sql, db.instanceId),
    [...await db.sql`select * from public.conversations`],
  ];
  const before = await whole();
  assert.equal(await report(db, "IN-1", { content: "other" }), "ignored");
  assert.deepEqual(await whole(), before);
});

quickTest("two numbers may hold messages of one WhatsApp id, each its own", async (db) => {
  const other = await addCompany(db.sql, "other");
  assert.equal(await report(db, "SAME"), "stored");
  assert.equal(await report(db, "SAME", {}, db.sql, other.instanceId), "stored");
  const owners = (await rowsOf(db.sql, "SAME")).map((row) => row.organization_id);
  assert.deepEqual(owners.sort(), [db.company.organizationId, other.organizationId].sort());
});

/** How many minutes ago: our message left, ours and another number's were confirmed last. */
const SILENCES: readonly (readonly [
  what: string,
  sent: number,
  confirmed: number | null,
  others: number | null,
  suspected: boolean,
])[] = [
  ["eleven minutes of silence while others are confirmed", 11, null, 1, true],
  ["nine minutes", 9, null, 1, false],
  ["more than an hour", 61, null, 1, false],
  ["silence since an earlier confirmation", 11, 12, 1, true],
  ["silence before a later confirmation", 12, 11, 1, false],
  ["silence of everybody for ten minutes", 11, null, 11, false],
  ["silence of everybody since ever", 11, null, null, false],
];

for (const [what, sent, confirmed, others, suspected] of SILENCES) {
  quickTest(`${what}: ${suspected ? "suspected, once an hour" : "no suspicion"}`, async (db) => {
    const [other] = await addInstances(db.sql, db.company, 1);
    const add = (instance: string, status: string, column: string, minutes: number) =>
      db.sql`insert into public.messages (organization_id, conversation_id, whatsapp_instance_id,
          is_from_me, message_type, content, status, ${db.sql(column)})
        values (${db.company.organizationId}, ${db.company.conversationId}, ${instance}, true,
          'text', 'oi', ${status}, ghost_repair.now() - make_interval(mins => ${minutes}))`;
    await add(db.instanceId, "sent", "sent_at", sent);
    if (confirmed !== null) await add(db.instanceId, "delivered", "delivered_at", confirmed);
    if (others !== null) await add(other!, "delivered", "delivered_at", others);
    const sweep = async () => {
      const { found } = await only(db.sql`select public.sweep() ->> 'unconfirmed' as found`);
      return Number(found);
    };
    assert.deepEqual([await sweep(), await sweep()], [suspected ? 1 : 0, 0]);
    assert.deepEqual(
      await eventKinds(db.sql, db.instanceId),
      suspected ? ["unconfirmed", "suspected"] : [],
    );
  });
}
