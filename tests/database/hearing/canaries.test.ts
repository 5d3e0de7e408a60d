import assert from "node:assert/strict";
import type postgres from "postgres";
import { addCompany, callSql, type CompanyDatabase, only } from "../../support/database.ts";
import { quickTest } from "../../support/quick-test.ts";
import { eventKinds, events, leaseRepairs, pass } from "../../support/repair-calls.ts";
import { gapsOf } from "../gaps/gap-calls.ts";
import {
  addPartner,
  beginCanary,
  incoming,
  leaseTrials,
  nextTurn,
  onTrial,
  openCase,
  recordTrial,
  switchOn,
  textOf,
  type TrialLease,
} from "./trial-calls.ts";

/** A number on trial that has a partner, and the canary that the partner is about to send. */
async function begun(db: CompanyDatabase, way = "to") {
  await switchOn(db);
  const partner = await addPartner(db);
  const lease = await onTrial(db);
  const canary = (await beginCanary(db.sql, lease, way))!;
  return { partner, lease, canary };
}

/** What is known of the newest canary. */
async function known(db: CompanyDatabase) {
  return (await nextTurn(db.sql)).known.canaries.at(-1)!;
}

const acknowledge = (
  { sql }: CompanyDatabase,
  id: string,
  whatsappId: string,
  status: string,
  content: string | null = null,
) =>
  callSql(
    sql,
    "ghost_repair.apply_acknowledgement",
    id,
    whatsappId,
    status,
    content === null ? null : incoming(whatsappId, content),
  );

const recordSent = (sql: postgres.ISql, canary: string, whatsappId: string) =>
  callSql(sql, "record_canary", canary, { outcome: "sent", whatsapp_id: whatsappId });

async function counts({ sql }: CompanyDatabase) {
  const row = await only(sql`select (select count(*)::int from public.messages) as messages,
    (select count(*)::int from private.early_acknowledgements) as early,
    (select count(*)::int from ghost_repair.habit_hours) as habits`);
  return { ...row };
}

async function assertCase(db: CompanyDatabase, hearing: string, state: string, reason: string) {
  assert.deepEqual(await openCase(db.sql, db.instanceId), { hearing, state, reason });
}

quickTest("a canary goes between numbers of one organization alone", async (db) => {
  await switchOn(db);
  await addCompany(db.sql, "vizinha", { phone: "5511900000033" });
  const lease = await onTrial(db);
  assert.equal(lease.known.partner, false);
  assert.equal(await beginCanary(db.sql, lease, "to"), null);
  assert.equal(await beginCanary(db.sql, lease, "from"), null);
  const own = await beginCanary(db.sql, lease, "own");
  assert.equal(own?.recipient.phone_number, db.company.phone);

  await addPartner(db);
  const canary = await beginCanary(db.sql, await nextTurn(db.sql), "to");
  assert.equal(canary?.recipient.phone_number, db.company.phone);
  const back = await beginCanary(db.sql, await nextTurn(db.sql), "from");
  assert.equal(back?.recipient.phone_number, "5511900000022");
});

/** Numbers that take part in nobody's trial. */
const NO_PARTNERS: Readonly<Record<string, string>> = {
  "is not connected": "update public.whatsapp_instances set status = 'connecting' where id = $1",
  "has the same phone":
    "update public.whatsapp_instances set phone_number = '5511900000001' where id = $1",
  "has no known number": "update public.whatsapp_instances set phone_number = null where id = $1",
  "may be dead": "select public.suspect_session($1, 'slow_send')",
};

for (const [what, statement] of Object.entries(NO_PARTNERS)) {
  quickTest(`a number that ${what} is nobody's partner`, async (db) => {
    await switchOn(db);
    const partner = await addPartner(db);
    await db.sql.unsafe(statement, [partner]);
    const lease = await onTrial(db);
    assert.equal(lease.known.partner, false);
    assert.equal(await beginCanary(db.sql, lease, "to"), null);
  });
}

for (const [state, takesPart] of [["open", false], ["closed", true]] as const) {
  quickTest(`a number whose own case is ${state} takes part: ${takesPart}`, async (db) => {
    await switchOn(db);
    const partner = await addPartner(db);
    await db.sql`insert into public.ghost_repairs (instance_id, state, hearing, closed_at)
      values (${partner}, ${state}, 'unproven',
        case ${state} when 'closed' then ghost_repair.now() end)`;
    assert.equal((await onTrial(db)).known.partner, takesPart);
  });
}

quickTest("four canaries a day and number; one that did not leave counts not", async (db) => {
  const { sql } = db;
  await switchOn(db);
  const lease = await onTrial(db);
  for (let sent = 0; sent < 4; sent++) {
    const canary = (await beginCanary(sql, lease, "own"))!;
    await callSql(sql, "record_canary", canary.id, { outcome: "not_sent" });
    assert.ok(await beginCanary(sql, lease, "own"));
  }
  assert.equal(await beginCanary(sql, lease, "own"), null);
  assert.equal((await nextTurn(sql)).known.may_send, false);
  await pass(sql, 24 * 3_600 + 1);
  assert.ok(await beginCanary(sql, await nextTurn(sql), "own"));
});

quickTest("a canary is no message of anybody's, whichever way it comes", async (db) => {
  const { sql, instanceId } = db;
  const { partner, canary } = await begun(db);
  const before = await counts(db);
  const text = textOf(canary);
  // All of it is faster than the answer to its send.
  assert.equal(await acknowledge(db, partner, "3EB0C1", "sent", text), "applied");
  assert.equal(await acknowledge(db, partner, "3EB0C1", "delivered"), "applied");
  assert.equal(
    await callSql(sql, "ghost_repair.apply_message", instanceId, incoming("3EB0C1", text)),
    "ignored",
  );
  await recordSent(sql, canary.id, "3EB0C1");
  assert.deepEqual(await counts(db), before);
  const { announced, reported, received } = await known(db);
  assert.ok(announced !== null && reported !== null && received !== null);
});

quickTest("a report that came before its canary was known is taken up", async (db) => {
  const { partner, canary } = await begun(db);
  assert.equal(await acknowledge(db, partner, "3EB0C2", "sent"), "kept");
  await recordSent(db.sql, canary.id, "3EB0C2");
  assert.ok((await known(db))["reported"] !== null);
  assert.equal((await counts(db))["early"], 0);
});

quickTest("only the recipient's own webhook says that a canary was heard", async (db) => {
  const { sql, instanceId } = db;
  const { partner, canary } = await begun(db);
  await recordSent(sql, canary.id, "3EB0C3");
  const row = incoming("3EB0C3", textOf(canary));
  await sql`select ghost_repair.store_message(i, ${sql.json(row)}, true)
    from public.whatsapp_instances i where i.id = ${instanceId}`;
  await callSql(sql, "ghost_repair.apply_message", partner, { ...row, from_me: true });
  assert.equal((await known(db))["received"], null);
  assert.equal((await counts(db))["messages"], 0);
});

quickTest("somebody else's mark is a message like any other", async (db) => {
  const { sql } = db;
  const { canary } = await begun(db);
  const other = await addCompany(sql, "vizinha", { phone: "5511900000033" });
  const row = incoming("3EB0C4", textOf(canary));
  assert.equal(await callSql(sql, "ghost_repair.apply_message", other.instanceId, row), "stored");
});

/** Canaries have proven that the number is deaf. */
async function deaf(db: CompanyDatabase, verdict = "deaf"): Promise<TrialLease> {
  const { lease } = await begun(db);
  assert.ok(await recordTrial(db.sql, lease, { next: verdict }));
  return await nextTurn(db.sql);
}

quickTest("deaf is no ghost: it stays connected, and the ladder takes no step", async (db) => {
  const { sql, instanceId } = db;
  const lease = await deaf(db);
  await assertCase(db, "deaf", "open", "deaf");
  assert.equal(lease.known.phase, "cure");
  assert.deepEqual(await leaseRepairs(sql), []);
  const { status, health } = await only(sql`
  select h.status, h.health from public.instance_health h where h.instance_id = ${instanceId}`);
  assert.deepEqual([status, health], ["connected", "repairing"]);
});

quickTest("each call of the cure is made once, and a logout never", async (db) => {
  const { sql } = db;
  const { trial_id, token } = await deaf(db);
  const may = (step: string) => callSql<boolean>(sql, "begin_cure_step", trial_id, token, step);
  assert.deepEqual(
    [await may("presence"), await may("presence"), await may("restart"), await may("restart")],
    [true, false, true, false],
  );
  assert.equal(await may("logout"), false);
  assert.equal(await may("connect"), false);
});

quickTest("without an agent a person is told that its process is left", async (db) => {
  const { sql } = db;
  await recordTrial(sql, await deaf(db), { next: "process" });
  await assertCase(db, "deaf", "needs_operator", "deaf");
  const { due } = await only(sql`select count(*)::int as due from ghost_repair.operator_notices`);
  assert.equal(due, 1);
});

quickTest("with an agent its process is restarted, twice at the most", async (db) => {
  const { sql, instanceId } = db;
  await sql`
    select public.save_restart_agent('http://evolution.test', 'http://agent.test', ${
    "s".repeat(16)
  })`;
  let lease = await deaf(db);
  for (let restarts = 1; restarts <= 2; restarts++) {
    await recordTrial(sql, lease, { next: restarts === 1 ? "process" : "not_helped" });
    assert.equal((await openCase(sql, instanceId))?.state, "restart_requested");
    const [request] = await sql`select * from public.claim_restart_requests(10)`;
    assert.equal(request?.["reason"], "deaf");
    await callSql(sql, "record_restart", request!["request_id"], { result: "restarted" });
    assert.equal((await openCase(sql, instanceId))?.state, "restarted");
    assert.deepEqual(await leaseRepairs(sql), []);
    lease = await nextTurn(sql);
    assert.ok(Number(lease.known.cure["restarted"]) < 60);
    await pass(sql, 120);
    lease = await nextTurn(sql);
  }
  await recordTrial(sql, lease, { next: "not_helped" });
  await assertCase(db, "deaf", "needs_operator", "restarted_in_vain");
});

quickTest("a message that comes at once heals, and what was missed is compared", async (db) => {
  const { sql, instanceId } = db;
  await deaf(db);
  await pass(sql, 600);
  const { now } = await only(sql<{ now: Date }[]>`select ghost_repair.now() as now`);
  const written = (secondsAgo: number) => new Date(now.getTime() - secondsAgo * 1_000);
  // Written before it was deaf, and long on its way: neither says that it hears now.
  for (const seconds of [900, 300]) {
    await callSql(
      sql,
      "ghost_repair.apply_message",
      instanceId,
      incoming(`OLD${seconds}`, "oi", written(seconds)),
    );
    assert.equal((await openCase(sql, instanceId))?.hearing, "deaf");
  }
  await callSql(sql, "ghost_repair.apply_message", instanceId, incoming("NEW", "oi", written(5)));
  assert.equal(await openCase(sql, instanceId), null);
  assert.deepEqual(await leaseTrials(sql), []);
  // Whoever is healed is not healed by the next one.
  await callSql(sql, "ghost_repair.apply_message", instanceId, incoming("NEXT", "oi", written(1)));
  const kinds = await eventKinds(sql, instanceId);
  assert.equal(kinds.filter((kind) => kind === "healed").length, 1);
  const { kind, detail } = (await events(sql, instanceId)).at(-1)!;
  assert.equal(kind, "healed");
  assert.partialDeepStrictEqual(detail, { hearing: "deaf", by: "message" });
  const gap = (await gapsOf(sql, instanceId)).find(({ reason }) => reason === "unheard");
  assert.ok(gap !== undefined && gap.until !== null);
});

quickTest("a message from before it was deaf does not heal, however quick", async (db) => {
  const { sql, instanceId } = db;
  await deaf(db);
  await pass(sql, 30);
  const { now } = await only(sql<{ now: Date }[]>`select ghost_repair.now() as now`);
  const before = new Date(now.getTime() - 60_000);
  await callSql(sql, "ghost_repair.apply_message", instanceId, incoming("BEFORE", "oi", before));
  assert.equal((await openCase(sql, instanceId))?.hearing, "deaf");
});

quickTest("no trial where nobody wants it, nor soon again where a phone answered", async (db) => {
  const { sql, instanceId } = db;
  const begin = async (reason: string) => {
    const { begun } = await only(sql`
    select ghost_repair.begin_trial(${instanceId}, ${reason}, ghost_repair.now()) as begun`);
    return begun;
  };
  assert.equal(await begin("silence"), false);
  await switchOn(db);
  const answered = async (whatsappId: string | null) => {
    assert.equal(await begin("baseline"), true);
    const lease = await nextTurn(sql);
    const canary = (await beginCanary(sql, lease, "own"))!;
    if (whatsappId !== null) {
      await recordSent(sql, canary.id, whatsappId);
      await acknowledge(db, instanceId, whatsappId, "sent");
    }
    await recordTrial(sql, lease, { next: "unproven" });
  };
  await answered(null);
  assert.equal(await begin("baseline"), false);
  await pass(sql, 25 * 3_600);
  await answered("3EB0C6");
  await pass(sql, 25 * 3_600);
  assert.equal(await begin("baseline"), false);
  await pass(sql, 15 * 24 * 3_600);
  assert.equal(await begin("baseline"), true);
});

quickTest("a canary that is heard heals", async (db) => {
  const { sql, instanceId } = db;
  await recordTrial(sql, await deaf(db), { next: "hears" });
  assert.equal(await openCase(sql, instanceId), null);
  const { detail } = (await events(sql, instanceId)).at(-1)!;
  assert.partialDeepStrictEqual(detail, { by: "canary" });
});

/** Verdicts that no call cures: what state they open, and what may be missing at the gateway. */
for (
  const [verdict, state, gaps] of [
    ["webhook_mute", "needs_operator", 1],
    ["suspected_deaf", "needs_operator", 0],
    ["lagging", "open", 0],
  ] as const
) {
  quickTest(`${verdict}: ${state}, and nothing is called`, async (db) => {
    const { sql, instanceId } = db;
    const { trial_id, token } = await deaf(db, verdict);
    assert.deepEqual(await openCase(sql, instanceId), { hearing: verdict, state, reason: verdict });
    assert.equal(await callSql<boolean>(sql, "begin_cure_step", trial_id, token, "restart"), false);
    const unheard = (await gapsOf(sql, instanceId)).filter(({ reason }) => reason === "unheard");
    assert.equal(unheard.length, gaps);
  });
}

quickTest("a ghost takes the case over, as one of its own", async (db) => {
  const { sql, instanceId } = db;
  await recordTrial(sql, await deaf(db), { next: "process" });
  assert.ok(await callSql(sql, "suspect_session", instanceId, "slow_send"));
  assert.deepEqual(await openCase(sql, instanceId), { hearing: null, state: "open", reason: null });
  assert.equal((await leaseRepairs(sql)).length, 1);
  await sql`update public.whatsapp_instances set status = 'disconnected' where id = ${instanceId}`;
  assert.deepEqual(await leaseTrials(sql), []);
});

quickTest("an open repair is not taken over by what canaries say", async (db) => {
  const { sql, instanceId } = db;
  const { lease } = await begun(db);
  await callSql(sql, "suspect_session", instanceId, "slow_send");
  await recordTrial(sql, lease, { next: "deaf" });
  assert.equal((await openCase(sql, instanceId))?.hearing, null);
  assert.deepEqual(await leaseTrials(sql), []);
});

/** What ends a trial, and the case with it. */
for (
  const state of [
    "manual_disconnect = true, status = 'disconnected'",
    "status = 'awaiting_qr'",
    "phone_number = '5511955550000'",
  ]
) {
  quickTest(`whose session is another one is on trial no more: ${state}`, async (db) => {
    const { sql, instanceId } = db;
    await deaf(db);
    await sql.unsafe(`update public.whatsapp_instances set ${state} where id = $1`, [instanceId]);
    assert.equal(await openCase(sql, instanceId), null);
    assert.deepEqual(await leaseTrials(sql), []);
  });
}

quickTest("a partner that was told nothing of what was heard is asked about itself", async (db) => {
  const { sql } = db;
  const { lease, partner } = await begun(db);
  await recordTrial(sql, lease, { next: "hears", partner_silent: true });
  const [trial] = await leaseTrials(sql);
  assert.equal(trial?.instance_id, partner);
});

quickTest("a dead one is the ladder's; what proves nothing is asked again later", async (db) => {
  const { sql, instanceId } = db;
  const { lease } = await begun(db);
  await recordTrial(sql, lease, { next: "unproven" });
  assert.equal(await openCase(sql, instanceId), null);
  await recordTrial(sql, await onTrial(db), { next: "dead" });
  assert.equal((await leaseRepairs(sql)).length, 1);
  assert.ok((await eventKinds(sql, instanceId)).includes("suspected"));
});

quickTest("whose lease is over writes nothing, and nobody else has it meanwhile", async (db) => {
  const { sql, instanceId } = db;
  const { lease } = await begun(db);
  assert.deepEqual(await leaseTrials(sql), []);
  await pass(sql, 600);
  assert.equal(await recordTrial(sql, lease, { next: "deaf" }), false);
  assert.equal(await beginCanary(sql, lease, "to"), null);
  assert.equal(await openCase(sql, instanceId), null);
});

quickTest("presence says that the queue moves only since it was asked for", async (db) => {
  const { sql, instanceId } = db;
  const came = async () => (await nextTurn(sql)).known.cure["came"];
  assert.equal(await callSql(sql, "ghost_repair.note_presence", instanceId), "ignored");
  const { trial_id, token } = await deaf(db);
  await callSql(sql, "ghost_repair.note_presence", instanceId);
  await pass(sql, 1);
  await callSql(sql, "begin_cure_step", trial_id, token, "presence");
  assert.equal(await came(), false);
  await pass(sql, 1);
  await callSql(sql, "ghost_repair.note_presence", instanceId);
  assert.equal(await came(), true);
});

quickTest("canaries are taken back once their trial is over, each once", async (db) => {
  const { sql } = db;
  const { lease, canary } = await begun(db);
  await recordSent(sql, canary.id, "3EB0C5");
  const claim = () => sql`select * from public.claim_sent_canaries(10)`;
  assert.equal((await claim()).length, 0);
  await recordTrial(sql, lease, { next: "hears" });
  const [taken] = await claim();
  assert.deepEqual([taken?.["whatsapp_message_id"], taken?.["phone_number"]], [
    "3EB0C5",
    db.company.phone,
  ]);
  assert.equal((await claim()).length, 0);
});

quickTest("there is work only where somebody is on trial, or a canary is still out", async (db) => {
  const { sql } = db;
  const isDue = async () => (await only(sql`select public.is_hearing_due() as due`))["due"];
  const isCalled = async () =>
    (await sql`select from ghost_repair.due_functions() d where d.name = 'watch-instances'`)
      .length > 0;
  await sql`update ghost_repair.settings set watch_interval = null`;
  assert.deepEqual([await isDue(), await isCalled()], [false, false]);
  const { canary } = await begun(db);
  // Somebody has its turn.
  assert.equal(await isDue(), false);
  await sql`delete from ghost_repair.leases`;
  assert.deepEqual([await isDue(), await isCalled()], [true, true]);
  await recordSent(sql, canary.id, "3EB0C7");
  await recordTrial(sql, await nextTurn(sql), { next: "hears" });
  assert.equal(await isDue(), true);
  await sql`select public.claim_sent_canaries(10)`;
  assert.deepEqual([await isDue(), await isCalled()], [false, false]);
});
