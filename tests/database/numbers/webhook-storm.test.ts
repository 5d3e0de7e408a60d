import assert from "node:assert/strict";
import fc from "fast-check";
import type postgres from "postgres";
import { inTurns, withConnections } from "../../support/crowd.ts";
import { addInstances, type CompanyDatabase, companyTest, only } from "../../support/database.ts";
import {
  acknowledge,
  answerSent,
  enqueue,
  finishMessage,
  report,
} from "../../support/message-calls.ts";
import { begin, lease, record } from "../../support/reconnect-calls.ts";
import { claim, recordLogout, verify } from "../../support/repair-calls.ts";
import { at, connection, qrCode } from "../../support/webhook-calls.ts";

const SEED = 20_260_101;

/** Something that happens, on whatever connection is free. */
type Step = (sql: postgres.ReservedSql) => Promise<unknown>;

/** One and the same disorder in every run. */
function shuffled<T>(items: readonly T[]): T[] {
  const all = fc.shuffledSubarray([...items], { minLength: items.length });
  return fc.sample(all, { seed: SEED, numRuns: 1 })[0]!;
}

function runAll(db: CompanyDatabase, steps: readonly Step[], connections: number) {
  return withConnections(
    db,
    connections,
    (all) => inTurns(shuffled(steps), all, (sql, step) => step(sql)),
  );
}

/** What one number's gateway says, some of it twice, none of it in order. */
function fourteenEvents(db: CompanyDatabase, id: string): Step[] {
  const open: Step = (sql) => connection(sql, id, "open", at(1));
  const received = (name: string): Step => (sql) => report(db, `${name}-${id}`, {}, sql, id);
  const phone: Step = (sql) => report(db, `PHONE-${id}`, { from_me: true }, sql, id);
  const ack = (status: string): Step => (sql) => acknowledge(sql, id, `PHONE-${id}`, status);
  return [
    ...[open, open, (sql: postgres.ReservedSql) => connection(sql, id, "connecting", at(0))],
    ...[received("A"), received("A"), received("B"), received("B"), received("C")],
    ...[phone, phone, ack("sent"), ack("delivered"), ack("read"), ack("read")],
  ];
}

companyTest(`14 events of each of 50 numbers, in no order: exact (seed ${SEED})`, async (db) => {
  await db.sql`delete from public.whatsapp_instances`;
  const ids = await addInstances(db.sql, db.company, 50, { status: "disconnected" });
  const steps = ids.flatMap((id) => fourteenEvents(db, id));
  assert.equal(steps.length, 700);
  const answers = await runAll(db, steps, 20);
  const told = Object.groupBy(answers, (answer) => String(answer));
  assert.equal(told.stored?.length, 50 * 4);

  const counts = await only(db.sql`
  select
    (select count(*)::int from public.messages) as messages,
    (select count(*)::int from public.messages where status = 'received') as received,
    (select count(*)::int from public.messages where status = 'read'
      and delivered_at is not null and read_at is not null) as read,
    (select count(*)::int from public.conversations where whatsapp_instance_id is not null)
      as conversations,
    (select count(*)::int from public.whatsapp_instances
      where status = 'connected' and connection_epoch = 1
        and last_received_at is not null) as connected,
    (select count(*)::int from public.instance_events where kind = 'connected') as events,
    (select count(*)::int from public.instance_events) as all_events,
    (select count(*)::int from private.early_acknowledgements) as early`);
  assert.deepEqual({ ...counts }, {
    messages: 200,
    received: 150,
    read: 50,
    conversations: 50,
    connected: 50,
    events: 50,
    all_events: 50,
    early: 0,
  });
});

/** A conversation of each number that is there from the beginning: their ids by number. */
async function addConversations(db: CompanyDatabase, ids: readonly string[]) {
  const rows = await db.sql<{ id: string; number: string }[]>`
    insert into public.conversations (organization_id, whatsapp_instance_id, remote_jid)
    select ${db.company.organizationId}, id, ${customer(0)} from unnest(${ids}::uuid[]) id
    returning id, whatsapp_instance_id as number`;
  return new Map(rows.map((row) => [row.number, row.id]));
}

const customer = (minute: number): string => `55119${minute % 3}@s.whatsapp.net`;

/** All that can meet on one number, once; sends name the number and the contact, or `known`. */
function everything(db: CompanyDatabase, id: string, minute: number, known: string): Step[] {
  const [text, failing] = [crypto.randomUUID(), crypto.randomUUID()];
  const contact = { instance_id: id, remote_jid: customer(minute) };
  const target = minute % 3 === 0 ? { conversation_id: known } : contact;
  const name = `WA-${text}`;
  return [
    async (sql) => {
      await enqueue(db, [{ id: text }], { target }, sql);
      await answerSent(sql, text, name);
    },
    async (sql) => {
      await enqueue(db, [{ id: failing }], { target }, sql);
      const { token } = await claim(sql, id);
      await finishMessage(sql, failing, { status: "failed", error_code: "connection_closed" });
      if (token === null) return;
      const outcome = minute % 2 === 0 ? { result: "false_alarm" } : { logout: "socket_dead" };
      await recordLogout(sql, id, token, outcome);
      await verify(sql, id, token, { outcome: "invalidated" });
    },
    (sql) => report(db, name, { from_me: true, remote_jid: contact.remote_jid }, sql, id),
    (sql) => acknowledge(sql, id, name, "delivered"),
    (sql) => report(db, `IN-${text}`, { remote_jid: contact.remote_jid }, sql, id),
    (sql) => connection(sql, id, minute % 2 === 0 ? "open" : "close", at(minute)),
    (sql) => minute % 7 === 0 ? qrCode(sql, id, "2@x", at(minute)) : Promise.resolve(),
    async (sql) => {
      for (const row of await lease(sql, 2)) {
        if (await begin(sql, row.instance_id, row.token)) {
          await record(sql, row, { result: "open" });
        }
      }
    },
    (sql) => sql`select public.sweep()`,
  ];
}

companyTest(`sends, repairs, ticks and webhooks at once all end (seed ${SEED})`, async (db) => {
  const ids = await addInstances(db.sql, db.company, 3);
  const known = await addConversations(db, ids);
  const steps = Array.from({ length: 20 }, (_, minute) => minute)
    .flatMap((minute) => ids.flatMap((id) => everything(db, id, minute, known.get(id)!)));
  // A deadlock would end one of the calls with an error, and with it the test.
  await runAll(db, steps, 24);
  const sent = await only(db.sql`
  select count(*)::int as rows, count(distinct whatsapp_message_id)::int as names,
    count(*) filter (where status = 'delivered')::int as delivered
  from public.messages where is_from_me and whatsapp_message_id is not null`);
  assert.deepEqual({ ...sent }, { rows: 60, names: 60, delivered: 60 });
  const failed = await only(db.sql`
  select count(*)::int as count from public.messages where error_code = 'connection_closed'`);
  assert.equal(failed.count, 60);
});
