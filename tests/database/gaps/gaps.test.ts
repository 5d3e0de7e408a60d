import assert from "node:assert/strict";
import { addInstances, callSql, type CompanyDatabase } from "../../support/database.ts";
import { acknowledge, report } from "../../support/message-calls.ts";
import { quickTest } from "../../support/quick-test.ts";
import { events, pass } from "../../support/repair-calls.ts";
import { connection } from "../../support/webhook-calls.ts";
import { gapsOf, secondsAgo, setStatus } from "./gap-calls.ts";

const HOUR = 3_600;
const DAY = 24 * HOUR;

/** Something is heard that is so many seconds old. */
async function hear(db: CompanyDatabase, ago = 0): Promise<void> {
  await report(db, crypto.randomUUID(), { sent_at: await secondsAgo(db.sql, ago) });
}

/** The number hears since this moment: the company of a file is older than its tests. */
async function hearSinceNow({ sql }: CompanyDatabase): Promise<void> {
  await sql`update ghost_repair.hearing set
    heard_since = ghost_repair.now(), last_heard_at = ghost_repair.now()`;
}

function sweep({ sql }: CompanyDatabase): Promise<unknown> {
  return callSql(sql, "sweep");
}

quickTest("who goes away has a gap from when it last heard until it connects", async (db) => {
  await pass(db.sql, HOUR);
  await hear(db);
  await pass(db.sql, 600);
  await setStatus(db, "disconnected");
  await setStatus(db, "awaiting_qr");
  assert.partialDeepStrictEqual(await gapsOf(db.sql, db.instanceId), [
    { reason: "away", state: "open", from: 600, until: null },
  ]);
  await pass(db.sql, 300);
  await setStatus(db, "connected");
  assert.partialDeepStrictEqual(await gapsOf(db.sql, db.instanceId), [
    { reason: "away", state: "due", from: 900, until: 0 },
  ]);
});

quickTest("a first pairing has no gap: what was before is nobody's business", async (db) => {
  await db.sql`delete from ghost_repair.hearing`;
  await setStatus(db, "awaiting_qr");
  await setStatus(db, "connected");
  assert.deepEqual(await gapsOf(db.sql, db.instanceId), []);
  // From here on it is known; a later gap reaches back to here and no further.
  await pass(db.sql, 50);
  await setStatus(db, "disconnected");
  assert.partialDeepStrictEqual(await gapsOf(db.sql, db.instanceId), [{
    state: "open",
    from: 50,
  }]);
});

quickTest("another phone that pairs takes over nothing of the first one's gap", async (db) => {
  await pass(db.sql, HOUR);
  await setStatus(db, "awaiting_qr");
  await pass(db.sql, 60);
  await db.sql`update public.whatsapp_instances set phone_number = '5521988880000'`;
  await setStatus(db, "connected");
  assert.deepEqual(await gapsOf(db.sql, db.instanceId), []);
  await setStatus(db, "disconnected");
  assert.partialDeepStrictEqual(await gapsOf(db.sql, db.instanceId), [{ state: "open", from: 0 }]);
});

quickTest("the same phone with or without its ninth digit keeps its gap", async (db) => {
  await db.sql`update public.whatsapp_instances set phone_number = '5511998765432'`;
  await setStatus(db, "awaiting_qr");
  await db.sql`update public.whatsapp_instances set phone_number = '551198765432'`;
  await setStatus(db, "connected");
  assert.equal((await gapsOf(db.sql, db.instanceId)).length, 1);
});

quickTest("what is handed over late proves no more than its own time", async (db) => {
  await pass(db.sql, HOUR);
  await hear(db, 1_800);
  await setStatus(db, "disconnected");
  assert.partialDeepStrictEqual(await gapsOf(db.sql, db.instanceId), [{ from: 1_800 }]);
});

quickTest("a message that is dated ahead proves nothing about the future", async (db) => {
  await hearSinceNow(db);
  await pass(db.sql, HOUR);
  await hear(db, -500);
  await pass(db.sql, 100);
  await setStatus(db, "disconnected");
  assert.partialDeepStrictEqual(await gapsOf(db.sql, db.instanceId), [{ from: 100 }]);
});

quickTest("a delivery report is heard, our own send is not", async (db) => {
  await hearSinceNow(db);
  await pass(db.sql, HOUR);
  await acknowledge(db.sql, db.instanceId, "A", "sent");
  await pass(db.sql, 60);
  await setStatus(db, "disconnected");
  assert.partialDeepStrictEqual(await gapsOf(db.sql, db.instanceId), [{ from: HOUR + 60 }]);
  await setStatus(db, "connected");
  await db.sql`delete from public.message_gaps`;
  const heard = await secondsAgo(db.sql, 0);
  const told = ["A", "delivered", null, null, heard];
  await callSql(db.sql, "ghost_repair.apply_acknowledgement", db.instanceId, ...told);
  await setStatus(db, "disconnected");
  assert.partialDeepStrictEqual(await gapsOf(db.sql, db.instanceId), [{ from: 0 }]);
});

quickTest("that a number is said to be connected proves no hearing", async (db) => {
  await hearSinceNow(db);
  await pass(db.sql, HOUR);
  await setStatus(db, "disconnected");
  await pass(db.sql, 60);
  await setStatus(db, "connected");
  await pass(db.sql, 60);
  await setStatus(db, "disconnected");
  // Nobody had begun to compare it: it is the same gap.
  assert.partialDeepStrictEqual(await gapsOf(db.sql, db.instanceId), [
    { state: "open", from: HOUR + 120 },
  ]);
});

quickTest("what is too old to be brought in is told", async (db) => {
  await hearSinceNow(db);
  await setStatus(db, "awaiting_qr");
  await pass(db.sql, 10 * DAY);
  await setStatus(db, "connected");
  assert.partialDeepStrictEqual(await gapsOf(db.sql, db.instanceId), [{ from: 7 * DAY, until: 0 }]);
  const [told] = await events(db.sql, db.instanceId);
  assert.equal(told?.kind, "messages_may_be_missing");
  assert.partialDeepStrictEqual(told?.detail as object, { messages: null, reason: "too_old" });
});

const OFF = {
  "for all": "update ghost_repair.settings set recover_messages = false",
  "for the organization": `insert into private.message_settings (organization_id, recover_messages)
    select id, false from public.organizations`,
};

for (const [what, switched] of Object.entries(OFF)) {
  quickTest(`switched off ${what}, no gap is opened, and none is compared`, async (db) => {
    await setStatus(db, "disconnected");
    await setStatus(db, "connected");
    await db.sql.unsafe(switched);
    await pass(db.sql, HOUR);
    const [due] = await db.sql`select ghost_repair.is_recovery_due() as is`;
    assert.equal(due?.["is"], false);
    await db.sql`delete from public.message_gaps`;
    await setStatus(db, "disconnected");
    await setStatus(db, "connected");
    assert.deepEqual(await gapsOf(db.sql, db.instanceId), []);
  });
}

quickTest("a connected number is compared once a day, whatever it did", async (db) => {
  await pass(db.sql, DAY - HOUR);
  await sweep(db);
  assert.deepEqual(await gapsOf(db.sql, db.instanceId), []);
  await pass(db.sql, 6 * HOUR);
  await sweep(db);
  await sweep(db);
  const [gap, ...more] = await gapsOf(db.sql, db.instanceId);
  assert.partialDeepStrictEqual(gap, { reason: "daily", state: "due", until: 0 });
  assert.ok(gap!.from > 24 * HOUR, `${gap!.from}`);
  assert.deepEqual(more, []);
});

quickTest("who is away is not compared for the day: its own gap does that", async (db) => {
  await setStatus(db, "disconnected");
  await pass(db.sql, 2 * DAY);
  await sweep(db);
  assert.deepEqual((await gapsOf(db.sql, db.instanceId)).map(({ reason }) => reason), ["away"]);
  // Also where it has none: nothing comes in that could be missed.
  await db.sql`delete from public.message_gaps`;
  await pass(db.sql, 2 * DAY);
  await sweep(db);
  assert.deepEqual(await gapsOf(db.sql, db.instanceId), []);
});

quickTest("late webhooks make one gap, since the first was first tried", async (db) => {
  await pass(db.sql, HOUR);
  for (const ago of [300, 700, 100]) {
    const tried = await secondsAgo(db.sql, ago);
    await callSql(db.sql, "ghost_repair.note_late_webhook", db.instanceId, tried);
  }
  assert.partialDeepStrictEqual(await gapsOf(db.sql, db.instanceId), [
    { reason: "late_webhooks", state: "due", from: 700, until: 0 },
  ]);
  assert.equal((await gapsOf(db.sql, db.instanceId)).length, 1);
});

/** Signs that a connected number may have missed something. */
const SIGNS: Readonly<Record<string, (db: CompanyDatabase) => Promise<unknown>>> = {
  reopened: ({ sql, instanceId }) =>
    connection(sql, instanceId, "open", new Date(), { order: { digest: "an opening" } }),
  refused_webhook: ({ sql, instanceId }) =>
    callSql(sql, "ghost_repair.note_refused_webhook", instanceId),
};

for (const [reason, happen] of Object.entries(SIGNS)) {
  quickTest(`a connected number is compared, and not again at once: ${reason}`, async (db) => {
    await hearSinceNow(db);
    await pass(db.sql, HOUR);
    await hear(db, 120);
    await happen(db);
    const due = async () =>
      (await db.sql`select round(extract(epoch from due_at - ghost_repair.now()))::int as s
        from public.message_gaps where state = 'due'`).map(({ s }) => s);
    assert.partialDeepStrictEqual(await gapsOf(db.sql, db.instanceId), [
      { reason, state: "due", from: reason === "reopened" ? 120 : 0, until: 0 },
    ]);
    assert.deepEqual(await due(), [35]);
    await db.sql`update public.message_gaps set state = 'done', ended_at = ghost_repair.now()`;
    await pass(db.sql, 60);
    await callSql(db.sql, "ghost_repair.note_refused_webhook", db.instanceId);
    assert.deepEqual(await due(), [540]);
  });
}

/** What ends a time in which webhooks were refused. */
const ACCEPTED_AGAIN: Readonly<Record<string, (db: CompanyDatabase) => Promise<unknown>>> = {
  "whose webhooks are accepted with another key": async ({ sql }) =>
    await sql`update private.instance_credentials set webhook_secret = 'another'`,
  "whose webhook was set anew": ({ sql, instanceId }) =>
    callSql(sql, "note_webhook_updated", instanceId, {}),
};

for (const [what, happen] of Object.entries(ACCEPTED_AGAIN)) {
  quickTest(`a number ${what} is compared at once: what was refused is lost`, async (db) => {
    await pass(db.sql, HOUR);
    await db.sql`update private.instance_credentials set api_key = 'another'`;
    await sweep(db);
    assert.deepEqual(await gapsOf(db.sql, db.instanceId), []);
    await happen(db);
    await sweep(db);
    assert.partialDeepStrictEqual(await gapsOf(db.sql, db.instanceId), [{ reason: "daily" }]);
  });
}

quickTest("a gateway that was silent is compared when it speaks again, at times", async (db) => {
  const speak = () => callSql(db.sql, "ghost_repair.webhook_delivered", db.instanceId);
  await pass(db.sql, 500);
  await speak();
  await sweep(db);
  assert.deepEqual(await gapsOf(db.sql, db.instanceId), [], "eight minutes are no silence");
  await pass(db.sql, 1_200);
  await speak();
  await sweep(db);
  await sweep(db);
  const found = await gapsOf(db.sql, db.instanceId);
  assert.partialDeepStrictEqual(found, [{ reason: "silent_gateway", state: "due", from: 1_200 }]);
  assert.equal(found.length, 1);
  await db.sql`update public.message_gaps set state = 'done', ended_at = ghost_repair.now()`;
  await pass(db.sql, 1_200);
  await speak();
  await sweep(db);
  assert.equal((await gapsOf(db.sql, db.instanceId)).length, 1, "twenty minutes later");
  await pass(db.sql, 2 * HOUR);
  await speak();
  await sweep(db);
  assert.equal((await gapsOf(db.sql, db.instanceId)).length, 2);
});

quickTest("all numbers of a silent gateway get their gap, a batch at a time", async (db) => {
  await db.sql`update ghost_repair.settings set recover_batch = 2`;
  await addInstances(db.sql, db.company, 4);
  await pass(db.sql, 1_200);
  await callSql(db.sql, "ghost_repair.webhook_delivered", db.instanceId);
  const counted: number[] = [];
  for (let minute = 0; minute < 4; minute++) {
    await db.sql`select ghost_repair.add_silence_gaps()`;
    const [row] = await db.sql`select count(*)::int as n from public.message_gaps`;
    counted.push(row?.["n"]);
  }
  assert.deepEqual(counted, [2, 4, 5, 5]);
});
