import assert from "node:assert/strict";
import { addCompany, callSql, type CompanyDatabase, only } from "../../support/database.ts";
import { MEDIA_GONE } from "../../../supabase/functions/_shared/messages/sentences.ts";
import { quickTest } from "../../support/quick-test.ts";

const UNKNOWN = "00000000-0000-4000-8000-000000000000";

/** A message of the company's, a picture that came in unless told otherwise. */
async function addMessage(db: CompanyDatabase, columns: object = {}): Promise<string> {
  const { organizationId: organization_id, conversationId: conversation_id } = db.company;
  const row = {
    organization_id,
    conversation_id,
    whatsapp_instance_id: db.instanceId,
    whatsapp_message_id: `3A${crypto.randomUUID()}`,
    is_from_me: false,
    message_type: "image",
    media_mime_type: "image/jpeg",
    status: "received",
    ...columns,
  };
  const { id } = await only(db.sql<{ id: string }[]>`
    insert into public.messages ${db.sql(row)} returning id`);
  return id;
}

type Found = Readonly<Record<string, unknown>>;

function find(
  { sql, company }: CompanyDatabase,
  messageId: string,
  { userId = company.userId, asBytes = false } = {},
): Promise<Found> {
  return callSql<Found>(sql, "find_media", userId, messageId, asBytes);
}

const FILE = { type: "image", mime_type: "image/jpeg", file_name: null };

quickTest("what came in is at its number's gateway", async (db) => {
  const id = await addMessage(db, { whatsapp_message_id: "3A01", sent_at: "2026-11-27T20:00:00Z" });
  const { instance, sent_at, ...rest } = await find(db, id);
  assert.deepEqual(rest, { ...FILE, result: "at_gateway", whatsapp_message_id: "3A01" });
  assert.equal(new Date(String(sent_at)).toISOString(), "2026-11-27T20:00:00.000Z");
  const { api_url, instance_name } = instance as Record<string, unknown>;
  assert.deepEqual([typeof api_url, instance_name], ["string", db.company.instanceName]);
});

quickTest("what is kept for a retry is answered from here, whatever else is known", async (db) => {
  const id = await addMessage(db, { is_from_me: true, status: "failed", file_name: "a.png" });
  await db.sql`insert into private.message_media (message_id, base64) values (${id}, 'QUJD')`;
  const kept = { ...FILE, file_name: "a.png", result: "kept", base64: "QUJD" };
  assert.deepEqual(await find(db, id), kept);
  await db.sql`update public.messages set whatsapp_instance_id = null where id = ${id}`;
  assert.deepEqual(await find(db, id, { asBytes: true }), kept);
});

quickTest("an address is the answer, unless the file itself is asked for", async (db) => {
  const url = "https://s3.example/evolution-api/a.jpeg";
  const id = await addMessage(db, { media_url: url });
  assert.deepEqual(await find(db, id), { ...FILE, result: "address", url });
  assert.equal((await find(db, id, { asBytes: true }))["result"], "at_gateway");
});

const NOWHERE: readonly (readonly [string, object, Found])[] = [
  ["a text has no file", { message_type: "text", content: "oi" }, {
    result: "message_without_media",
  }],
  ["what its sender deleted is not fetched", { deleted_at: "2026-11-27" }, {
    result: "media_gone",
    reason: "deleted",
  }],
  ["what never left is nowhere else", { is_from_me: true, whatsapp_message_id: null }, {
    result: "media_gone",
    reason: "not_kept",
  }],
  ["of a number that is gone nobody can ask", { whatsapp_instance_id: null }, {
    result: "media_gone",
    reason: "number_deleted",
  }],
];

for (const [what, columns, expected] of NOWHERE) {
  quickTest(what, async (db) => {
    assert.deepEqual(await find(db, await addMessage(db, columns)), expected);
    const { reason } = expected;
    assert.ok(reason === undefined || Object.hasOwn(MEDIA_GONE, String(reason)));
  });
}

quickTest("nor of one that is marked as deleted, or that has no gateway", async (db) => {
  const id = await addMessage(db);
  await db.sql`update public.whatsapp_instances set deleted_at = ghost_repair.now()`;
  assert.deepEqual(await find(db, id), { result: "media_gone", reason: "number_deleted" });
  await db.sql`update public.whatsapp_instances set deleted_at = null`;
  await db.sql`delete from private.instance_credentials`;
  assert.deepEqual(await find(db, id), { result: "instance_without_gateway" });
});

quickTest("a message of others, and of an erased customer, is as if it were not", async (db) => {
  const missing = { result: "message_not_found" };
  const id = await addMessage(db, { media_url: "https://s3.example/a.jpeg" });
  const other = await addCompany(db.sql, "outra");
  assert.deepEqual(await find(db, UNKNOWN), missing);
  assert.deepEqual(await find(db, id, { userId: other.userId }), missing);
  await db.sql`update public.conversations set remote_jid = 'erased'
    where id = ${db.company.conversationId}`;
  assert.deepEqual(await find(db, id), missing);
});
