import assert from "node:assert/strict";
import fc from "fast-check";
import { inTurns, withConnections } from "../../support/crowd.ts";
import { type CompanyDatabase, companyTest } from "../../support/database.ts";
import {
  acknowledge,
  answerSent,
  enqueueText,
  finishMessage,
  report,
  rowsOf,
} from "../../support/message-calls.ts";
import { quickTest } from "../../support/quick-test.ts";

const SEED = 20_260_101;
const RANKS: Readonly<Record<string, number>> = {
  sending: 0,
  failed: 0,
  sent: 1,
  delivered: 2,
  read: 3,
};
const ACKS = ["sent", "delivered", "read"] as const;
const TOLD = ["answer", "row", ...ACKS] as const;
type Told = (typeof TOLD)[number];

/** One thing that is said about a message, by the gateway's answer or by a webhook. */
function tell(
  db: CompanyDatabase,
  told: Told,
  id: string,
  whatsappId: string,
  sql = db.sql as Parameters<typeof answerSent>[0],
): Promise<unknown> {
  switch (told) {
    case "answer":
      return answerSent(sql, id, whatsappId);
    case "row":
      return report(db, whatsappId, { from_me: true, content: "from the webhook" }, sql);
    default:
      return acknowledge(sql, db.instanceId, whatsappId, told);
  }
}

/** The highest acknowledgement among what was told; `sent` where there was none. */
function highest(told: readonly Told[]): string {
  return [...ACKS].reverse().find((ack) => told.includes(ack)) ?? "sent";
}

/** Any order of any of it, each as often as webhooks come twice. */
const anyOrder = (more: readonly Told[]) =>
  fc.shuffledSubarray([...TOLD, ...ACKS, "row" as const], { minLength: 1 }).map((told) => {
    const missing = more.filter((one) => !told.includes(one));
    return [...told, ...missing];
  });

quickTest(`in any order the highest acknowledgement stays (seed ${SEED})`, async (db) => {
  await fc.assert(
    fc.asyncProperty(anyOrder(["answer"]), async (told) => {
      const whatsappId = crypto.randomUUID();
      const id = await enqueueText(db);
      let seen = 0;
      for (const one of told) {
        await tell(db, one, id, whatsappId);
        const rows = await rowsOf(db.sql, whatsappId);
        assert.ok(rows.length <= 1, "one row");
        const rank = RANKS[rows[0]?.status] ?? 0;
        assert.ok(rank >= seen, `${rows[0]?.status} after rank ${seen}`);
        seen = rank;
      }
      const [row] = await rowsOf(db.sql, whatsappId);
      assert.equal(row?.id, id);
      assert.equal(row?.content, "oi");
      assert.equal(row?.status, highest(told));
      assert.ok(row?.sent_at);
      assert.equal(row?.delivered_at !== null, RANKS[row?.status]! >= 2);
      assert.equal(row?.read_at !== null, row?.status === "read");
    }),
    { seed: SEED, numRuns: 60 },
  );
  assert.equal((await db.sql`select from private.early_acknowledgements`).length, 0);
});

quickTest(`what the phone sent is as far as its acknowledgements (seed ${SEED})`, async (db) => {
  await fc.assert(
    fc.asyncProperty(anyOrder(["row"]), async (order) => {
      const whatsappId = crypto.randomUUID();
      const told = order.filter((one) => one !== "answer");
      for (const one of told) await tell(db, one, "", whatsappId);
      const [row, ...more] = await rowsOf(db.sql, whatsappId);
      assert.deepEqual(more, []);
      assert.equal(row?.status, highest(told));
      assert.equal(row?.content, "from the webhook");
    }),
    { seed: SEED, numRuns: 40 },
  );
  assert.equal((await db.sql`select from private.early_acknowledgements`).length, 0);
});

companyTest("all of it at once, 50 times: nothing is lost, nothing is there twice", async (db) => {
  const told: readonly Told[] = ["answer", "row", "sent", "delivered", "read", "row"];
  const rounds: { id: string; whatsappId: string }[] = [];
  for (let round = 0; round < 50; round++) {
    rounds.push({ id: await enqueueText(db), whatsappId: `WA-${round}` });
  }
  await withConnections(db, told.length * 2, async (connections) => {
    const crews = [connections.slice(0, told.length), connections.slice(told.length)];
    await inTurns(rounds, crews, async (crew, { id, whatsappId }, round) => {
      await Promise.all(
        crew.map((sql, n) => tell(db, told[(n + round) % told.length]!, id, whatsappId, sql)),
      );
    });
  });
  for (const { id, whatsappId } of rounds) {
    const [row, ...more] = await rowsOf(db.sql, whatsappId);
    assert.deepEqual(more, [], whatsappId);
    assert.equal(row?.id, id, whatsappId);
    assert.equal(row?.status, "read", whatsappId);
  }
  assert.equal((await db.sql`select from private.early_acknowledgements`).length, 0);
  assert.equal((await db.sql`select from public.messages`).length, rounds.length);
});

companyTest("an answer and a sweep at once, 100 times: what was sent is sent", async (db) => {
  const ids: string[] = [];
  for (let round = 0; round < 100; round++) ids.push(await enqueueText(db));
  await db
    .sql`update public.messages set sending_since = ghost_repair.now() - interval '4 minutes'`;
  await withConnections(db, 9, async ([sweeper, ...answerers]) => {
    let answering = true;
    const sweeping = (async () => {
      while (answering) await sweeper!`select public.sweep()`;
    })();
    await inTurns(ids, answerers, (sql, id) => answerSent(sql, id, `WA-${id}`));
    answering = false;
    await sweeping;
  });
  const states = await db.sql`select distinct status, error_code from public.messages`;
  assert.deepEqual([...states], [{ status: "sent", error_code: null }]);
});

companyTest("an answer and a failure at the same moment, 60 times: the answer wins", async (db) => {
  const ids: string[] = [];
  for (let round = 0; round < 60; round++) ids.push(await enqueueText(db));
  await withConnections(db, 4, async ([a, b, c, d]) => {
    const pairs = [[a!, b!], [c!, d!]] as const;
    await inTurns(ids, pairs, async ([one, other], id, round) => {
      const failed = () =>
        finishMessage(other, id, { status: "failed", error_code: "gateway_timeout" });
      const first = round % 2 === 0 ? failed() : undefined;
      await Promise.all([answerSent(one, id, `WA-${id}`), first ?? failed()]);
    });
  });
  const states = await db.sql`select distinct status, error_code from public.messages`;
  assert.deepEqual([...states], [{ status: "sent", error_code: null }]);
});
