import assert from "node:assert/strict";
import { callSql, type CompanyDatabase, companyTest, only } from "../../support/database.ts";
import {
  beginStep,
  events,
  instanceRow,
  leaseRepairs,
  openRepairs,
  pass,
  recordStep,
} from "../../support/repair-calls.ts";
import { at, connection, operatorView } from "../../support/webhook-calls.ts";
import { quickTest } from "../../support/quick-test.ts";

/** The company's number under repair. */
async function underRepair({ sql, instanceId }: CompanyDatabase): Promise<void> {
  await sql`select ghost_repair.mark_disconnected(${instanceId}, '{}'),
    ghost_repair.open_ghost_repair(${instanceId}, '{}')`;
}

async function needsOperator(db: CompanyDatabase, id: string): Promise<unknown[]> {
  return (await events(db.sql, id)).filter(({ kind }) => kind === "needs_operator")
    .map(({ detail }) => detail);
}

quickTest("a repair without credentials is a person's, told once, not nobody's", async (db) => {
  await db.sql`delete from private.instance_credentials where instance_id = ${db.instanceId}`;
  await underRepair(db);
  for (let tick = 0; tick < 3; tick++) {
    assert.deepEqual(await leaseRepairs(db.sql), []);
    await pass(db.sql, 60);
  }
  assert.partialDeepStrictEqual(await operatorView(db.sql, db.instanceId), {
    status: "disconnected",
    repairs: [["needs_operator", "no_credentials"]],
    told: 1,
    notices: 1,
  });
  assert.deepEqual(await needsOperator(db, db.instanceId), [{ reason: "no_credentials" }]);
});

quickTest("once there are credentials the repair goes on where it stopped", async (db) => {
  const saved = await only(db.sql`
    delete from private.instance_credentials where instance_id = ${db.instanceId} returning *`);
  await underRepair(db);
  await leaseRepairs(db.sql);
  await db.sql`insert into private.instance_credentials ${db.sql(saved)}`;
  const lease = await only(leaseRepairs(db.sql));
  assert.equal(lease["state"], "open");
  assert.equal(await beginStep(db.sql, lease, "restart"), true);
  const { health } = await only(db.sql`
    select health from public.instance_health where instance_id = ${db.instanceId}`);
  assert.equal(health, "repairing");
});

companyTest("a number that somebody has locked is told of at the next tick", async (db) => {
  await db.sql`delete from private.instance_credentials where instance_id = ${db.instanceId}`;
  await underRepair(db);
  const holder = await db.sql.reserve();
  await holder`begin`;
  await holder`select from public.whatsapp_instances where id = ${db.instanceId} for update`;
  assert.deepEqual(await leaseRepairs(db.sql), []);
  assert.deepEqual(await needsOperator(db, db.instanceId), []);
  await holder`commit`;
  holder.release();
  await leaseRepairs(db.sql);
  assert.equal((await needsOperator(db, db.instanceId)).length, 1);
});

quickTest("told of missing webhooks nobody need come once one arrives", async (db) => {
  await underRepair(db);
  await db.sql`delete from private.gateways`;
  const lease = await only(leaseRepairs(db.sql));
  assert.equal(lease["webhook_delivered"], false);
  await recordStep(db.sql, lease, {
    next: "needs_operator",
    reason: "webhooks_missing",
    seconds: 270,
  });
  await pass(db.sql, 60);
  assert.deepEqual(await leaseRepairs(db.sql), []);
  await connection(db.sql, db.instanceId, "connecting", at(1));
  const again = await only(leaseRepairs(db.sql));
  assert.deepEqual([again["state"], again["webhook_delivered"]], ["open", true]);
});

quickTest("told of anything else, the repair waits for its person", async (db) => {
  await underRepair(db);
  await recordStep(db.sql, await only(leaseRepairs(db.sql)), {
    next: "needs_operator",
    reason: "steps_used_up",
    seconds: 270,
  });
  await pass(db.sql, 60);
  assert.deepEqual(await leaseRepairs(db.sql), []);
  await pass(db.sql, 240);
  assert.equal((await only(leaseRepairs(db.sql)))["state"], "needs_operator");
});

quickTest("a webhook of any number of the gateway is heard for ten minutes", async (db) => {
  await db.sql`update private.instance_credentials set api_url = 'https://one.example'`;
  const [neighbour] = await openRepairs(db, 1);
  await db.sql`delete from private.gateways`;
  await underRepair(db);
  const seen = async () => {
    const lease = (await leaseRepairs(db.sql)).find((row) => row.instance_id === db.instanceId);
    await db.sql`update ghost_repair.leases set expires_at = ghost_repair.now(),
    leased_at = leased_at - interval '1 second'`;
    return [lease?.["webhook_delivered"], lease?.["alone"]];
  };
  assert.deepEqual(await seen(), [false, true]);
  await db.sql`update private.instance_credentials set api_url = 'https://other.example'
  where instance_id = ${neighbour!}`;
  await db
    .sql`update public.whatsapp_instances set status = 'connected' where id = ${neighbour!}`;
  assert.deepEqual(await seen(), [false, true], "another gateway's number is no company");
  await db.sql`update private.instance_credentials set api_url = 'https://one.example'
  where instance_id = ${neighbour!}`;
  assert.deepEqual(await seen(), [false, false], "a connected number could have caused one");
  await connection(db.sql, neighbour!, "open", at(1));
  assert.deepEqual(await seen(), [true, false]);
  await pass(db.sql, 598);
  assert.deepEqual(await seen(), [true, false]);
  await pass(db.sql, 4);
  assert.deepEqual(await seen(), [false, false]);
});

quickTest("a repair that is put off stays due, and the next tick takes it", async (db) => {
  await underRepair(db);
  const lease = await only(leaseRepairs(db.sql));
  const put = () =>
    only(db.sql<{ ours: boolean }[]>`
      select public.postpone_repair_step(${lease.repair_id}, ${lease.token}) as ours`);
  assert.equal((await put()).ours, true);
  assert.equal((await put()).ours, false);
  const sameTick = await leaseRepairs(db.sql, 10, lease["tick"]);
  assert.deepEqual(sameTick, [], "it has had this tick's turn");
  await pass(db.sql, 1);
  assert.equal((await leaseRepairs(db.sql)).length, 1);
  assert.equal((await instanceRow(db.sql, db.instanceId)).status, "disconnected");
});

quickTest("a project's own webhook reports with one call, and is told of a fight", async (db) => {
  await db.sql`delete from private.gateways`;
  const reports: boolean[] = [];
  for (let opening = 0; opening < 9; opening++) {
    reports.push(await callSql(db.sql, "report_webhook", db.instanceId, "open", 200));
  }
  assert.deepEqual(reports, [...Array<boolean>(7).fill(false), true, true]);
  const { heard } = await only(db.sql`
  select ghost_repair.hears_gateway(${db.instanceId}) as heard`);
  assert.equal(heard, true);
});
