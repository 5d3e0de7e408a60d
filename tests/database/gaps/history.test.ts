import assert from "node:assert/strict";
import { callSql, type CompanyDatabase } from "../../support/database.ts";
import { rowsOf } from "../../support/message-calls.ts";
import { quickTest } from "../../support/quick-test.ts";
import { events, pass } from "../../support/repair-calls.ts";
import { lastPage, leaseGaps, missed, recordPage, secondsAgo, setStatus } from "./gap-calls.ts";

const HOUR = 3_600;

/** The history that a pairing tells: one message, so many seconds old. */
async function tell(db: CompanyDatabase, id: string, ago: number): Promise<string> {
  const message = missed(db, id, await secondsAgo(db.sql, ago));
  return await callSql(db.sql, "apply_history", db.instanceId, [message]);
}

async function windowOf({ sql, instanceId }: CompanyDatabase): Promise<number> {
  return (await sql`select * from public.history_window(${instanceId})`).length;
}

quickTest("of a history what came since the number last heard is stored alone", async (db) => {
  await pass(db.sql, 3 * HOUR);
  await setStatus(db, "awaiting_qr");
  await db
    .sql`update public.message_gaps set gap_from = ghost_repair.now() - interval '10 minutes'`;
  await pass(db.sql, 600);
  await setStatus(db, "connected");
  assert.equal(await tell(db, "MISSED", 700), "stored");
  assert.equal(await tell(db, "BEFORE", HOUR + 600), "ignored");
  assert.deepEqual(await rowsOf(db.sql, "BEFORE"), []);
  assert.equal((await rowsOf(db.sql, "MISSED")).length, 1);
});

quickTest("a first pairing imports nothing", async (db) => {
  await db.sql`delete from ghost_repair.hearing`;
  await setStatus(db, "awaiting_qr");
  await pass(db.sql, 600);
  await setStatus(db, "connected");
  assert.equal(await windowOf(db), 0);
  for (const ago of [0, 30, 700]) assert.equal(await tell(db, `PRIVATE-${ago}`, ago), "ignored");
});

quickTest("a history is nobody's while a scan is awaited, and long afterwards", async (db) => {
  await pass(db.sql, HOUR);
  assert.equal(await windowOf(db), 0, "never away");
  await setStatus(db, "awaiting_qr");
  assert.equal(await windowOf(db), 0, "whose phone it is nobody knows yet");
  await setStatus(db, "connected");
  assert.equal(await windowOf(db), 1);
  await pass(db.sql, HOUR + 1);
  assert.equal(await windowOf(db), 0);
});

quickTest("a history too large to be read is compared, also after the comparison", async (db) => {
  await pass(db.sql, HOUR);
  await setStatus(db, "awaiting_qr");
  await pass(db.sql, 60);
  await setStatus(db, "connected");
  await pass(db.sql, 36);
  const [lease] = await leaseGaps(db.sql);
  await recordPage(db.sql, lease!, lastPage([]));
  await callSql(db.sql, "apply_history", db.instanceId, []);
  assert.deepEqual(await leaseGaps(db.sql), []);
  await pass(db.sql, 601);
  const [again] = await leaseGaps(db.sql);
  assert.ok(again!.window_from <= lease!.window_from && again!.window_until >= lease!.window_until);
});

quickTest("a history is not taken where that is switched off", async (db) => {
  await pass(db.sql, HOUR);
  await setStatus(db, "awaiting_qr");
  await setStatus(db, "connected");
  await db.sql`update ghost_repair.settings set recover_messages = false`;
  assert.equal(await windowOf(db), 0);
  assert.equal(await tell(db, "M1", 0), "ignored");
});

quickTest("what the history brought is told once, with what the comparison found", async (db) => {
  await pass(db.sql, HOUR);
  await setStatus(db, "awaiting_qr");
  await pass(db.sql, 60);
  await setStatus(db, "connected");
  await tell(db, "M1", 10);
  await pass(db.sql, 36);
  const [lease] = await leaseGaps(db.sql);
  await recordPage(db.sql, lease!, lastPage([missed(db, "M2", await secondsAgo(db.sql, 50))]));
  const told = async () =>
    (await events(db.sql, db.instanceId)).filter(({ kind }) => kind === "messages_recovered")
      .map(({ detail }) => (detail as { readonly messages: number }).messages);
  assert.deepEqual(await told(), [2]);
  await tell(db, "LATE", 60);
  assert.deepEqual(await told(), [2, 1]);
});
