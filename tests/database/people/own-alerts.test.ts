import assert from "node:assert/strict";
import type postgres from "postgres";
import { addInstances, callSql, type CompanyDatabase } from "../../support/database.ts";
import { pass } from "../../support/repair-calls.ts";
import { quickTest } from "../../support/quick-test.ts";

const ON_CALL = "5511900000009@s.whatsapp.net";
const TEXT = "🔴 vendas está sem WhatsApp desde 2026-11-27 10:00 UTC.\nhttps://console.example/1";

type Message = Readonly<Record<string, postgres.JSONValue>>;

/** An alert leaves through the company's number. */
async function begin({ sql, company }: CompanyDatabase): Promise<string> {
  const [row] = await sql`select public.begin_own_alert(${company.instanceName}, ${TEXT}) as id`;
  return row!["id"];
}

/** As the number's gateway has it. */
async function message(db: CompanyDatabase, more: Message = {}): Promise<Message> {
  const [row] = await db.sql`select ghost_repair.now() as now`;
  return {
    whatsapp_message_id: "3EB0ALERT",
    remote_jid: ON_CALL,
    hidden_jid: null,
    from_me: true,
    type: "text",
    content: TEXT,
    sent_at: row!["now"].toISOString(),
    ...more,
  };
}

type Arrive = (db: CompanyDatabase, message: Message, id?: string) => Promise<void>;

/** The ways by which it may come back. */
const WAYS: Readonly<Record<string, Arrive>> = {
  "the daily comparison": async ({ sql, instanceId }, message, id = instanceId) => {
    await sql`select ghost_repair.store_message(i, ${sql.json(message)}, true)
      from public.whatsapp_instances i where i.id = ${id}`;
  },
  "messages.upsert": async ({ sql, instanceId }, message, id = instanceId) => {
    await callSql(sql, "ghost_repair.apply_message", id, message);
  },
};

/** Whether it became a message, in how many conversations with whoever is on call. */
async function stored({ sql }: CompanyDatabase): Promise<unknown[]> {
  const [row] = await sql`
    select (select count(*)::int from public.messages where content = ${TEXT}) as messages,
      (select count(*)::int from public.conversations where remote_jid = ${ON_CALL})
        as conversations`;
  return [row!["messages"], row!["conversations"]];
}

const report = ({ sql, instanceId }: CompanyDatabase, status: string, sent: Message | null) =>
  callSql(sql, "ghost_repair.apply_acknowledgement", instanceId, "3EB0ALERT", status, sent);
const early = async ({ sql }: CompanyDatabase) =>
  (await sql`select from private.early_acknowledgements`).length;

for (const [way, arrive] of Object.entries(WAYS)) {
  quickTest(`an alert that left through a number is nobody's message: ${way}`, async (db) => {
    const id = await begin(db);
    await db.sql`select public.name_own_alert(${id}, '3EB0ALERT')`;
    // Cut, or written otherwise, by the gateway: its id is enough.
    await arrive(db, await message(db, { content: "🔴 vendas …" }));
    await arrive(db, await message(db));
    assert.deepEqual(await stored(db), [0, 0]);
  });

  quickTest(`nor is one whose answer is lost, once: ${way}`, async (db) => {
    await begin(db);
    await arrive(db, await message(db));
    await arrive(db, await message(db));
    assert.deepEqual(await stored(db), [0, 0]);
    // Passed on from the phone.
    await arrive(db, await message(db, { whatsapp_message_id: "3EB0OTHER" }));
    assert.deepEqual(await stored(db), [1, 1]);
  });

  const OTHERS: readonly (readonly [string, (db: CompanyDatabase) => Promise<unknown>])[] = [
    [
      "an answer in the same words",
      async (db) => await arrive(db, await message(db, { from_me: false })),
    ],
    ["the same words on another day", async (db) => {
      await pass(db.sql, 7_200);
      await arrive(db, await message(db));
    }],
    ["the same words from another number", async (db) => {
      const [other] = await addInstances(db.sql, db.company, 1);
      await arrive(db, await message(db), other);
    }],
  ];
  for (const [what, happen] of OTHERS) {
    quickTest(`${what} are a message like any other: ${way}`, async (db) => {
      await begin(db);
      await happen(db);
      assert.deepEqual(await stored(db), [1, 1]);
    });
  }

  quickTest(`what is written to whoever is on call is a message: ${way}`, async (db) => {
    await begin(db);
    await arrive(db, await message(db, { content: "bom dia" }));
    assert.deepEqual(await stored(db), [0, 1]);
  });
}

quickTest("its gateway's reports wait for no send", async (db) => {
  const id = await begin(db);
  assert.equal(await report(db, "delivered", null), "kept", "nobody knows it by its id yet");
  await db.sql`select public.name_own_alert(${id}, '3EB0ALERT')`;
  assert.equal(await early(db), 0);
  assert.equal(await report(db, "read", null), "applied");
  assert.equal(await early(db), 0);
});

quickTest("send.message tells it by its words before the answer does", async (db) => {
  await begin(db);
  const { from_me: _, sent_at: __, ...sent } = await message(db);
  assert.equal(await report(db, "sent", sent), "applied");
  await WAYS["the daily comparison"]!(db, await message(db));
  assert.deepEqual([await stored(db), await early(db)], [[0, 0], 0]);
});

quickTest("nothing leaves through a number that is deleted", async (db) => {
  await db.sql`update public.whatsapp_instances set deleted_at = ghost_repair.now(),
    manual_disconnect = true, status = 'disconnected', disconnected_since = ghost_repair.now()`;
  assert.equal(await begin(db), null);
});

quickTest("what alerts left is kept for as long as anything can be brought in", async (db) => {
  const id = await begin(db);
  await pass(db.sql, 13 * 86_400);
  await db.sql`select public.prune()`;
  const kept = async () =>
    (await db.sql`select from ghost_repair.own_alerts where id = ${id}`).length;
  assert.equal(await kept(), 1);
  await pass(db.sql, 2 * 86_400);
  await db.sql`select public.prune()`;
  assert.equal(await kept(), 0);
});
