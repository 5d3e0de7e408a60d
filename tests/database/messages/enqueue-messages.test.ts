import assert from "node:assert/strict";
import type postgres from "postgres";
import { allAtOnce, untilWaiting } from "../../support/crowd.ts";
import { addCompany, type CompanyDatabase, companyTest, only } from "../../support/database.ts";
import {
  enqueue,
  enqueueText,
  messageRow,
  type Part,
  report,
  type Request,
} from "../../support/message-calls.ts";
import { quickTest } from "../../support/quick-test.ts";

const newId = (): string => crypto.randomUUID();

const NEW_JID = "5511955554444@s.whatsapp.net";

const newContact = ({ instanceId }: CompanyDatabase) => ({
  target: { instance_id: instanceId, remote_jid: NEW_JID },
});

/** Nobody can insert a message before this lock is let go. */
const lockMessages = (sql: postgres.ISql) => sql`lock table public.messages in share mode`;

/** What a request may write to, row by row. */
async function stored({ sql }: CompanyDatabase) {
  return {
    conversations: [...await sql`select * from public.conversations order by id`],
    messages: [...await sql`select * from public.messages order by id`],
    media: [...await sql`select * from private.message_media order by message_id`],
    instances: [...await sql`select * from public.whatsapp_instances order by id`],
  };
}

quickTest("parts are stored as sending, in order; what sending needs comes back", async (db) => {
  const [text, image] = [newId(), newId()];
  const answer = await enqueue(db, [
    { id: text, content: "veja" },
    { id: image, message_type: "image", base64: "aGk=" },
  ], { target: { conversation_id: db.company.conversationId, instance_id: db.instanceId } });
  assert.deepEqual(answer, {
    result: "queued",
    conversation_id: db.company.conversationId,
    remote_jid: db.company.customerJid,
    quoted_whatsapp_message_id: null,
    instance: {
      id: db.instanceId,
      instance_name: db.company.instanceName,
      phone_number: db.company.phone,
      api_url: "http://evolution.test",
      api_key: "evolution-key",
      confirm_at_ms: [1000, 4000, 9000],
      policy: "logout-first",
    },
  });
  const { conversations: [conversation], messages, media } = await stored(db);
  const shared = {
    status: "sending",
    is_from_me: true,
    organization_id: db.company.organizationId,
  };
  assert.partialDeepStrictEqual(messages.toSorted((one, other) => one.part - other.part), [
    { ...shared, id: text, part: 0, content: "veja" },
    { ...shared, id: image, part: 1, content: "oi" },
  ]);
  assert.deepEqual([messages.length, media], [2, [{ message_id: image, base64: "aGk=" }]]);
  assert.ok(conversation?.last_message_at instanceof Date);
});

quickTest("the same ids again change nothing and answer duplicate", async (db) => {
  const parts = [{ id: newId() }, { id: newId() }];
  await enqueue(db, parts);
  const before = await stored(db);
  assert.deepEqual(await enqueue(db, parts.map((part) => ({ ...part, content: "other" }))), {
    result: "duplicate",
    conversation_id: db.company.conversationId,
  });
  assert.deepEqual(await stored(db), before);
});

quickTest("the first message to a new contact stores the conversation with it", async (db) => {
  const first = await enqueue(db, [{ id: newId() }], newContact(db));
  const conversation = await only(db.sql`
    select * from public.conversations where remote_jid = ${NEW_JID}`);
  assert.partialDeepStrictEqual({ ...conversation }, {
    id: first.conversation_id,
    organization_id: db.company.organizationId,
    whatsapp_instance_id: db.instanceId,
  });
  assert.ok(conversation.last_message_at instanceof Date);
  const second = await enqueue(db, [{ id: newId() }], newContact(db));
  assert.equal(second.conversation_id, first.conversation_id);
});

quickTest("a reply quotes the WhatsApp id of the message it answers", async (db) => {
  await report(db, "QUOTED-1");
  const quoted = await only(db.sql<{ id: string }[]>`select id from public.messages`);
  const cases = [
    [{ message_id: quoted.id }, "QUOTED-1", quoted.id],
    [{ whatsapp_message_id: "SEEN-2" }, "SEEN-2", null],
  ] as const;
  for (const [reply, name, row] of cases) {
    const id = newId();
    const answer = await enqueue(db, [{ id }], { reply });
    assert.equal(answer.quoted_whatsapp_message_id, name);
    const { reply_to_message_id, quoted_whatsapp_message_id } = await messageRow(db.sql, id);
    assert.deepEqual([reply_to_message_id, quoted_whatsapp_message_id], [row, name]);
  }
});

interface Refused {
  readonly request?: Request;
  readonly parts?: readonly Part[];
}

/** A message of another organization. */
async function theirMessage(db: CompanyDatabase): Promise<string> {
  const other = await addCompany(db.sql, "other");
  return await enqueueText({ ...db, company: other, instanceId: other.instanceId });
}

/** A message that was received, from a new contact unless told. */
async function received(db: CompanyDatabase, jid = NEW_JID): Promise<string> {
  await report(db, "RECEIVED-1", { remote_jid: jid });
  return (await only(db.sql<{ id: string }[]>`select id from public.messages`)).id;
}

const inConversation = (conversation_id: string, more = {}): Refused => ({
  request: { target: { conversation_id, ...more } },
});

/** Each word that a request can be refused with, and what leads to it. */
const REFUSALS: Readonly<Record<string, (db: CompanyDatabase) => Refused | Promise<Refused>>> = {
  "conversation_not_found, nowhere": () => inConversation(newId()),
  "conversation_not_found, of another organization": async ({ sql }) =>
    inConversation((await addCompany(sql, "other")).conversationId),
  conversation_without_instance: async ({ sql }) => {
    await sql`delete from public.whatsapp_instances`;
    return {};
  },
  "instance_mismatch, nowhere": ({ company }) =>
    inConversation(company.conversationId, { instance_id: newId() }),
  "instance_mismatch, of another organization": async ({ sql, company }) =>
    inConversation(company.conversationId, {
      instance_id: (await addCompany(sql, "other")).instanceId,
    }),
  "instance_not_found, nowhere": () => ({
    request: { target: { instance_id: newId(), remote_jid: NEW_JID } },
  }),
  "instance_not_found, of another organization": async ({ sql }) => {
    const { instanceId } = await addCompany(sql, "other");
    return { request: { target: { instance_id: instanceId, remote_jid: NEW_JID } } };
  },
  "instance_without_gateway, for a new contact": async (db) => {
    await db.sql`delete from private.instance_credentials`;
    return { request: newContact(db) };
  },
  "instance_without_gateway, in a conversation": async ({ sql }) => {
    await sql`delete from private.instance_credentials`;
    return {};
  },
  "reply_not_found, for a new contact": async (db) => {
    const message_id = await received(db, db.company.customerJid);
    return { request: { ...newContact(db), reply: { message_id } } };
  },
  "reply_not_found, nowhere": () => ({ request: { reply: { message_id: newId() } } }),
  "reply_not_found, of another conversation": async (db) => ({
    request: { reply: { message_id: await received(db) } },
  }),
  "message_id_taken, for a new contact": async (db) => ({
    request: newContact(db),
    parts: [{ id: await enqueueText(db) }],
  }),
  "message_id_taken, of another conversation": async (db) => {
    const id = newId();
    await enqueue(db, [{ id }], newContact(db));
    return { parts: [{ id }] };
  },
  "message_id_taken, of a received message": async (db) => ({
    parts: [{ id: await received(db, db.company.customerJid) }],
  }),
  "message_id_taken, of another organization": async (db) => ({
    parts: [{ id: await theirMessage(db) }],
  }),
  "message_id_taken, the second of two": async (db) => ({
    parts: [{ id: newId(), base64: "aGk=" }, { id: await enqueueText(db) }],
  }),
  "message_id_taken, the first of two": async (db) => ({
    parts: [{ id: await enqueueText(db) }, { id: newId() }],
  }),
  "message_id_taken, all of them, but one is another organization's": async (db) => ({
    parts: [{ id: await enqueueText(db) }, { id: await theirMessage(db) }],
  }),
  "message_id_taken, by the request itself": () => {
    const id = newId();
    return { parts: [{ id }, { id }] };
  },
};

for (const [name, arrange] of Object.entries(REFUSALS)) {
  quickTest(`a request that is refused changes nothing: ${name}`, async (db) => {
    const { request, parts = [{ id: newId(), base64: "aGk=" }] } = await arrange(db);
    const before = await stored(db);
    const [word] = name.split(",");
    const answer = await db.sql.begin((sql) => enqueue(db, parts, request, sql)).catch(
      ({ code, hint }: { code?: string; hint?: string }) => ({ code, result: hint }),
    );
    const thrown = word === "message_id_taken" ? { code: "P0001" } : {};
    assert.deepEqual(answer, { ...thrown, result: word });
    assert.deepEqual(await stored(db), before);
  });
}

companyTest("of 20 connections that store one id at once exactly one is to send it", async (db) => {
  const id = newId();
  const answers = await allAtOnce(
    db,
    20,
    lockMessages,
    (sql) => enqueue(db, [{ id }], {}, sql),
  );
  assert.equal(answers.filter(({ result }) => result === "queued").length, 1);
  assert.equal(answers.filter(({ result }) => result === "duplicate").length, 19);
  assert.equal((await stored(db)).messages.length, 1);
});

companyTest("20 first messages to a new contact at once make one conversation", async (db) => {
  const answers = await allAtOnce(
    db,
    20,
    lockMessages,
    (sql) => enqueue(db, [{ id: newId() }], newContact(db), sql),
  );
  assert.deepEqual(new Set(answers.map(({ result }) => result)), new Set(["queued"]));
  assert.equal(new Set(answers.map((answer) => answer.conversation_id)).size, 1);
  assert.equal((await stored(db)).conversations.length, 2);
});

companyTest("where the first caller comes to nothing, the one behind it sends", async (db) => {
  const id = newId();
  const undone = new Error("undone");
  let second: ReturnType<typeof enqueue> | undefined;
  await assert.rejects(
    db.sql.begin(async (sql) => {
      assert.equal((await enqueue(db, [{ id }], {}, sql)).result, "queued");
      second = enqueue(db, [{ id }]);
      await untilWaiting(db, 1);
      throw undone;
    }),
    undone,
  );
  assert.equal((await second)?.result, "queued");
});
