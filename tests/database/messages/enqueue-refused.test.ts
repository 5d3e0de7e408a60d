import assert from "node:assert/strict";
import { addCompany, type CompanyDatabase, companyTest, only } from "../../support/database.ts";
import {
  enqueue,
  enqueueText,
  type Part,
  report,
  type Request,
} from "../../support/message-calls.ts";

const newId = (): string => crypto.randomUUID();

const NEW_JID = "5511955554444@s.whatsapp.net";

/** What a request may write to, row by row. */
async function stored(db: CompanyDatabase) {
  return {
    conversations: [...await db.sql`select * from public.conversations order by id`],
    messages: [...await db.sql`select * from public.messages order by id`],
    media: [...await db.sql`select * from private.message_media order by message_id`],
    instances: [...await db.sql`select * from public.whatsapp_instances order by id`],
  };
}

interface Refused {
  readonly request: Request;
  readonly parts?: readonly Part[];
}

/** A message of another organization. */
async function theirs(db: CompanyDatabase): Promise<string> {
  const company = await addCompany(db.sql, "other");
  return await enqueueText({ ...db, company, instanceId: company.instanceId });
}

/** Each word that a request can be refused with, and what leads to it. */
const REFUSALS: Readonly<Record<string, (db: CompanyDatabase) => Promise<Refused>>> = {
  conversation_not_found: () =>
    Promise.resolve({ request: { target: { conversation_id: newId() } } }),
  conversation_without_instance: async (db) => {
    await db.sql`delete from public.whatsapp_instances where id = ${db.instanceId}`;
    return { request: {} };
  },
  instance_mismatch: ({ company: { conversationId } }) =>
    Promise.resolve({
      request: { target: { conversation_id: conversationId, instance_id: newId() } },
    }),
  "instance_not_found, of another organization": async ({ sql }) => {
    const { instanceId } = await addCompany(sql, "other");
    return { request: { target: { instance_id: instanceId, remote_jid: NEW_JID } } };
  },
  "instance_without_gateway, for a new contact": async ({ sql, instanceId }) => {
    await sql`delete from private.instance_credentials`;
    return { request: { target: { instance_id: instanceId, remote_jid: NEW_JID } } };
  },
  "instance_without_gateway, in a conversation": async ({ sql }) => {
    await sql`delete from private.instance_credentials`;
    return { request: {} };
  },
  "reply_not_found, for a new contact": async (db) => {
    await report(db, "QUOTED-1");
    const { id } = await only(db.sql<{ id: string }[]>`select id from public.messages`);
    const target = { instance_id: db.instanceId, remote_jid: NEW_JID };
    return { request: { target, reply: { message_id: id } } };
  },
  "reply_not_found, in a conversation": () =>
    Promise.resolve({ request: { reply: { message_id: newId() } } }),
  "reply_not_found, in another conversation": async (db) => {
    await report(db, "ELSEWHERE-1", { remote_jid: NEW_JID });
    const { id } = await only(db.sql<{ id: string }[]>`select id from public.messages`);
    return { request: { reply: { message_id: id } } };
  },
  "message_id_taken, for a new contact": async (db) => {
    const target = { instance_id: db.instanceId, remote_jid: NEW_JID };
    return { request: { target }, parts: [{ id: await enqueueText(db) }] };
  },
  "message_id_taken, by another organization": async (db) => ({
    request: {},
    parts: [{ id: await theirs(db) }],
  }),
  "message_id_taken, one of two by another organization": async (db) => ({
    request: {},
    parts: [{ id: await enqueueText(db) }, { id: await theirs(db) }],
  }),
  "message_id_taken, in another conversation": async (db) => {
    const id = newId();
    const target = { instance_id: db.instanceId, remote_jid: NEW_JID };
    await enqueue(db, [{ id }], { target });
    return { request: {}, parts: [{ id }] };
  },
  "message_id_taken, by a received message": async (db) => {
    await report(db, "RECEIVED-1");
    const { id } = await only(db.sql<{ id: string }[]>`select id from public.messages`);
    return { request: {}, parts: [{ id }] };
  },
  "message_id_taken, twice in one request": () => {
    const id = newId();
    return Promise.resolve({ request: {}, parts: [{ id }, { id }] });
  },
  "message_content_differs, of the first half of a request": async (db) => ({
    request: {},
    parts: [{ id: await enqueueText(db) }, { id: newId(), base64: "aGk=" }],
  }),
  "message_content_differs, of the second half of a request": async (db) => ({
    request: {},
    parts: [{ id: newId(), base64: "aGk=" }, { id: await enqueueText(db) }],
  }),
};

for (const [name, arrange] of Object.entries(REFUSALS)) {
  companyTest(`a request that is refused changes nothing: ${name}`, async (db) => {
    const { request, parts = [{ id: newId(), base64: "aGk=" }] } = await arrange(db);
    const before = await stored(db);
    const [word] = name.split(",");
    const answer = await enqueue(db, parts, request).catch(
      (error: { hint?: string }) => ({ result: error.hint }),
    );
    assert.deepEqual(answer, { result: word });
    assert.deepEqual(await stored(db), before);
  });
}

companyTest("the first message to a new contact stores the conversation with it", async (db) => {
  const target = { instance_id: db.instanceId, remote_jid: NEW_JID };
  const first = await enqueue(db, [{ id: newId() }], { target });
  const conversation = await only(db.sql`
    select * from public.conversations where remote_jid = ${NEW_JID}`);
  assert.partialDeepStrictEqual({ ...conversation }, {
    id: first.conversation_id,
    organization_id: db.company.organizationId,
    whatsapp_instance_id: db.instanceId,
  });
  assert.ok(conversation.last_message_at instanceof Date);
  const second = await enqueue(db, [{ id: newId() }], { target });
  assert.equal(second.conversation_id, first.conversation_id);
});
