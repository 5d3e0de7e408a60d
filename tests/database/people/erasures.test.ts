import assert from "node:assert/strict";
import type postgres from "postgres";
import { addInstances, callSql, type CompanyDatabase, only } from "../../support/database.ts";
import {
  acknowledge,
  answerSent,
  beginText,
  claimMessage,
  enqueue,
  enqueueText,
  report,
} from "../../support/message-calls.ts";
import { quickTest, undone } from "../../support/quick-test.ts";
import { pass } from "../../support/repair-calls.ts";
import { missed } from "../gaps/gap-calls.ts";

interface Receipt {
  readonly id: string;
  readonly state: string;
  readonly conversations: number;
  readonly messages: number;
  readonly files: number;
  readonly inFlight: number;
  readonly doneAt: string | null;
}

type Answer = { readonly receipt: Receipt; readonly result?: string };

function erase(
  { sql, company }: CompanyDatabase,
  conversationId = company.conversationId,
  userId = company.userId,
): Promise<Answer> {
  return callSql<Answer>(sql, "erase_customer", userId, conversationId);
}

const sweep = (sql: postgres.ISql) => sql`select public.sweep()`;

/** Where a text stands, in any table of the product's schemas. */
async function placesOf(sql: postgres.ISql, text: string): Promise<string[]> {
  const tables = await sql<{ name: string }[]>`
    select format('%I.%I', schemaname, tablename) as name from pg_catalog.pg_tables
    where schemaname in ('public', 'private', 'ghost_repair')`;
  const places: string[] = [];
  for (const { name } of tables) {
    const found = await sql.unsafe(
      `select from ${name} t where strpos(to_jsonb(t)::text, $1) > 0 limit 1`,
      [text],
    );
    if (found.length > 0) places.push(name);
  }
  return places;
}

const messageCount = async (sql: postgres.ISql) =>
  (await only(sql<{ count: number }[]>`select count(*)::int from public.messages`)).count;

quickTest("an erased customer is nowhere any more, and the receipt says what went", async (db) => {
  const { sql, company } = db;
  const number = company.customerJid.split("@")[0]!;
  const now = new Date().toISOString();
  await report(db, "WA-1", { content: "segredo", sent_at: now, contact_name: "Fulana" });
  await enqueue(db, [{
    id: crypto.randomUUID(),
    content: "segredo",
    message_type: "image",
    base64: "c2VncmVkbw==",
  }]);
  await acknowledge(sql, db.instanceId, "WA-77", "delivered");
  await sql`update private.early_acknowledgements set remote_jid = ${company.customerJid}`;
  const { receipt } = await erase(db);
  const { id, doneAt, ...counts } = receipt;
  assert.ok(doneAt);
  assert.deepEqual(
    { ...counts, requestedAt: 0 },
    { state: "done", conversations: 1, messages: 2, files: 1, inFlight: 0, requestedAt: 0 },
  );
  const withoutNinth = number.replace(/^(55\d\d)9/, "$1");
  for (
    const text of [number, withoutNinth, "segredo", "Fulana", "c2VncmVkbw", company.conversationId]
  ) {
    const places = await placesOf(sql, text);
    const receipts = text === company.conversationId ? ["ghost_repair.erasures"] : [];
    assert.deepEqual(places, receipts, text);
  }
  assert.equal((await erase(db)).receipt.id, id, "asked again: the same receipt");
});

quickTest("nobody but an owner or admin of the organization erases", async (db) => {
  const { sql, company } = db;
  const user = crypto.randomUUID();
  assert.equal((await erase(db, undefined, user)).result, "conversation_not_found");
  await sql`insert into auth.users (id) values (${user})`;
  const join = (role: string) =>
    sql`insert into public.organization_members (organization_id, user_id, role)
      values (${company.organizationId}, ${user}, ${role})
      on conflict (organization_id, user_id) do update set role = excluded.role`;
  await join("agent");
  assert.equal((await erase(db, undefined, user)).result, "forbidden");
  assert.equal((await erase(db, crypto.randomUUID())).result, "conversation_not_found");
  await join("admin");
  const { receipt } = await erase(db, undefined, user);
  assert.equal(receipt.state, "done");
  await join("agent");
  assert.equal((await erase(db, undefined, user)).result, "forbidden", "nor reads the receipt");
  await sql`delete from public.organization_members where user_id = ${user}`;
  assert.equal((await erase(db, undefined, user)).result, "conversation_not_found");
});

quickTest("all numbers of the organization forget the customer, by any address", async (db) => {
  const { sql, company } = db;
  const [second, third] = await addInstances(sql, company, 2);
  const now = new Date().toISOString();
  // Without Brazil's ninth digit, there with a hidden address, and by that one alone.
  const other = company.customerJid.replace(/^(55\d\d)9/, "$1");
  assert.notEqual(other, company.customerJid);
  await report(db, "WA-1", { sent_at: now });
  const both = { sent_at: now, remote_jid: other, hidden_jid: "777@lid" };
  await report(db, "WA-2", both, sql, second!);
  await report(db, "WA-3", { sent_at: now, remote_jid: "777@lid" }, sql, third!);
  await report(db, "WA-4", { sent_at: now, remote_jid: "5511900009999@s.whatsapp.net" }, sql);
  const { id } = await only(sql<{ id: string }[]>`
  select id from public.conversations where remote_jid = '777@lid'`);
  for (const from of [company.conversationId, id]) {
    await undone(sql, async (inner) => {
      const { receipt } = await erase({ ...db, sql: inner }, from);
      assert.deepEqual([receipt.conversations, receipt.messages, receipt.state], [3, 3, "done"]);
      assert.equal(await messageCount(inner), 1, "somebody else's stays");
    });
  }
});

quickTest("what waits never leaves; what is being sent ends as it did, then goes", async (db) => {
  const { sql, company } = db;
  const sending = await beginText(db);
  const queued = await enqueueText(db);
  const held = await enqueueText(db);
  await sql`update public.messages set status = 'held',
  held_until = ghost_repair.now() + interval '1 hour' where id = ${held}`;
  const { receipt } = await erase(db);
  assert.deepEqual([receipt.state, receipt.messages, receipt.inFlight], ["erasing", 2, 1]);
  assert.equal(await claimMessage(sql, queued), "taken");
  assert.deepEqual(
    [...await sql`select from public.lease_held_releases(10)`],
    [],
    "nothing is left to release",
  );
  assert.equal(
    (await enqueue(db, [{ id: crypto.randomUUID() }]))["result"],
    "conversation_without_instance",
  );
  await sweep(sql);
  assert.equal((await erase(db)).receipt.state, "erasing", "its end is not known yet");
  assert.equal(await answerSent(sql, sending, "WA-9"), true);
  const [end] = await sql`select status from public.messages where id = ${sending}`;
  assert.equal(end!["status"], "sent");
  await sweep(sql);
  const done = (await erase(db)).receipt;
  assert.deepEqual([done.state, done.messages], ["done", 3]);
  assert.equal(await messageCount(sql), 0);
  assert.deepEqual(await placesOf(sql, company.customerJid), []);
});

quickTest("a send whose function died is waited for no longer than anybody waits", async (db) => {
  await beginText(db);
  await erase(db);
  await pass(db.sql, 181);
  await sweep(db.sql);
  assert.equal((await erase(db)).receipt.state, "done");
});

quickTest("many messages go in batches, and who writes meanwhile begins anew", async (db) => {
  const { sql, company } = db;
  await sql`update ghost_repair.settings set sweep_batch = 10`;
  await sql`insert into public.messages (organization_id, conversation_id, whatsapp_instance_id,
    is_from_me, message_type, content, status)
  select ${company.organizationId}, ${company.conversationId}, ${db.instanceId}, false, 'text',
    'x', 'received' from generate_series(1, 25)`;
  const first = (await erase(db)).receipt;
  assert.deepEqual([first.state, first.messages], ["erasing", 10]);
  await pass(sql, 1);
  const later = new Date(Date.now() + 60_000).toISOString();
  assert.equal(await report(db, "WA-new", { sent_at: later }), "stored");
  await sweep(sql);
  assert.equal((await erase(db)).receipt.messages, 20);
  await sweep(sql);
  assert.deepEqual((await erase(db)).receipt.messages, 25);
  assert.equal((await erase(db)).receipt.state, "done");
  const kept = await only(sql`select c.id, c.remote_jid, m.whatsapp_message_id
  from public.messages m join public.conversations c on c.id = m.conversation_id`);
  assert.equal(kept["whatsapp_message_id"], "WA-new");
  assert.equal(kept["remote_jid"], company.customerJid);
  assert.notEqual(kept["id"], company.conversationId);
});

quickTest("what was erased is not brought in again, whatever the gateway still has", async (db) => {
  const { sql } = db;
  const sentAt = new Date(Date.now() - 3_600_000).toISOString();
  await report(db, "WA-old", { sent_at: sentAt });
  await erase(db);
  const recover = async (id: string, at: string) => {
    const { stored } = await only(sql<{ stored: boolean }[]>`
      select ghost_repair.store_message(i, ${sql.json(missed(db, id, at))}, true) as stored
      from public.whatsapp_instances i where i.id = ${db.instanceId}`);
    return stored;
  };
  assert.equal(await recover("WA-old", sentAt), false);
  assert.equal(await recover("WA-missed", sentAt), false, "nor what was never here");
  const later = new Date(Date.now() + 60_000).toISOString();
  assert.equal(await recover("WA-later", later), true, "what is written later begins anew");
});

quickTest("messages are kept for ever, unless their organization says how long", async (db) => {
  const { sql, company } = db;
  const old = async (days: number, more: Record<string, string | null> = {}) => {
    const [row] = await sql<{ id: string }[]>`insert into public.messages ${
      sql({
        organization_id: company.organizationId,
        conversation_id: company.conversationId,
        whatsapp_instance_id: db.instanceId,
        is_from_me: false,
        message_type: "text",
        status: "received",
        created_at: new Date(Date.now() - days * 86_400_000),
        ...more,
      })
    } returning id`;
    return row!.id;
  };
  const gone = await old(31);
  const kept = await old(29);
  const waiting = await old(40, { status: "held" });
  const ids = async () =>
    (await sql<{ id: string }[]>`select id from public.messages order by created_at`)
      .map(({ id }) => id);
  await sql`select ghost_repair.forget_old_messages()`;
  assert.deepEqual(await ids(), [waiting, gone, kept]);
  await sql`insert into private.message_settings (organization_id, keep_messages)
    values (${company.organizationId}, '30 days')`;
  await sql`select ghost_repair.forget_old_messages()`;
  assert.deepEqual(await ids(), [waiting, kept]);
  const [other] = await sql`insert into public.organizations (name) values ('Outra') returning id`;
  await sql`update private.message_settings set organization_id = ${other!["id"]}`;
  await pass(sql, 40 * 86_400);
  await sql`select ghost_repair.forget_old_messages()`;
  assert.deepEqual(await ids(), [waiting, kept], "an organization decides for itself alone");
});

quickTest("old messages go in batches, their conversations with the last", async (db) => {
  const { sql, company } = db;
  await sql`update ghost_repair.settings set sweep_batch = 2`;
  await sql`insert into private.message_settings (organization_id, keep_messages)
  values (${company.organizationId}, '2 days')`;
  const days = (count: number) => new Date(Date.now() - count * 86_400_000);
  await sql`insert into public.messages (organization_id, conversation_id, whatsapp_instance_id,
    is_from_me, message_type, status, created_at)
  select ${company.organizationId}, ${company.conversationId}, ${db.instanceId}, false, 'text',
    'received', ${days(3)} from generate_series(1, 3)`;
  await sql`update public.conversations set last_message_at = ${days(3)}`;
  await sql`select ghost_repair.forget_old_messages()`;
  assert.equal(await messageCount(sql), 1);
  assert.equal((await sql`select from public.conversations`).length, 1);
  await sql`select ghost_repair.forget_old_messages()`;
  assert.equal(await messageCount(sql), 0);
  assert.equal((await sql`select from public.conversations`).length, 0);
  // What is younger, and was missed, may still come.
  const wasDeleted = async (at: Date) => {
    const message = { remote_jid: company.customerJid, sent_at: at.toISOString() };
    return (await only(sql`
    select ghost_repair.was_deleted_here(${db.instanceId}, ${sql.json(message)}) as it`))["it"];
  };
  assert.deepEqual([await wasDeleted(days(3)), await wasDeleted(days(1))], [true, false]);
});
