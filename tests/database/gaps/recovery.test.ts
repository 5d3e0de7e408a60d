import assert from "node:assert/strict";
import { addInstances, callSql, type CompanyDatabase, only } from "../../support/database.ts";
import { answerSent, beginText, report, rowsOf } from "../../support/message-calls.ts";
import { quickTest } from "../../support/quick-test.ts";
import { eventKinds, events, pass } from "../../support/repair-calls.ts";
import {
  type GapLease,
  gapsOf,
  lastPage,
  leaseGaps,
  missed,
  recordPage,
  secondsAgo,
  setStatus,
} from "./gap-calls.ts";

const HOUR = 3_600;
const DAY = 24 * HOUR;

/** An hour after it was last heard the number was away for ten minutes; its gap is leased. */
async function leaseOne(db: CompanyDatabase): Promise<GapLease> {
  await pass(db.sql, HOUR);
  await report(db, "LAST-HEARD", { sent_at: await secondsAgo(db.sql, 0) });
  await setStatus(db, "awaiting_qr");
  await pass(db.sql, 600);
  await setStatus(db, "connected");
  assert.deepEqual(await leaseGaps(db.sql), [], "WhatsApp may still hand over what it kept");
  await pass(db.sql, 36);
  const [lease = assert.fail("nothing was leased"), ...more] = await leaseGaps(db.sql);
  assert.deepEqual(more, []);
  return lease;
}

/** The page says that there is more, from the window's end on: the gap stays leased as it is. */
const unfinished = (lease: GapLease, page: ReturnType<typeof lastPage>) => ({
  ...page,
  full: true,
  oldest: lease.window_until.toISOString(),
});

/** When the customer's conversation was last written to. */
async function lastMessageAt({ sql, company }: CompanyDatabase): Promise<Date> {
  const { at } = await only(sql<{ at: Date }[]>`
    select last_message_at as at from public.conversations where id = ${company.conversationId}`);
  return at;
}

quickTest("a missed message is stored once, in its place, and marked", async (db) => {
  const lease = await leaseOne(db);
  const before = await lastMessageAt(db);
  // Written before the newest one of its conversation.
  const sentAt = await secondsAgo(db.sql, 700);
  const { next } = await recordPage(db.sql, lease, lastPage([missed(db, "M1", sentAt)]));
  assert.equal(next, "done");
  const [row, ...more] = await rowsOf(db.sql, "M1");
  assert.deepEqual(more, []);
  assert.partialDeepStrictEqual(row, {
    conversation_id: db.company.conversationId,
    status: "received",
    content: "text of M1",
    sent_at: new Date(sentAt),
    created_at: new Date(sentAt),
  });
  assert.ok(row!["recovered_at"] > row!["created_at"]);
  assert.deepEqual(await lastMessageAt(db), before, "old news raise nothing");
  assert.deepEqual((await events(db.sql, db.instanceId)).at(-1)?.kind, "messages_recovered");
});

quickTest("a missed message that is the newest dates its conversation", async (db) => {
  const lease = await leaseOne(db);
  const sentAt = await secondsAgo(db.sql, 300);
  await recordPage(db.sql, lease, lastPage([missed(db, "M1", sentAt)]));
  assert.deepEqual(await lastMessageAt(db), new Date(sentAt));
});

quickTest("what is brought in is no proof of hearing, and no news of the number", async (db) => {
  const lease = await leaseOne(db);
  const look = () =>
    db.sql`select h.last_heard_at, i.last_received_at, i.last_webhook_at
      from ghost_repair.hearing h join public.whatsapp_instances i on i.id = h.instance_id`;
  const before = [...await look()];
  await recordPage(db.sql, lease, lastPage([missed(db, "M1", await secondsAgo(db.sql, 300))]));
  assert.deepEqual([...await look()], before);
});

const WAYS = ["live", "history", "compared"] as const;

for (const first of WAYS) {
  for (const second of WAYS) {
    quickTest(`a message that comes ${first} and then ${second} is one row`, async (db) => {
      const sentAt = await secondsAgo(db.sql, 0);
      await pass(db.sql, 60);
      await setStatus(db, "disconnected");
      await pass(db.sql, 600);
      await setStatus(db, "connected");
      await pass(db.sql, 36);
      const [lease] = await leaseGaps(db.sql);
      const message = missed(db, "M1", sentAt);
      const come: Readonly<Record<typeof first, () => Promise<unknown>>> = {
        live: () => report(db, "M1", message as never),
        history: () => callSql(db.sql, "apply_history", db.instanceId, [message]),
        compared: () => recordPage(db.sql, lease!, { ...lastPage([message]), full: true }),
      };
      await come[first]();
      const [stored] = await rowsOf(db.sql, "M1");
      await come[second]();
      assert.deepEqual(await rowsOf(db.sql, "M1"), [stored]);
      assert.equal(stored!["recovered_at"] === null, first === "live");
    });
  }
}

quickTest("a second run stores nothing new", async (db) => {
  const lease = await leaseOne(db);
  const page = lastPage([missed(db, "M1", await secondsAgo(db.sql, 300))]);
  await recordPage(db.sql, lease, page);
  await db.sql`update public.message_gaps set state = 'due', ended_at = null, stored = 0`;
  await pass(db.sql, 1);
  const [again] = await leaseGaps(db.sql);
  assert.equal((await recordPage(db.sql, again!, page)).next, "done");
  assert.partialDeepStrictEqual(await gapsOf(db.sql, db.instanceId), [{ stored: 0 }]);
});

quickTest("a hidden address joins its person, whichever way it came before", async (db) => {
  const lease = await leaseOne(db);
  await db.sql`update public.conversations set hidden_jid = '77@lid'`;
  const sentAt = await secondsAgo(db.sql, 300);
  const jid = db.company.customerJid;
  await recordPage(
    db.sql,
    lease,
    lastPage([
      missed(db, "BY-LID", sentAt, { remote_jid: "77@lid" }),
      missed(db, "BY-BOTH", sentAt, { remote_jid: jid, hidden_jid: "77@lid" }),
      missed(db, "WITHOUT-NINTH", sentAt, { remote_jid: jid.replace("55119", "5511") }),
    ]),
  );
  const [row] = await db.sql`select count(*)::int as n from public.conversations`;
  assert.equal(row?.["n"], 1);
});

quickTest("somebody new gets a conversation, named and dated as the message says", async (db) => {
  const lease = await leaseOne(db);
  const sentAt = await secondsAgo(db.sql, 300);
  const from = { remote_jid: "5521977770000@s.whatsapp.net", contact_name: "Ana" };
  await recordPage(db.sql, lease, lastPage([missed(db, "M1", sentAt, from)]));
  const [row] = await db.sql`select contact_name, last_message_at from public.conversations
    where remote_jid = ${from.remote_jid}`;
  assert.deepEqual({ ...row }, { contact_name: "Ana", last_message_at: new Date(sentAt) });
});

quickTest("what was deleted here is not brought back", async (db) => {
  const lease = await leaseOne(db);
  const sentAt = await secondsAgo(db.sql, 300);
  const page = { ...lastPage([missed(db, "M1", sentAt)]), full: true };
  await recordPage(db.sql, lease, page);
  await db.sql`delete from public.messages where whatsapp_message_id = 'M1'`;
  await recordPage(db.sql, lease, page);
  assert.deepEqual(await rowsOf(db.sql, "M1"), []);
  assert.equal(await callSql(db.sql, "apply_history", db.instanceId, page.messages), "ignored");
  assert.deepEqual(await rowsOf(db.sql, "M1"), []);
});

quickTest("a customer who was deleted does not come back with what was never here", async (db) => {
  const lease = await leaseOne(db);
  const [before, after] = [await secondsAgo(db.sql, 300), await secondsAgo(db.sql, -60)];
  await db.sql`delete from public.conversations`;
  const short = db.company.customerJid.replace("55119", "5511");
  const page = (sentAt: string) =>
    unfinished(lease, lastPage([missed(db, `M-${sentAt}`, sentAt, { remote_jid: short })]));
  const conversations = async () => (await db.sql`select from public.conversations`).length;
  await recordPage(db.sql, lease, page(before));
  assert.equal(await conversations(), 0);
  // Who writes again is somebody new.
  await recordPage(db.sql, lease, page(after));
  assert.equal(await conversations(), 1);
});

quickTest("a send whose answer is still to come is not taken for somebody else's", async (db) => {
  const lease = await leaseOne(db);
  const id = await beginText(db);
  const [ours] = await db.sql`select content from public.messages where id = ${id}`;
  const said = missed(db, "OURS", await secondsAgo(db.sql, 0), {
    from_me: true,
    content: ours!["content"],
  });
  await recordPage(db.sql, lease, { ...lastPage([said]), full: true });
  assert.deepEqual(await rowsOf(db.sql, "OURS"), []);
  await answerSent(db.sql, id, "OURS");
  await recordPage(db.sql, lease, lastPage([said]));
  assert.deepEqual((await rowsOf(db.sql, "OURS")).map((row) => row["id"]), [id]);
});

quickTest("what was written on the phone is brought in with how far it got", async (db) => {
  const lease = await leaseOne(db);
  const sentAt = await secondsAgo(db.sql, 300);
  const phone = missed(db, "PHONE", sentAt, { from_me: true, status: "read" });
  await recordPage(db.sql, lease, lastPage([phone]));
  const stored = { is_from_me: true, status: "read" };
  assert.partialDeepStrictEqual(await rowsOf(db.sql, "PHONE"), [stored]);
});

quickTest("a delivery report that was missed is taken over, never backwards", async (db) => {
  const lease = await leaseOne(db);
  const id = await beginText(db);
  await answerSent(db.sql, id, "OURS");
  const reached = async (status: string) => {
    const sentAt = lease.window_until.toISOString();
    const page = lastPage([missed(db, "OURS", sentAt, { from_me: true, status })]);
    await recordPage(db.sql, lease, unfinished(lease, page));
    return (await rowsOf(db.sql, "OURS"))[0]!["status"];
  };
  assert.equal(await reached("delivered"), "delivered");
  assert.equal(await reached("sent"), "delivered");
});

quickTest("what a customer changed is changed here, and says when", async (db) => {
  const lease = await leaseOne(db);
  const [wrote, changed, later] = await Promise.all(
    [400, 300, 200].map((ago) => secondsAgo(db.sql, ago)),
  );
  await report(db, "TEXT", { content: "three", sent_at: wrote! });
  await report(db, "FILE", {
    type: "image",
    caption: "thre",
    media_url: "https://s3/a",
    sent_at: wrote!,
  });
  const come = async (sentAt: string, content: string, more = { edited: true }) => {
    const said = ["TEXT", "FILE"].map((id) => missed(db, id, sentAt, { ...more, content }));
    await recordPage(db.sql, lease, unfinished(lease, lastPage(said)));
    const rows = await rowsOf(db.sql, "TEXT");
    return [...rows, ...await rowsOf(db.sql, "FILE")].map((row) =>
      [
        row["message_type"] === "text" ? row["content"] : row["caption"],
        row["edited_at"],
        row["media_url"],
      ] as const
    );
  };
  assert.deepEqual(await come(wrote!, "not said to be edited", { edited: false }), [
    ["three", null, null],
    ["thre", null, "https://s3/a"],
  ]);
  const first = await come(changed!, "four");
  assert.deepEqual(first.map(([text]) => text), ["four", "four"]);
  assert.deepEqual(first[0]![1], new Date(changed!));
  assert.deepEqual(first[1]![2], "https://s3/a", "of a file the words below it alone change");
  // A deletion that looks like an edit says nothing new.
  assert.deepEqual(await come(later!, "four"), first);
  assert.deepEqual((await come(later!, "five"))[0], ["five", new Date(later!), null]);
  const before = await come(changed!, "four");
  assert.deepEqual(before[0]![0], "five", "an older change is not taken over");
});

quickTest("what a customer deleted is gone, and no change brings it back", async (db) => {
  const lease = await leaseOne(db);
  const sentAt = await secondsAgo(db.sql, 300);
  await report(db, "M1", { sent_at: sentAt, content: "a secret" });
  await report(db, "M2", { sent_at: sentAt, content: "stays" });
  const withdrawn = { withdrawn: ["M1", "NEVER-HERE"], read: 2, deleted: 2 };
  await recordPage(db.sql, lease, { ...lastPage([]), ...withdrawn, full: true });
  await recordPage(db.sql, lease, lastPage([missed(db, "M1", sentAt, { edited: true })]));
  assert.partialDeepStrictEqual(await rowsOf(db.sql, "M1"), [{ content: null, caption: null }]);
  assert.notEqual((await rowsOf(db.sql, "M1"))[0]!["deleted_at"], null);
  const other = { content: "stays", deleted_at: null };
  assert.partialDeepStrictEqual(await rowsOf(db.sql, "M2"), [other]);
});

quickTest("a message that the database cannot take is counted, and loses no other", async (db) => {
  const lease = await leaseOne(db);
  const sentAt = await secondsAgo(db.sql, 300);
  const page = ["A", "B", "C"].map((id) =>
    missed(db, id, sentAt, id === "B" ? { type: "of another time" } : {})
  );
  assert.equal((await recordPage(db.sql, lease, lastPage(page))).next, "done");
  assert.partialDeepStrictEqual(await gapsOf(db.sql, db.instanceId), [{ stored: 2, missing: 1 }]);
});

quickTest("a gateway that hands out what is older than the gap is not followed", async (db) => {
  const lease = await leaseOne(db);
  const old = missed(db, "OLD", await secondsAgo(db.sql, 9 * HOUR));
  const page = { ...lastPage([old]), full: true };
  assert.equal((await recordPage(db.sql, lease, page)).next, "done");
});

quickTest("nothing from outside of the window is stored, whatever is answered", async (db) => {
  const lease = await leaseOne(db);
  const out = [await secondsAgo(db.sql, HOUR), await secondsAgo(db.sql, -HOUR)];
  const messages = out.map((sentAt, place) => missed(db, `OUT-${place}`, sentAt));
  await recordPage(db.sql, lease, lastPage(messages));
  assert.partialDeepStrictEqual(await gapsOf(db.sql, db.instanceId), [{ stored: 0, read: 2 }]);
});

quickTest("nothing from before the number was first connected is looked at", async (db) => {
  await pass(db.sql, 30);
  await setStatus(db, "disconnected");
  await setStatus(db, "connected");
  await pass(db.sql, 36);
  const [lease] = await leaseGaps(db.sql);
  const [since] = await db.sql`select heard_since from ghost_repair.hearing`;
  assert.deepEqual(lease!.window_from, since!["heard_since"]);
});

quickTest("what the gateway has and nobody can read is counted and told", async (db) => {
  const lease = await leaseOne(db);
  const page = lastPage([missed(db, "M1", await secondsAgo(db.sql, 300))], 3);
  await recordPage(db.sql, lease, page);
  const told = (await events(db.sql, db.instanceId)).slice(-2);
  assert.deepEqual(told.map(({ kind }) => kind), ["messages_recovered", "messages_may_be_missing"]);
  assert.partialDeepStrictEqual(told[1]!.detail as object, { messages: 3, reason: "unreadable" });
});

quickTest("a gap goes on at its oldest second, which is asked for again", async (db) => {
  const lease = await leaseOne(db);
  const whole = async (ago: number) => `${(await secondsAgo(db.sql, ago)).slice(0, 19)}.000Z`;
  const [newer, older] = [await whole(100), await whole(200)];
  const full = (id: string, at: string) => ({ ...lastPage([missed(db, id, at)]), full: true });
  const told = await recordPage(db.sql, lease, full("M1", newer));
  assert.equal(new Date(told.window_until!).toISOString(), newer);
  assert.deepEqual([told.next, told.page], ["more", 1]);
  // A page of one second alone: its next page.
  const same = await recordPage(db.sql, lease, full("M2", newer));
  assert.deepEqual([same.next, same.page], ["more", 2]);
  const back = await recordPage(db.sql, lease, full("M3", older));
  assert.deepEqual([back.next, back.page], ["more", 1]);
  assert.equal((await recordPage(db.sql, lease, { outcome: "pause" })).next, "later");
  await pass(db.sql, 1);
  const [again] = await leaseGaps(db.sql);
  assert.deepEqual([again!.window_until.toISOString(), again!.page], [older, 1]);
});

quickTest("a page too large is asked for in smaller ones, a message alone left out", async (db) => {
  const lease = await leaseOne(db);
  const sizes: (number | undefined)[] = [];
  for (let look = 0; look < 4; look++) {
    sizes.push((await recordPage(db.sql, lease, { outcome: "too_large" })).page_size);
  }
  assert.deepEqual(sizes, [20, 4, 1, 1]);
  assert.partialDeepStrictEqual(await gapsOf(db.sql, db.instanceId), [{ missing: 1 }]);
  const { page, page_size } = await recordPage(db.sql, lease, {
    ...lastPage([missed(db, "M1", await secondsAgo(db.sql, 400))]),
    full: true,
  });
  assert.deepEqual([page, page_size], [1, 5]);
});

quickTest("a number is compared by one caller at a time, however many gaps it has", async (db) => {
  const lease = await leaseOne(db);
  await recordPage(db.sql, lease, {
    ...lastPage([missed(db, "M1", await secondsAgo(db.sql, 300))]),
    full: true,
  });
  await pass(db.sql, 60);
  const tried = await secondsAgo(db.sql, 30);
  await callSql(db.sql, "ghost_repair.note_late_webhook", db.instanceId, tried);
  await pass(db.sql, 36);
  assert.equal((await gapsOf(db.sql, db.instanceId)).length, 2);
  assert.deepEqual(await leaseGaps(db.sql), []);
  // Whoever had it died: after its time the next one has the right, and the first one has lost it.
  await pass(db.sql, 121);
  const [next, ...more] = await leaseGaps(db.sql);
  assert.deepEqual(more, []);
  const page = lastPage([missed(db, "M2", await secondsAgo(db.sql, 300))]);
  assert.equal((await recordPage(db.sql, lease, page)).next, "overtaken");
  assert.equal((await recordPage(db.sql, next!, page)).next, "done");
});

quickTest("a number that is deleted in the middle takes nothing more", async (db) => {
  const lease = await leaseOne(db);
  await db.sql`update public.whatsapp_instances set deleted_at = ghost_repair.now()`;
  const page = lastPage([missed(db, "M1", await secondsAgo(db.sql, 300))]);
  assert.equal((await recordPage(db.sql, lease, page)).next, "overtaken");
  assert.deepEqual(await rowsOf(db.sql, "M1"), []);
  assert.deepEqual(await leaseGaps(db.sql), []);
});

quickTest("no answer: asked again, ever more rarely, and given up after a day", async (db) => {
  let lease: GapLease | undefined = await leaseOne(db);
  const pauses: number[] = [];
  while (lease !== undefined) {
    const { next } = await recordPage(db.sql, lease, { outcome: "timeout" });
    if (next === "given_up") break;
    assert.equal(next, "later");
    const [gap] = await db
      .sql`select round(extract(epoch from due_at - ghost_repair.now()))::int as s
    from public.message_gaps`;
    pauses.push(gap!["s"]);
    await pass(db.sql, gap!["s"] + 1);
    [lease] = await leaseGaps(db.sql);
  }
  assert.deepEqual(pauses.slice(0, 7), [60, 120, 240, 480, 600, 600, 600]);
  assert.ok(pauses.length < 160);
  const told = (await events(db.sql, db.instanceId)).at(-1);
  assert.equal(told?.kind, "messages_may_be_missing");
  assert.partialDeepStrictEqual(told?.detail as object, { messages: null, reason: "timeout" });
});

quickTest("a gateway that does not know the question is not asked again", async (db) => {
  const lease = await leaseOne(db);
  assert.equal((await recordPage(db.sql, lease, { outcome: "unsupported" })).next, "given_up");
  assert.partialDeepStrictEqual(await gapsOf(db.sql, db.instanceId), [{ state: "given_up" }]);
});

quickTest("a gateway that stores no messages is told apart from one that has none", async (db) => {
  const lease = await leaseOne(db);
  // The gateway has handed over LAST-HEARD itself.
  await db.sql`update public.message_gaps set gap_from = gap_from - interval '1 second'`;
  assert.equal((await recordPage(db.sql, lease, lastPage([]))).next, "given_up");
  const told = (await events(db.sql, db.instanceId)).at(-1);
  assert.partialDeepStrictEqual(told?.detail as object, { messages: null, reason: "not_kept" });
});

quickTest("a number without a gateway is given up and told, not leased for ever", async (db) => {
  await setStatus(db, "disconnected");
  await pass(db.sql, 60);
  await setStatus(db, "connected");
  await db.sql`delete from private.instance_credentials`;
  await pass(db.sql, 36);
  assert.deepEqual(await leaseGaps(db.sql), []);
  await pass(db.sql, 2 * DAY);
  await callSql(db.sql, "sweep");
  const [gap] = await gapsOf(db.sql, db.instanceId);
  assert.equal(gap?.state, "given_up");
  assert.ok((await eventKinds(db.sql, db.instanceId)).includes("messages_may_be_missing"));
});

quickTest("so many messages are read of a number in a day; the rest waits", async (db) => {
  const lease = await leaseOne(db);
  await db.sql`update ghost_repair.settings set recover_messages_a_day = 200`;
  const full = async (id: string) => ({
    ...lastPage([missed(db, id, await secondsAgo(db.sql, 300))]),
    full: true,
    read: 100,
  });
  assert.equal((await recordPage(db.sql, lease, await full("M1"))).next, "more");
  assert.equal((await recordPage(db.sql, lease, await full("M2"))).next, "later");
  await pass(db.sql, HOUR - 60);
  assert.deepEqual(await leaseGaps(db.sql), []);
  await pass(db.sql, 61);
  assert.equal((await leaseGaps(db.sql)).length, 1);
});

quickTest("of one gateway no more numbers are compared in a tick than its share", async (db) => {
  await db.sql`update ghost_repair.settings set recover_numbers = 2`;
  await addInstances(db.sql, db.company, 4);
  await pass(db.sql, 60);
  await db.sql`update public.whatsapp_instances set status = 'disconnected'`;
  await db.sql`update public.whatsapp_instances set status = 'connected'`;
  await pass(db.sql, 36);
  assert.equal((await leaseGaps(db.sql)).length, 2);
});
