import assert from "node:assert/strict";
import type postgres from "postgres";
import { callSql, type CompanyDatabase, only } from "../../support/database.ts";
import { quickTest } from "../../support/quick-test.ts";
import {
  eventKinds,
  events,
  instanceRow,
  leaseRepairs,
  openRepairs,
  pass,
  recordStep,
} from "../../support/repair-calls.ts";

const GATEWAY = "http://evolution.test";
const URL_THERE = "http://kong:8000/functions/v1/evolution-webhook/x";

const runs = ({ sql }: CompanyDatabase, version: string, deletes: boolean) =>
  callSql(sql, "record_gateway_version", GATEWAY, version, false, "known", true, deletes);

/** Numbers whose ladder is at its end. */
async function stuck(db: CompanyDatabase, reason = "steps_used_up") {
  const [id] = await openRepairs(db, 1);
  for (const lease of await leaseRepairs(db.sql)) {
    await recordStep(db.sql, lease, { next: "needs_operator", reason, socket_dead: true });
  }
  return { id: id!, ...await stateOf(db.sql, id!) };
}

const stateOf = (sql: postgres.ISql, id: string) =>
  only(sql<{ state: string; reason: string | null; outcome: string | null }[]>`
    select state, outcome, evidence ->> 'reason' as reason from public.ghost_repairs
    where instance_id = ${id} order by opened_at desc limit 1`);

interface Lease extends postgres.Row {
  readonly repair_id: string;
  readonly token: string;
  readonly begun: boolean;
  readonly webhook_url: string | null;
}

const lease = async (sql: postgres.ISql): Promise<Lease[]> => [
  ...await sql<Lease[]>`select * from public.lease_due_recreations(10)`,
];
const begin = (
  sql: postgres.ISql,
  { repair_id, token }: Lease,
  webhookToken: string | null = null,
) =>
  callSql<Record<string, unknown> | null>(
    sql,
    "begin_recreation",
    repair_id,
    token,
    URL_THERE,
    webhookToken,
  );
const record = (sql: postgres.ISql, { repair_id, token }: Lease, result: postgres.JSONValue) =>
  callSql<boolean>(sql, "record_recreation", repair_id, token, result);

/** A zombie of an organization that allowed it, where that works: nobody else's to step on. */
async function allowed(db: CompanyDatabase) {
  await runs(db, "2.3.6", true);
  await db.sql`update ghost_repair.settings set allow_recreate = true`;
  const number = await stuck(db);
  assert.deepEqual(await leaseRepairs(db.sql), []);
  const [leased] = await lease(db.sql);
  return { ...number, leased: leased! };
}

quickTest("a zombie is made anew only where that is allowed and works", async (db) => {
  await runs(db, "2.3.6", true);
  assert.equal((await stuck(db)).state, "needs_operator");
  await db.sql`insert into ghost_repair.policies (organization_id, allow_recreate)
    values (${db.company.organizationId}, true)`;
  assert.equal((await stuck(db)).state, "recreating");
  assert.equal((await stuck(db, "not_loaded")).state, "needs_operator");
  await runs(db, "2.3.7", false);
  assert.equal((await stuck(db)).state, "needs_operator");
  await runs(db, "2.3.6", true);
  await db.sql`update ghost_repair.settings set allow_recreate = true`;
  await db.sql`update ghost_repair.policies set allow_recreate = false`;
  assert.equal((await stuck(db)).state, "needs_operator");
  // What keeps the pairing comes first.
  await db.sql`update ghost_repair.policies set allow_recreate = null`;
  await db
    .sql`select public.save_restart_agent(${GATEWAY}, 'https://a.test/', 'a secret of today')`;
  assert.equal((await stuck(db)).state, "restart_requested");
});

quickTest("while it is made anew the ladder leaves it, and it says disconnected", async (db) => {
  const { id, leased } = await allowed(db);
  assert.equal(leased.begun, false);
  assert.deepEqual(await lease(db.sql), []);
  const keys = await begin(db.sql, leased, "a token of its own");
  assert.ok(keys?.["webhook_secret"]);
  assert.equal(keys["webhook_token"], "a token of its own");
  assert.equal((await instanceRow(db.sql, id))["status"], "disconnected");
  assert.ok(await record(db.sql, leased, { next: "recreated" }));
  const repair = await stateOf(db.sql, id);
  assert.deepEqual([repair.state, repair.outcome], ["closed", "recreated"]);
  assert.deepEqual((await eventKinds(db.sql, id)).slice(-3), [
    "recreating",
    "repair_step",
    "recreated",
  ]);
  const left = await db.sql`select id from ghost_repair.reconnectable where id = ${id}`;
  assert.equal(left.length, 1);
});

quickTest("what was begun goes on, by whoever comes next and whatever changed", async (db) => {
  const { id, leased } = await allowed(db);
  await begin(db.sql, leased);
  await db.sql`update ghost_repair.settings set allow_recreate = false`;
  await pass(db.sql, 200);
  const [next] = await lease(db.sql);
  assert.deepEqual([next?.begun, next?.webhook_url], [true, URL_THERE]);
  assert.ok(await begin(db.sql, next!));
  assert.ok(await record(db.sql, next!, { next: "wait", seconds: 30 }));
  assert.deepEqual(await lease(db.sql), []);
  await pass(db.sql, 31);
  const [again] = await lease(db.sql);
  await pass(db.sql, 1000);
  const [last] = await lease(db.sql);
  assert.equal(await record(db.sql, again!, { next: "recreated" }), false);
  assert.ok(await record(db.sql, last!, { next: "wait", seconds: 30 }));
  const repair = await stateOf(db.sql, id);
  assert.deepEqual([repair.state, repair.reason], ["needs_operator", "recreate_failed"]);
});

quickTest("what may not be begun any more is a person's, as without it", async (db) => {
  const { id, leased } = await allowed(db);
  await db.sql`update ghost_repair.settings set allow_recreate = false`;
  assert.equal(await begin(db.sql, leased), null);
  await record(db.sql, leased, { next: "wait", seconds: 30 });
  const repair = await stateOf(db.sql, id);
  assert.deepEqual([repair.state, repair.reason], ["needs_operator", "steps_used_up"]);
});

quickTest("nothing is deleted while many numbers of the gateway fail together", async (db) => {
  const { leased } = await allowed(db);
  await openRepairs(db, 3);
  assert.equal(await begin(db.sql, leased), null);
});

quickTest("one that a person disconnected is not made anew", async (db) => {
  const { id, leased } = await allowed(db);
  await db.sql`update public.whatsapp_instances set manual_disconnect = true where id = ${id}`;
  assert.equal(await begin(db.sql, leased), null);
  assert.equal(await record(db.sql, leased, { next: "recreated" }), false);
});

quickTest("what refuses is told, and a session that answers is the ladder's again", async (db) => {
  const { id, leased } = await allowed(db);
  await record(db.sql, leased, { next: "refused", why: "own_settings" });
  assert.equal((await stateOf(db.sql, id)).state, "needs_operator");
  assert.deepEqual((await events(db.sql, id)).at(-1)?.detail, {
    reason: "steps_used_up",
    recreate: "own_settings",
  });
  await stuck(db);
  const [other] = await lease(db.sql);
  await record(db.sql, other!, { next: "alive" });
  const { state } = await only(db.sql`select state from public.ghost_repairs
    where id = ${other!.repair_id}`);
  assert.equal(state, "open");
});

quickTest("what did not help is not done again for a day", async (db) => {
  const { id, leased } = await allowed(db);
  await begin(db.sql, leased);
  await record(db.sql, leased, { next: "recreated" });
  const may = async () =>
    (await only(db.sql`select ghost_repair.may_recreate(${id}, 'steps_used_up') as may`))["may"];
  assert.equal(await may(), false);
  await pass(db.sql, 24 * 3600 + 1);
  assert.equal(await may(), true);
});

quickTest(
  "one that a logout made deaf is made anew where nothing restarts, and is unproven then",
  async (db) => {
    const { sql, instanceId } = db;
    await runs(db, "2.3.6", true);
    await sql`update ghost_repair.settings set allow_recreate = true`;
    await sql`update public.whatsapp_instances set status = 'disconnected' where id = ${instanceId}`;
    await callSql(sql, "record_logout", instanceId, { logout: "accepted", registry: "close" });
    await pass(sql, 60);
    const connect = () =>
      sql`update public.whatsapp_instances set status = 'connected' where id = ${instanceId}`;
    await connect();
    await sql`select ghost_repair.tend_unproven()`;
    assert.equal((await stateOf(sql, instanceId)).state, "recreating");
    const [leased] = await lease(sql);
    // Its session answers: that is no reason not to.
    assert.equal(leased!["ask"], false);
    assert.ok(await begin(sql, leased!));
    assert.equal((await instanceRow(sql, instanceId))["status"], "disconnected");
    assert.ok(await record(sql, leased!, { next: "recreated" }));
    await pass(sql, 60);
    await connect();
    await sql`select ghost_repair.tend_unproven()`;
    const repair = await stateOf(sql, instanceId);
    assert.deepEqual([repair.state, repair.reason], ["restarted", "unproven"]);
  },
);
