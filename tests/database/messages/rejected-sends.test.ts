import assert from "node:assert/strict";
import { untilWaiting, withConnections } from "../../support/crowd.ts";
import { type CompanyDatabase, companyTest } from "../../support/database.ts";
import { acknowledge, answerSent, enqueueText, messageRow } from "../../support/message-calls.ts";
import { events, pass } from "../../support/repair-calls.ts";
import { quickTest } from "../../support/quick-test.ts";

/** Messages that left. */
async function sent(db: CompanyDatabase, count: number): Promise<string[]> {
  const names: string[] = [];
  for (let left = count; left > 0; left--) {
    const id = await enqueueText(db);
    await answerSent(db.sql, id, `WA-${id}`);
    names.push(`WA-${id}`);
  }
  return names;
}

const reject = (db: CompanyDatabase, name: string) =>
  acknowledge(db.sql, db.instanceId, name, "failed");

quickTest("a refusal that overtakes the answer to its own send is not lost", async (db) => {
  const id = await enqueueText(db);
  assert.equal(await acknowledge(db.sql, db.instanceId, "WA", "sent"), "kept");
  assert.equal(await reject(db, "WA"), "kept");
  assert.equal(await acknowledge(db.sql, db.instanceId, "WA", "sent"), "kept");
  await answerSent(db.sql, id, "WA");
  const { status, error_code, failed_at } = await messageRow(db.sql, id);
  assert.deepEqual([status, error_code], ["failed", "rejected_by_whatsapp"]);
  assert.ok(failed_at);
  assert.equal(await answerSent(db.sql, id, "WA"), false, "the same answer again is no news");
  assert.equal((await messageRow(db.sql, id)).status, "failed");
});

quickTest("three refusals in ten minutes are told once, with their count", async (db) => {
  const names = await sent(db, 6);
  for (const name of names.slice(0, 2)) assert.equal(await reject(db, name), "applied");
  assert.equal(await reject(db, names[1]!), "ignored");
  assert.deepEqual(await events(db.sql, db.instanceId), []);
  for (const name of names.slice(2, 5)) await reject(db, name);
  const told = { kind: "sends_rejected", detail: { messages: 3 } };
  assert.deepEqual(await events(db.sql, db.instanceId), [told]);
  await pass(db.sql, 11 * 60);
  await reject(db, names[5]!);
  assert.deepEqual(await events(db.sql, db.instanceId), [told], "those before are long ago");
  const repairs = await db.sql`select from public.ghost_repairs`;
  assert.equal(repairs.length, 0);
});

companyTest("refusals that come at once are told once", async (db) => {
  const names = await sent(db, 8);
  await withConnections(
    db,
    8,
    (all) =>
      Promise.all(
        all.map((sql, index) => acknowledge(sql, db.instanceId, names[index]!, "failed")),
      ),
  );
  assert.deepEqual(await events(db.sql, db.instanceId), [
    { kind: "sends_rejected", detail: { messages: 3 } },
  ]);
});

companyTest("a gateway's first word, a refusal, takes the number before it", async (db) => {
  const [name] = await sent(db, 1);
  await db.sql`delete from private.gateways`;
  await withConnections(db, 2, async ([report, refusal]) => {
    await report!`begin`;
    await report!`select ghost_repair.lock_session(${db.instanceId})`;
    const refused = acknowledge(refusal!, db.instanceId, name!, "failed");
    refused.catch(() => {});
    await untilWaiting(db, 1);
    await report!`select ghost_repair.webhook_delivered(${db.instanceId})`;
    await report!`commit`;
    assert.equal(await refused, "applied");
  });
});

quickTest("refusals on a number that is away are its state's, not news", async (db) => {
  const names = await sent(db, 3);
  await db.sql`update public.whatsapp_instances set status = 'disconnected'`;
  for (const name of names) await reject(db, name);
  assert.deepEqual(await events(db.sql, db.instanceId), []);
});
