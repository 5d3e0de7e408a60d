import assert from "node:assert/strict";
import postgres from "postgres";
import { allAtOnce, untilWaiting } from "../../support/crowd.ts";
import { type CompanyDatabase, companyTest, only } from "../../support/database.ts";
import {
  answerSent,
  enqueue,
  enqueueText,
  finishMessage,
  type Part,
} from "../../support/message-calls.ts";

const newId = (): string => crypto.randomUUID();

/** Nobody can insert a message before this lock is let go. */
const lockMessages = (sql: postgres.ISql) => sql`lock table public.messages in share mode`;

async function countMessages(db: CompanyDatabase): Promise<number> {
  return (await db.sql`select from public.messages`).length;
}

companyTest("parts are queued, in order, and all that sending needs is told", async (db) => {
  const [text, image] = [newId(), newId()];
  const answer = await enqueue(db, [
    { id: text, content: "veja" },
    { id: image, message_type: "image", base64: "aGk=" },
  ]);
  assert.deepEqual(answer, {
    result: "queued",
    conversation_id: db.company.conversationId,
    position: 1,
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
  const rows = await db.sql`select id, part, parts, status, sending_since, is_from_me, content,
    organization_id
  from public.messages order by position`;
  const shared = {
    parts: 2,
    status: "sending",
    sending_since: null,
    is_from_me: true,
    organization_id: db.company.organizationId,
  };
  assert.deepEqual([...rows], [
    { ...shared, id: text, part: 0, content: "veja" },
    { ...shared, id: image, part: 1, content: "oi" },
  ]);
  assert.deepEqual([...await db.sql`select message_id, base64 from private.message_media`], [
    { message_id: image, base64: "aGk=" },
  ]);
  const { last_message_at } = await only(
    db.sql`select last_message_at from public.conversations`,
  );
  assert.ok(last_message_at instanceof Date);
});

companyTest("the same request again changes nothing and tells what became of it", async (db) => {
  const parts = [{ id: newId() }, { id: newId() }] as const;
  await enqueue(db, parts);
  await finishMessage(db.sql, parts[1].id, { status: "failed", error_code: "gateway_error" });
  const before = [...await db.sql`select * from public.messages order by id`];
  const { instance, ...told } = await enqueue(db, parts);
  assert.partialDeepStrictEqual(instance, { id: db.instanceId });
  assert.deepEqual(told, {
    result: "duplicate",
    conversation_id: db.company.conversationId,
    position: 1,
    remote_jid: db.company.customerJid,
    quoted_whatsapp_message_id: null,
    parts: [
      { id: parts[0].id, status: "sending", error_code: null },
      { id: parts[1].id, status: "failed", error_code: "gateway_error" },
    ],
  });
  assert.deepEqual([...await db.sql`select * from public.messages order by id`], before);
});

companyTest("the same ids with anything else in them are refused, by what differs", async (db) => {
  const quoted = await enqueueText(db);
  const whole: Part = {
    id: newId(),
    message_type: "image",
    content: "veja",
    base64: "aGk=",
    media_mime_type: "image/png",
    file_name: "a.png",
    caption: "aqui",
  };
  const reply = { message_id: quoted };
  await enqueue(db, [whole], { reply });
  // What is let go after the send is compared all the same.
  await answerSent(db.sql, whole.id, "WA-1");
  const rows = () => db.sql`select * from public.messages order by position`;
  const before = [...await rows()];
  const others: Readonly<Record<string, Partial<Part>>> = {
    message_type: { message_type: "document" },
    content: { content: "veja isto" },
    media_url: { media_url: "https://cdn.example/a.png" },
    base64: { base64: "aGo=" },
    media_mime_type: { media_mime_type: "image/jpeg" },
    file_name: { file_name: "b.png" },
    caption: { caption: "ali" },
  };
  for (const [differs, other] of Object.entries(others)) {
    const answer = await enqueue(db, [{ ...whole, ...other }], { reply });
    assert.deepEqual(answer, { result: "message_content_differs", differs });
  }
  assert.deepEqual(await enqueue(db, [whole]), {
    result: "message_content_differs",
    differs: "reply",
  });
  assert.equal((await enqueue(db, [whole], { reply })).result, "duplicate");
  assert.deepEqual([...await rows()], before);

  const [one, two] = [{ id: newId() }, { id: newId() }];
  await enqueue(db, [one, two]);
  assert.deepEqual(await enqueue(db, [one]), {
    result: "message_content_differs",
    differs: "parts",
  });
  await assert.rejects(enqueue(db, [one, two, { id: newId() }]), {
    code: "P0001",
    hint: "message_content_differs",
  });
});

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
  assert.equal(await countMessages(db), 1);
});

companyTest("where the first caller comes to nothing, who waited behind it sends", async (db) => {
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
