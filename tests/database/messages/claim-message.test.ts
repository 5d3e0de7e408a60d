import assert from "node:assert/strict";
import type postgres from "postgres";
import { allAtOnce, withConnections } from "../../support/crowd.ts";
import { callSql, type CompanyDatabase, companyTest, only } from "../../support/database.ts";
import {
  answerSent,
  beginText,
  claimMessage,
  enqueue,
  enqueueText,
  finishMessage,
  handOver,
  messageRow,
} from "../../support/message-calls.ts";
import { pass } from "../../support/repair-calls.ts";
import { quickTest } from "../../support/quick-test.ts";

const PATIENCE_S = 180;
const SENDER_S = 150;
const QUEUE_S = 600;

async function leaseRelease(sql: postgres.ISql): Promise<{ token: string }[]> {
  return [...await sql<{ token: string }[]>`select * from public.lease_held_releases(100)`];
}

async function sweep(db: CompanyDatabase): Promise<Record<string, number>> {
  const { swept } = await only(db.sql<{ swept: Record<string, number> }[]>`
    select public.sweep() as swept`);
  return swept;
}

companyTest("of 20 that claim one message at once one sends it", async (db) => {
  const id = await enqueueText(db);
  const answers = await allAtOnce(
    db,
    20,
    (sql) => sql`select from public.messages where id = ${id} for update`,
    (sql) => claimMessage(sql, id),
  );
  assert.deepEqual(answers.sort(), ["claimed", ...Array(19).fill("taken")]);
  assert.ok((await messageRow(db.sql, id)).sending_since);
});

quickTest("a claim that is asked again is the same claim, as long as it is sent", async (db) => {
  const id = await enqueueText(db);
  const token = crypto.randomUUID();
  assert.equal(await claimMessage(db.sql, id, token), "claimed");
  assert.equal(await claimMessage(db.sql, id, token), "claimed");
  assert.equal(await claimMessage(db.sql, id), "taken");
  await answerSent(db.sql, id, "WA-1");
  assert.equal(await claimMessage(db.sql, id, token), "taken");
});

companyTest("one conversation, one order, whoever asks first", async (db) => {
  const ids: string[] = [];
  for (let n = 0; n < 40; n++) ids.push(await enqueueText(db));
  const left: string[] = [];
  await withConnections(db, 8, async (connections) => {
    await Promise.all(connections.map(async (sql, worker) => {
      // Each has messages of its own, and asks for the last of them first.
      const mine = ids.filter((_, n) => n % connections.length === worker).reverse();
      while (mine.length > 0) {
        for (const [index, id] of mine.entries()) {
          if (await claimMessage(sql, id) !== "claimed") continue;
          left.push(id);
          await answerSent(sql, id, `WA-${id}`);
          mine.splice(index, 1);
          break;
        }
      }
    }));
  });
  assert.deepEqual(left, ids);
});

quickTest("no earlier message blocks for ever, also where nobody sweeps", async (db) => {
  const dead = await beginText(db);
  const next = await enqueueText(db);
  assert.equal(await claimMessage(db.sql, next), "behind");
  await pass(db.sql, PATIENCE_S + 1);
  assert.equal(await claimMessage(db.sql, next), "claimed");
  await answerSent(db.sql, next, "WA-1");
  assert.equal((await messageRow(db.sql, dead)).status, "sending");

  const queued = await enqueueText(db);
  const last = await enqueueText(db);
  await handOver(db.sql, [queued]);
  await pass(db.sql, QUEUE_S - 1);
  assert.equal(await claimMessage(db.sql, last), "behind");
  await pass(db.sql, 2);
  assert.equal(await claimMessage(db.sql, last), "claimed");
});

quickTest("nobody says of a message that nobody tried that it was interrupted", async (db) => {
  const [untried, tried] = [await enqueueText(db), crypto.randomUUID()];
  await enqueue(db, [{ id: tried }]);
  await db.sql`update public.messages set sending_since = ghost_repair.now() where id = ${tried}`;
  await pass(db.sql, PATIENCE_S + 1);
  assert.equal((await sweep(db)).messages, 1);
  assert.equal((await messageRow(db.sql, tried)).error_code, "interrupted");
  const row = await messageRow(db.sql, untried);
  assert.deepEqual([row.status, row.sending_since], ["sending", null]);

  await pass(db.sql, SENDER_S + QUEUE_S);
  assert.equal((await sweep(db)).held, 1);
  const { status, error_code, may_have_left } = await messageRow(db.sql, untried);
  assert.deepEqual([status, error_code, may_have_left], ["failed", "not_sent", false]);
});

quickTest("the scheduler takes over what was handed over, or has lost its sender", async (db) => {
  const ids: string[] = [];
  for (let n = 0; n < 4; n++) ids.push(await enqueueText(db));
  const [first, second, third, fourth] = ids as [string, string, string, string];
  const token = crypto.randomUUID();
  await claimMessage(db.sql, first, token);
  assert.deepEqual(await leaseRelease(db.sql), [], "all of it has its sender");

  await handOver(db.sql, [second, third], token);
  const { token: lease } = await only(leaseRelease(db.sql));
  const claim = async () =>
    (await db.sql<{ id: string }[]>`
      select id from public.claim_held_message(${db.instanceId}, ${lease}, gen_random_uuid())`)
      .map(({ id }) => id);
  assert.deepEqual(await claim(), [], "the first one is being sent");
  await answerSent(db.sql, first, "WA-1");
  assert.deepEqual(await claim(), [second]);
  assert.equal(await claimMessage(db.sql, second), "taken");
  await answerSent(db.sql, second, "WA-2");
  assert.deepEqual(await claim(), [third]);
  await answerSent(db.sql, third, "WA-3");
  assert.deepEqual(await claim(), []);
  assert.equal((await messageRow(db.sql, third)).attempts, 1);
  await pass(db.sql, SENDER_S);
  await db.sql`delete from ghost_repair.leases`;
  assert.equal((await leaseRelease(db.sql)).length, 1);
  assert.equal(await claimMessage(db.sql, fourth), "claimed");
});

quickTest("what its claimant gives back is queued; what another one sends is not", async (db) => {
  const token = crypto.randomUUID();
  const id = await enqueueText(db);
  await claimMessage(db.sql, id, token);
  await handOver(db.sql, [id]);
  assert.ok((await messageRow(db.sql, id)).sending_since);
  await handOver(db.sql, [id], token);
  assert.equal((await messageRow(db.sql, id)).sending_since, null);
  assert.equal((await leaseRelease(db.sql)).length, 1);
});

companyTest(
  "sender and scheduler at once, 60 messages: each claimed once, in order",
  async (db) => {
    const ids: string[] = [];
    for (let n = 0; n < 60; n++) ids.push(await enqueueText(db));
    await handOver(db.sql, ids);
    const { token } = await only(leaseRelease(db.sql));
    const left: string[] = [];
    await withConnections(db, 8, async (connections) => {
      await Promise.all(connections.map(async (sql, worker) => {
        for (let next = ids[0]; next !== undefined; next = ids[left.length]) {
          const claimed = worker % 2 === 0
            ? (await sql<{ id: string }[]>`select id
                from public.claim_held_message(${db.instanceId}, ${token}, gen_random_uuid())`)
              .map(({ id }) => id)
            : await claimMessage(sql, next) === "claimed"
            ? [next]
            : [];
          for (const id of claimed) {
            left.push(id);
            await answerSent(sql, id, `WA-${id}`);
          }
        }
      }));
    });
    assert.deepEqual(left, ids);
  },
);

quickTest("the failure of another attempt is no news, its success is", async (db) => {
  const id = await enqueueText(db);
  const [first, second] = [crypto.randomUUID(), crypto.randomUUID()];
  const failed = (token: string) =>
    finishMessage(db.sql, id, { status: "failed", error_code: "gateway_error", token });
  await claimMessage(db.sql, id, first);
  await pass(db.sql, PATIENCE_S + 1);
  await sweep(db);
  assert.deepEqual(
    (await callSql<{ result: string }>(db.sql, "retry_message", db.company.userId, id, true))
      .result,
    "queued",
  );
  assert.equal(await claimMessage(db.sql, id, second), "claimed");
  assert.equal(await failed(first), false);
  assert.equal((await messageRow(db.sql, id)).status, "sending");
  assert.equal(await answerSent(db.sql, id, "WA-1"), true);
  assert.equal(await failed(second), false);
  assert.equal((await messageRow(db.sql, id)).status, "sent");
});

quickTest("a part fails with its request only where nobody has tried it", async (db) => {
  const [tried, untried] = [await beginText(db), await enqueueText(db)];
  const outcome = { status: "failed", error_code: "gateway_error", untried: true } as const;
  assert.equal(await finishMessage(db.sql, tried, outcome), false);
  assert.equal(await finishMessage(db.sql, untried, outcome), true);
});
