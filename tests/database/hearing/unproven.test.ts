import assert from "node:assert/strict";
import type postgres from "postgres";
import { callSql, type CompanyDatabase, only } from "../../support/database.ts";
import { quickTest } from "../../support/quick-test.ts";
import { eventKinds, events, pass } from "../../support/repair-calls.ts";
import { gapsOf, setStatus } from "../gaps/gap-calls.ts";
import { incoming, leaseTrials, openCase, recordTrial, switchOn } from "./trial-calls.ts";

const GATEWAY = "http://evolution.test";

/** Says what the number's gateway runs; `deafens`: a logout makes deaf there. */
function runs({ sql }: CompanyDatabase, version: string, deafens: boolean) {
  const facts = [!deafens, "known", deafens, deafens];
  return callSql(sql, "record_gateway_version", GATEWAY, version, ...facts);
}

const saveAgent = (sql: postgres.ISql) =>
  sql`select public.save_restart_agent(${GATEWAY}, 'https://agent.test/', 'the secret of today')`;

const tend = async ({ sql }: CompanyDatabase) =>
  Number((await only(sql`select ghost_repair.tend_unproven() as opened`))["opened"]);

async function loggedOut(db: CompanyDatabase, version = "2.3.6"): Promise<void> {
  await pass(db.sql, 3600);
  await runs(db, version, /^2\.3\.[1-6]$/.test(version));
  await setStatus(db, "disconnected");
  await callSql(db.sql, "record_logout", db.instanceId, { logout: "accepted", registry: "close" });
}

/** A number that was logged out and is connected again; the sweep has come by. */
async function backAfterLogout(db: CompanyDatabase, version = "2.3.6"): Promise<number> {
  await loggedOut(db, version);
  await pass(db.sql, 60);
  await setStatus(db, "connected");
  return await tend(db);
}

/** A message that is written so many seconds ago comes in. */
async function hear({ sql, instanceId }: CompanyDatabase, secondsAgo = 0): Promise<void> {
  const { at } = await only(sql<{ at: Date }[]>`
    select ghost_repair.now() - make_interval(secs => ${secondsAgo}) as at`);
  const id = `3EB0${crypto.randomUUID()}`;
  assert.equal(
    await callSql(sql, "ghost_repair.apply_message", instanceId, incoming(id, "oi", at)),
    "stored",
  );
}

/** The gateway's process was restarted now, for whomever. */
const addRestart = (sql: postgres.ISql) =>
  sql`insert into ghost_repair.restart_requests (api_url, closed_at, outcome, restarted_at)
    values (${GATEWAY}, ghost_repair.now(), 'restarted', ghost_repair.now())`;

const caseState = async ({ sql, instanceId }: CompanyDatabase) =>
  (await openCase(sql, instanceId))?.state;

async function assertCase({ sql, instanceId }: CompanyDatabase, state: string, reason: string) {
  assert.deepEqual(await openCase(sql, instanceId), { hearing: "unproven", state, reason });
}

/** The agent restarts the process for whoever waits for it. */
async function restart(sql: postgres.ISql): Promise<void> {
  const { id } = await only(sql<{ id: string }[]>`
    select request_id as id from public.claim_restart_requests(10)`);
  await callSql(sql, "record_restart", id, { result: "restarted" });
}

const lastRepair = ({ sql, instanceId }: CompanyDatabase) =>
  only(sql`select state, outcome, hearing from public.ghost_repairs
    where instance_id = ${instanceId} order by opened_at desc limit 1`);

const unheard = async ({ sql }: CompanyDatabase) => {
  const { report } = await only(sql<{ report: { instances: Record<string, unknown>[] } }[]>`
    select public.doctor_report() as report`);
  return report.instances[0]!["unheard_since_logout"] !== null;
};

quickTest("after a logout that makes deaf it is restarted, and a message proves it", async (db) => {
  const { sql, instanceId } = db;
  await saveAgent(sql);
  assert.equal(await backAfterLogout(db), 1);
  await assertCase(db, "restart_requested", "deaf_after_logout");
  const row = await only(sql`select status, health, hearing, reason from public.instance_health`);
  assert.deepEqual({ ...row }, {
    status: "connected",
    health: "repairing",
    hearing: "unproven",
    reason: "deaf_after_logout",
  });
  await restart(sql);
  await tend(db);
  await assertCase(db, "restarted", "unproven");
  // What was written before the logout and comes late proves nothing.
  await hear(db, 120);
  assert.equal((await lastRepair(db)).state, "restarted");
  await pass(sql, 30);
  await hear(db);
  assert.deepEqual({ ...await lastRepair(db) }, {
    state: "closed",
    outcome: "healed",
    hearing: "unproven",
  });
  const { helped } = await only(sql`select helped from ghost_repair.restart_requests`);
  assert.equal(helped, 1);
  // All of the time until now is compared with the gateway, as one gap with the time it was away.
  assert.deepEqual((await gapsOf(sql, instanceId)).map(({ until }) => until), [0]);
  assert.equal(await unheard(db), false);
  assert.equal(await tend(db), 0);
});

quickTest("without an agent a person is told at once what to restart", async (db) => {
  await backAfterLogout(db);
  assert.equal(await caseState(db), "needs_operator");
  assert.deepEqual((await eventKinds(db.sql, db.instanceId)).slice(-2), [
    "maybe_deaf",
    "needs_operator",
  ]);
  const due = await db.sql`select reason from public.claim_operator_notices(10)`;
  assert.deepEqual(due.map(({ reason }) => reason), ["deaf_after_logout"]);
  assert.equal(await tend(db), 0);
  await pass(db.sql, 60);
  await hear(db);
  assert.equal((await lastRepair(db)).outcome, "healed");
});

quickTest("after 24 hours without a message a person is told, once", async (db) => {
  const { sql, instanceId } = db;
  await saveAgent(sql);
  await backAfterLogout(db);
  await restart(sql);
  await tend(db);
  await pass(sql, 24 * 3600 - 30);
  await tend(db);
  assert.equal((await openCase(sql, instanceId))?.state, "restarted");
  await pass(sql, 60);
  await tend(db);
  await tend(db);
  await assertCase(db, "needs_operator", "unproven");
  const told = (await events(sql, instanceId)).filter(({ kind }) => kind === "needs_operator");
  assert.deepEqual(told.map(({ detail }) => detail), [{ reason: "unproven" }]);
});

quickTest("where a logout does no harm, or repairs are off, nothing is opened", async (db) => {
  assert.equal(await backAfterLogout(db, "2.3.7"), 0);
  await db.sql`update ghost_repair.settings set enabled = false`;
  assert.equal(await backAfterLogout(db), 0);
  await db.sql`update ghost_repair.settings set enabled = true`;
  assert.equal(await tend(db), 1);
});

quickTest("a process that was restarted since the logout is not restarted again", async (db) => {
  const { sql } = db;
  await saveAgent(sql);
  await loggedOut(db);
  await pass(sql, 1);
  await addRestart(sql);
  await pass(sql, 60);
  await setStatus(db, "connected");
  await tend(db);
  await assertCase(db, "restarted", "unproven");
});

quickTest("a process that was restarted before the logout is restarted again", async (db) => {
  await saveAgent(db.sql);
  await addRestart(db.sql);
  await backAfterLogout(db);
  assert.equal(await caseState(db), "restart_requested");
});

quickTest("another version came with another process: nobody has to restart it", async (db) => {
  await backAfterLogout(db);
  assert.equal(await caseState(db), "needs_operator");
  await runs(db, "2.3.7", false);
  await tend(db);
  await tend(db);
  await assertCase(db, "restarted", "unproven");
});

quickTest("a restart that another number was given counts for a person's case, too", async (db) => {
  await backAfterLogout(db);
  await addRestart(db.sql);
  await tend(db);
  assert.equal(await caseState(db), "restarted");
});

quickTest("a ghost takes its place, and once it lives it is unproven again", async (db) => {
  const { sql, instanceId } = db;
  await backAfterLogout(db);
  await callSql(sql, "suspect_session", instanceId, "slow_send");
  assert.equal((await openCase(sql, instanceId))?.hearing, null);
  await sql`select ghost_repair.close_ghost_repair(${instanceId}, 'false_alarm')`;
  assert.equal(await tend(db), 1);
  assert.equal((await openCase(sql, instanceId))?.hearing, "unproven");
});

quickTest("canaries are asked once after the restart, and prove it as well", async (db) => {
  const { sql, instanceId } = db;
  await switchOn(db);
  await saveAgent(sql);
  await backAfterLogout(db);
  await restart(sql);
  await tend(db);
  await tend(db);
  assert.deepEqual(await leaseTrials(sql), []);
  await pass(sql, 36);
  await tend(db);
  const [lease] = await leaseTrials(sql);
  assert.ok(await recordTrial(sql, lease!, { next: "hears" }));
  assert.equal(await openCase(sql, instanceId), null);
  assert.equal(await unheard(db), false);
});

/** Logouts by whomever, as they are written down. */
const LOGOUTS: Readonly<
  Record<string, (db: CompanyDatabase, accepted: string) => Promise<unknown>>
> = {
  "a person's": ({ sql, instanceId }, logout) =>
    callSql(sql, "record_logout", instanceId, { logout, registry: "close" }),
  "one that was owed": ({ sql, instanceId }, logout) =>
    callSql(sql, "record_owed_logout", instanceId, crypto.randomUUID(), {
      logout,
      registry: "close",
    }),
  "a repair's": ({ sql, instanceId }, logout) =>
    sql`select ghost_repair.add_event(${instanceId}, 'logout', ${sql.json({ logout })})`,
  "the ladder's": ({ sql, instanceId }, outcome) =>
    sql`select ghost_repair.add_event(${instanceId}, 'repair_step',
        ${sql.json({ next: "stepped", step: "logout", answer: { outcome } })})`,
  "a deletion's that failed": ({ sql, instanceId }, logout) =>
    sql`select ghost_repair.add_event(${instanceId}, 'delete_failed', ${sql.json({ logout })})`,
};

for (const [whose, make] of Object.entries(LOGOUTS)) {
  quickTest(`${whose} logout is remembered where it was accepted`, async (db) => {
    await make(db, "not_connected");
    assert.equal(await unheard(db), false);
    await make(db, "accepted");
    assert.equal(await unheard(db), true);
  });
}

quickTest("a logout that the gateway reports is remembered as of its first report", async (db) => {
  const { sql, instanceId } = db;
  const at = async (ago: number) =>
    (await only(sql<{ at: Date }[]>`
      select ghost_repair.now() - make_interval(secs => ${ago}) as at`)).at.toISOString();
  const logout = async (ago: number) =>
    await sql`select ghost_repair.note_gateway_logout(${instanceId}, ${await at(ago)})`;
  await logout(60);
  await hear(db, 30);
  assert.equal(await unheard(db), false);
  // A late retry of an earlier one is older than what is known.
  await logout(10);
  await logout(600);
  const row = await only(
    sql`select extract(epoch from ghost_repair.now() - logged_out_at)::int as ago
    from ghost_repair.unheard_logouts`,
  );
  assert.equal(row["ago"], 10);
});
