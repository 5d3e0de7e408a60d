import assert from "node:assert/strict";
import type postgres from "postgres";
import { addInstances, callSql, type CompanyDatabase, only } from "../../support/database.ts";
import { quickTest } from "../../support/quick-test.ts";
import {
  beginStep,
  eventKinds,
  events,
  leaseRepairs,
  openRepairs,
  pass,
  recordStep,
  reportOpen,
} from "../../support/repair-calls.ts";

const GATEWAY = "http://evolution.test";
const AGENT = "https://agent.test/restart";
const SECRET = "the secret of today, long";

interface Claimed extends postgres.Row {
  readonly request_id: string;
  readonly call_id: string;
}

const saveAgent = (sql: postgres.ISql, secret = SECRET) =>
  sql`select public.save_restart_agent(${GATEWAY}, ${AGENT}, ${secret})`;
const claims = async (sql: postgres.ISql): Promise<Claimed[]> => [
  ...await sql<Claimed[]>`select * from public.claim_restart_requests(10)`,
];
const answer = (sql: postgres.ISql, { request_id }: Claimed, said: postgres.JSONValue) =>
  callSql<boolean>(sql, "record_restart", request_id, said);
/** The agent is asked, and says so. */
const askAgent = async (sql: postgres.ISql, said: postgres.JSONValue = { result: "restarted" }) =>
  await answer(sql, await only(claims(sql)), said);
const stateOf = async (sql: postgres.ISql, id: string) => (await repairOf(sql, id))["state"];
const repairOf = (sql: postgres.ISql, id: string) =>
  only(sql`
    select state, outcome, evidence ->> 'reason' as reason, process_restarts,
      round(extract(epoch from next_step_at - ghost_repair.now()))::int as in_seconds
    from public.ghost_repairs where instance_id = ${id} order by opened_at desc limit 1`);
const requests = (sql: postgres.ISql) => sql`select * from ghost_repair.restart_requests`;

/** Numbers whose ladder is at its end, for this reason. */
async function stuck(db: CompanyDatabase, count = 1, reason = "steps_used_up") {
  const ids = await openRepairs(db, count);
  await endSteps(db.sql, reason);
  return ids;
}

async function endSteps(sql: postgres.Sql, reason = "steps_used_up") {
  for (const lease of await leaseRepairs(sql)) {
    const found = { next: "needs_operator", reason, seconds: 270, socket_dead: true };
    assert.ok(await recordStep(sql, lease, found));
  }
}

/** Everything of this gateway that is due finds the socket dead. */
async function findDead(sql: postgres.Sql) {
  for (const lease of await leaseRepairs(sql)) {
    await recordStep(sql, lease, { next: "not_helped", seconds: 270, socket_dead: true });
  }
}

/** Where a person is told at once, as the ladder's end. */
const NOBODY_TO_ASK: Readonly<Record<string, (sql: postgres.ISql) => Promise<unknown>>> = {
  "there is no agent": () => Promise.resolve(),
  "all agents are switched off": async (sql) => {
    await saveAgent(sql);
    await sql`update ghost_repair.settings set restart_agents = false`;
  },
  "the agent is another gateway's": async (sql) =>
    await sql`select public.save_restart_agent('http://other.test', ${AGENT}, ${SECRET})`,
  "the agent was taken away": async (sql) => {
    await saveAgent(sql);
    await sql`select public.save_restart_agent(${GATEWAY}, null)`;
  },
};

for (const [why, arrange] of Object.entries(NOBODY_TO_ASK)) {
  quickTest(`no restart is asked for where ${why}`, async (db) => {
    await arrange(db.sql);
    const [id] = await stuck(db);
    assert.equal(await stateOf(db.sql, id!), "needs_operator");
    assert.equal((await requests(db.sql)).length, 0);
  });
}

quickTest("only what a restart cures is a reason for one", async (db) => {
  await saveAgent(db.sql);
  for (const reason of ["outage", "whatsapp_unreachable", "not_found", "number_unknown"]) {
    const [id] = await stuck(db, 1, reason);
    assert.equal(await stateOf(db.sql, id!), "needs_operator", reason);
  }
  for (const reason of ["steps_used_up", "not_loaded", "gateway_stuck"]) {
    const [id] = await stuck(db, 1, reason);
    assert.equal(await stateOf(db.sql, id!), "restart_requested", reason);
  }
});

quickTest("500 numbers of one gateway make one request, and it says what they are", async (db) => {
  await saveAgent(db.sql);
  const ids = await openRepairs(db, 500);
  await db.sql`update public.ghost_repairs set restart_called_at = ghost_repair.now()`;
  await db.sql`select ghost_repair.end_steps(r, 'steps_used_up', '{}') from public.ghost_repairs r`;
  assert.equal((await requests(db.sql)).length, 1);
  const [claim, ...more] = await claims(db.sql);
  assert.equal(more.length, 0);
  // The company's first number lives.
  assert.equal(claim!["share"], 500 / 501);
  assert.deepEqual(
    [claim!["gateway"], claim!["reason"], claim!["numbers"], claim!["names"].length],
    [GATEWAY, "steps_used_up", 500, 20],
  );
  assert.deepEqual(claim!["tried"], { connect: false, restart: true, logout: false });
  assert.deepEqual(claim!["secrets"], [SECRET]);
  assert.equal((await claims(db.sql)).length, 0, "each to one caller");
  await answer(db.sql, claim!, { result: "restarted" });
  const states = await db.sql`
    select distinct state from public.ghost_repairs where instance_id = any (${ids})`;
  assert.deepEqual(states.map(({ state }) => state), ["restarted"]);
});

quickTest("10 seconds after the restart the socket is asked; an answer heals", async (db) => {
  await saveAgent(db.sql);
  const [id] = await stuck(db);
  await pass(db.sql, 1);
  await askAgent(db.sql);
  const { state, in_seconds } = await repairOf(db.sql, id!);
  assert.deepEqual([state, in_seconds], ["restarted", 10]);
  assert.deepEqual(await leaseRepairs(db.sql), []);
  await pass(db.sql, 10);
  const [lease] = await leaseRepairs(db.sql);
  assert.equal(lease!["state"], "restarted");
  assert.equal(Math.round(lease!["seconds_since_process_restart"]), 10);
  await recordStep(db.sql, lease!, { next: "healed", socket_dead: false });
  assert.equal((await repairOf(db.sql, id!))["outcome"], "healed");
  const kinds = await eventKinds(db.sql, id!);
  assert.deepEqual(kinds, ["restart_requested", "process_restarted", "healed"]);
  const { helped, unhelped } = await only(requests(db.sql));
  assert.deepEqual([helped, unhelped], [1, 0]);
});

quickTest("two restarts in vain: a person's, and no third is asked for that day", async (db) => {
  await saveAgent(db.sql);
  const [id] = await stuck(db);
  for (let restart = 1; restart <= 2; restart++) {
    assert.equal(await stateOf(db.sql, id!), "restart_requested");
    await pass(db.sql, 1);
    await askAgent(db.sql);
    await pass(db.sql, 41);
    await findDead(db.sql);
  }
  const { state, reason, process_restarts } = await repairOf(db.sql, id!);
  assert.deepEqual([state, reason, process_restarts], ["needs_operator", "restarted_in_vain", 2]);
  assert.deepEqual(await claims(db.sql), []);
  const [other] = await stuck(db);
  assert.equal(
    await stateOf(db.sql, other!),
    "needs_operator",
    "nor for another number",
  );
  await pass(db.sql, 86_400);
  const [nextDay] = await stuck(db);
  assert.equal(await stateOf(db.sql, nextDay!), "restart_requested");
});

quickTest("nor a third for the one that stays dead, where others were helped", async (db) => {
  await saveAgent(db.sql);
  const [dead, healed] = await stuck(db, 2);
  for (let restart = 1; restart <= 2; restart++) {
    await pass(db.sql, 1);
    await askAgent(db.sql);
    await pass(db.sql, 41);
    for (const lease of await leaseRepairs(db.sql)) {
      const next = lease.instance_id === healed ? "healed" : "not_helped";
      await recordStep(db.sql, lease, { next, seconds: 270, socket_dead: true });
    }
  }
  assert.equal(await stateOf(db.sql, dead!), "needs_operator");
  const [other] = await stuck(db);
  // The newest restart helped nobody, the one before did: once more for others.
  assert.equal(await stateOf(db.sql, other!), "restart_requested");
});

quickTest("pairings and sends of other numbers end first, for two minutes", async (db) => {
  await saveAgent(db.sql);
  const [pairing, elsewhere] = await addInstances(db.sql, db.company, 2, {
    status: "awaiting_qr",
  });
  const showCode = (id: string) =>
    db.sql`
    insert into private.instance_qr_codes (instance_id, expires_at)
    values (${id}, ghost_repair.now() + interval '10 minutes')`;
  await db.sql`
  update private.instance_credentials set api_url = 'http://other.test'
  where instance_id = ${elsewhere!}`;
  await showCode(elsewhere!);
  const addMessage = (status: string) =>
    db.sql`
    insert into public.messages (organization_id, conversation_id, whatsapp_instance_id, is_from_me,
      message_type, content, status, sending_since)
    values (${db.company.organizationId}, ${db.company.conversationId}, ${db.instanceId}, true,
      'text', 'oi', ${status}, ghost_repair.now())`;
  await addMessage("sent");
  await stuck(db);
  // Another gateway's pairing, and a send that ended, hold nothing up.
  await askAgent(db.sql, { result: "too_soon", retry_after_seconds: 10 });

  await db.sql`update ghost_repair.restart_requests set opened_at = ghost_repair.now()`;
  await showCode(pairing!);
  await pass(db.sql, 100);
  assert.equal((await claims(db.sql)).length, 0);
  await db.sql`delete from private.instance_qr_codes where instance_id = ${pairing!}`;
  await addMessage("sending");
  assert.equal((await claims(db.sql)).length, 0);
  await pass(db.sql, 21);
  assert.equal((await claims(db.sql)).length, 1, "two minutes are enough");
});

quickTest("put off, it is asked for again when the agent says, as another call", async (db) => {
  await saveAgent(db.sql);
  const [id] = await stuck(db);
  const [first] = await claims(db.sql);
  await answer(db.sql, first!, { result: "outside_window", retry_after_seconds: 600 });
  assert.equal(await stateOf(db.sql, id!), "restart_requested");
  await pass(db.sql, 599);
  assert.deepEqual(await claims(db.sql), []);
  await pass(db.sql, 1);
  const [second] = await claims(db.sql);
  assert.equal(second!.request_id, first!.request_id);
  assert.notEqual(second!.call_id, first!.call_id);
  await answer(db.sql, second!, { result: "outside_window", retry_after_seconds: 600 });
  const postponed = (await events(db.sql, id!)).filter(({ kind }) => kind === "restart_postponed");
  assert.deepEqual(postponed.map(({ detail }) => detail), [
    { reason: "outside_window", seconds: 600 },
  ]);
});

quickTest("one put off for long is told to a person, once, and made all the same", async (db) => {
  await saveAgent(db.sql);
  const [id, other] = await stuck(db, 2);
  const told = async (instanceId: string) =>
    (await events(db.sql, instanceId)).filter(({ kind }) => kind === "needs_operator");
  await askAgent(db.sql, { result: "too_soon", retry_after_seconds: 900 });
  assert.deepEqual(await told(id!), []);
  await pass(db.sql, 900);
  await askAgent(db.sql, { result: "outside_window", retry_after_seconds: 901 });
  for (const one of [id!, other!]) {
    assert.deepEqual((await told(one)).map(({ detail }) => detail), [
      { reason: "restart_postponed" },
    ]);
  }
  assert.equal((await db.sql`select from ghost_repair.operator_notices`).length, 2);
  await pass(db.sql, 901);
  await askAgent(db.sql, { result: "outside_window", retry_after_seconds: 7_200 });
  assert.equal((await told(id!)).length, 1);
  await pass(db.sql, 3_600);
  await askAgent(db.sql);
  assert.equal(await stateOf(db.sql, id!), "restarted");
});

quickTest("no answer: the same call after 1, 2, 4 … minutes, at last a person", async (db) => {
  await saveAgent(db.sql);
  const [id] = await stuck(db);
  const calls: string[] = [];
  for (let minutes = 1; minutes <= 32; minutes *= 2) {
    const [claim] = await claims(db.sql);
    calls.push(claim!.call_id);
    await answer(db.sql, claim!, { result: "no_answer" });
    if (minutes === 32) break;
    await pass(db.sql, minutes * 60 - 1);
    assert.deepEqual(await claims(db.sql), [], `${minutes}`);
    await pass(db.sql, 1);
  }
  assert.equal(calls.length, 6);
  assert.equal(new Set(calls).size, 1);
  assert.equal(await stateOf(db.sql, id!), "needs_operator");
});

quickTest("a call that the agent knows already was carried out", async (db) => {
  await saveAgent(db.sql);
  const [id] = await stuck(db);
  await askAgent(db.sql, { result: "no_answer" });
  await pass(db.sql, 60);
  await askAgent(db.sql, { result: "replayed" });
  assert.equal(await stateOf(db.sql, id!), "restarted");
});

quickTest("an agent that will not, or could not, is told to a person, with why", async (db) => {
  await saveAgent(db.sql);
  const [id] = await stuck(db);
  await askAgent(db.sql, { result: "failed", why: "container_unknown" });
  const { state, reason } = await repairOf(db.sql, id!);
  assert.deepEqual([state, reason], ["needs_operator", "steps_used_up"]);
  const told = (await events(db.sql, id!)).at(-1);
  assert.deepEqual(told, {
    kind: "needs_operator",
    detail: { reason: "steps_used_up", restart: "failed", why: "container_unknown" },
  });
  const notice = await db.sql`select from ghost_repair.operator_notices`;
  assert.equal(notice.length, 1);
  const [soon] = await stuck(db);
  assert.equal(await stateOf(db.sql, soon!), "needs_operator", "not asked again soon");
  await pass(db.sql, 3_600);
  const [later] = await stuck(db);
  assert.equal(await stateOf(db.sql, later!), "restart_requested");
});

quickTest("who lives again before the agent was asked needs no restart", async (db) => {
  await saveAgent(db.sql);
  await stuck(db);
  await pass(db.sql, 300);
  const [lease] = await leaseRepairs(db.sql);
  assert.equal(lease!["state"], "needs_operator", "probed like who waits for a person");
  await recordStep(db.sql, lease!, { next: "healed", socket_dead: false });
  assert.deepEqual(await claims(db.sql), []);
  assert.equal((await only(requests(db.sql)))["outcome"], "not_needed");
  const [next] = await stuck(db);
  assert.equal(await stateOf(db.sql, next!), "restart_requested");
});

quickTest("probed in vain while it waits, its wait is no news", async (db) => {
  await saveAgent(db.sql);
  const [id] = await stuck(db);
  await pass(db.sql, 300);
  await endSteps(db.sql);
  assert.equal(await stateOf(db.sql, id!), "restart_requested");
  assert.deepEqual(await eventKinds(db.sql, id!), ["restart_requested"]);
});

quickTest("switched off in the middle, whoever waits is a person's", async (db) => {
  await saveAgent(db.sql);
  const [id] = await stuck(db);
  await db.sql`update ghost_repair.settings set restart_agents = false`;
  assert.deepEqual(await claims(db.sql), []);
  assert.equal(await stateOf(db.sql, id!), "needs_operator");
  assert.equal(
    (await db.sql`
    select from ghost_repair.restart_requests where closed_at is null`).length,
    0,
  );
});

quickTest("who came while the agent was restarting is proven with the others", async (db) => {
  await saveAgent(db.sql);
  await stuck(db);
  const [claim] = await claims(db.sql);
  const [late] = await stuck(db);
  await pass(db.sql, 1);
  await answer(db.sql, claim!, { result: "restarted" });
  assert.equal(await stateOf(db.sql, late!), "restarted");
});

quickTest("who came after the restart asks for another", async (db) => {
  await saveAgent(db.sql);
  await stuck(db);
  await askAgent(db.sql);
  await pass(db.sql, 1);
  const [late] = await stuck(db);
  assert.equal(await stateOf(db.sql, late!), "restart_requested");
  assert.equal((await claims(db.sql)).length, 1);
});

quickTest("whose wait began after the restart asks again, with no request open", async (db) => {
  await saveAgent(db.sql);
  await stuck(db);
  await askAgent(db.sql);
  const [late] = await openRepairs(db, 1);
  await pass(db.sql, 1);
  await db.sql`
  update public.ghost_repairs set state = 'restart_requested',
    process_restart_asked_at = ghost_repair.now() where instance_id = ${late!}`;
  assert.equal((await claims(db.sql)).length, 1);
  assert.equal(await stateOf(db.sql, late!), "restart_requested");
});

quickTest("keep-pairing logs nobody out where the process can be restarted", async (db) => {
  await db.sql`update ghost_repair.settings set policy = 'keep-pairing'`;
  await openRepairs(db, 1);
  const [without] = await leaseRepairs(db.sql);
  assert.equal(without!["logout_called"], false);
  await saveAgent(db.sql);
  assert.equal(await beginStep(db.sql, without!, "logout"), false);
  await pass(db.sql, 200);
  const [lease] = await leaseRepairs(db.sql);
  assert.equal(lease!["logout_called"], true);
  await db.sql`update ghost_repair.settings set policy = 'logout-first'`;
  assert.equal(await beginStep(db.sql, lease!, "logout"), true, "the mission's order");
});

/** So many reports that the session is open, a second apart. */
async function fight({ sql }: CompanyDatabase, id: string, reports = 10) {
  for (let report = 0; report < reports; report++) {
    await pass(sql, 1);
    await reportOpen(sql, id);
  }
}

quickTest("two sockets: a restart is asked for at once, a quiet minute proves it", async (db) => {
  await saveAgent(db.sql);
  await fight(db, db.instanceId);
  const asked = await repairOf(db.sql, db.instanceId);
  assert.deepEqual([asked["state"], asked["reason"]], ["restart_requested", "session_conflict"]);
  await askAgent(db.sql);
  await pass(db.sql, 20);
  assert.deepEqual(await leaseRepairs(db.sql), [], "not quiet for a minute yet");
  await pass(db.sql, 50);
  const [lease] = await leaseRepairs(db.sql);
  assert.deepEqual([lease!["state"], lease!["session_conflict"]], ["restarted", true]);
});

quickTest("two gateways on one session fight on after two restarts: a person", async (db) => {
  await saveAgent(db.sql);
  await fight(db, db.instanceId);
  for (let restart = 1; restart <= 2; restart++) {
    const { state } = await repairOf(db.sql, db.instanceId);
    assert.equal(state, "restart_requested", `${restart}`);
    await askAgent(db.sql);
    await fight(db, db.instanceId, 110);
    await claims(db.sql);
    assert.equal(await stateOf(db.sql, db.instanceId), "restarted");
    await fight(db, db.instanceId, 11);
    if (restart === 2) await claims(db.sql);
    else await db.sql`select ghost_repair.settle_restarts()`;
  }
  const { state, reason } = await repairOf(db.sql, db.instanceId);
  assert.deepEqual([state, reason], ["needs_operator", "session_conflict"]);
});

quickTest("during a rotation both secrets sign, afterwards the new one alone", async (db) => {
  await saveAgent(db.sql, "the secret of yesterday");
  await saveAgent(db.sql);
  await saveAgent(db.sql);
  await stuck(db);
  const [both] = await claims(db.sql);
  assert.deepEqual(both!["secrets"], [SECRET, "the secret of yesterday"]);
  await answer(db.sql, both!, { result: "too_soon", retry_after_seconds: 60 });
  await pass(db.sql, 86_400);
  assert.deepEqual((await claims(db.sql))[0]!["secrets"], [SECRET]);
});

quickTest("whose restart is awaited, or just came, is not judged by others", async (db) => {
  await saveAgent(db.sql);
  const awaited = async () =>
    (await only(db.sql`select ghost_repair.is_restart_awaited(${db.instanceId}) as it`))["it"];
  assert.equal(await awaited(), false);
  await stuck(db);
  assert.equal(await awaited(), true);
  await askAgent(db.sql);
  await pass(db.sql, 110);
  assert.equal(await awaited(), true);
  await pass(db.sql, 11);
  assert.equal(await awaited(), false);
});

quickTest("the scheduler is told of requests and of what became of them", async (db) => {
  const due = async () =>
    (await db.sql`select name from ghost_repair.due_functions()`).map(({ name }) => name)
      .includes("advance-ghost-repairs");
  await db.sql`select public.claim_gateway_versions(10)`;
  await saveAgent(db.sql);
  await stuck(db);
  assert.equal(await due(), true);
  const [claim] = await claims(db.sql);
  assert.equal(await due(), false);
  await db.sql`
    update ghost_repair.restart_requests set closed_at = ghost_repair.now(),
      outcome = 'failed' where id = ${claim!.request_id}`;
  assert.equal(await due(), true);
  await claims(db.sql);
  assert.equal(await due(), true, "its notice");
});
