import assert from "node:assert/strict";
import { type CompanyDatabase, companyTest, only } from "../../support/database.ts";
import { ask, DISCONNECTED, setState } from "../../support/instance-calls.ts";
import { leaseOne, record } from "../../support/reconnect-calls.ts";
import { events, openRepairs, pass } from "../../support/repair-calls.ts";
import { quickTest } from "../../support/quick-test.ts";

/** The scheduler's minutes, each with the same finding. */
async function minutes(db: CompanyDatabase, count: number, ...outcomes: readonly string[]) {
  for (let minute = 0; minute < count; minute++) {
    const outcome = outcomes[minute % outcomes.length]!;
    const result = outcome === "not_found" ? { result: outcome } : { result: "unknown", outcome };
    assert.ok(await record(db.sql, await leaseOne(db.sql), { ...result, step: "registry" }));
    await pass(db.sql, 60);
  }
}

/** What a person was told. */
async function told(db: CompanyDatabase, id = db.instanceId): Promise<unknown[]> {
  return (await events(db.sql, id)).filter(({ kind }) => kind === "needs_operator")
    .map(({ detail }) => (detail as { reason: string }).reason);
}

async function health(db: CompanyDatabase): Promise<unknown[]> {
  const row = await only(db.sql`
    select health, reason from public.instance_health where instance_id = ${db.instanceId}`);
  return [row["health"], row["reason"]];
}

for (
  const [outcome, reason] of [
    ["not_found", "not_found"],
    ["unauthorized", "gateway_unauthorized"],
    ["unreachable", "gateway_unreachable"],
    ["timeout", "gateway_unreachable"],
    ["invalid", "gateway_error"],
  ] as const
) {
  quickTest(`ten minutes of ${outcome} reach a person, once`, async (db) => {
    await setState(db, DISCONNECTED);
    await minutes(db, 10, outcome);
    assert.deepEqual([await told(db), await health(db)], [[], ["reconnecting", null]]);
    await minutes(db, 25, outcome);
    assert.deepEqual(await told(db), [reason]);
    assert.deepEqual(await health(db), ["needs_operator", reason]);
    const { instance } = await ask(db, "instance_status") as Record<string, { attention: string }>;
    assert.equal(instance!.attention, reason);
  });
}

quickTest("no answer is one reason, in time or not; another reason begins anew", async (db) => {
  await setState(db, DISCONNECTED);
  await minutes(db, 8, "timeout", "unreachable");
  await minutes(db, 8, "unauthorized");
  assert.deepEqual(await told(db), []);
  await minutes(db, 12, "timeout", "unreachable");
  assert.deepEqual(await told(db), ["gateway_unreachable"]);
});

quickTest(
  "one reason and another, none of which lasts, reach a person after half an hour, once",
  async (db) => {
    await setState(db, DISCONNECTED);
    await minutes(db, 30, "timeout", "invalid");
    assert.deepEqual(await told(db), []);
    await minutes(db, 30, "timeout", "invalid");
    assert.equal((await told(db)).length, 1);
    assert.equal((await health(db))[0], "needs_operator");
    await record(db.sql, await leaseOne(db.sql), { result: "no_qr_yet" });
    await pass(db.sql, 61);
    await minutes(db, 30, "timeout", "invalid");
    assert.equal((await told(db)).length, 1, "it begins anew");
  },
);

quickTest("a gateway that says how the number is ends the trouble", async (db) => {
  await setState(db, DISCONNECTED);
  await minutes(db, 8, "not_found");
  await record(db.sql, await leaseOne(db.sql), { result: "no_qr_yet" });
  await pass(db.sql, 61);
  await minutes(db, 8, "not_found");
  assert.deepEqual(await told(db), []);
  await minutes(db, 5, "not_found");
  assert.deepEqual(await told(db), ["not_found"]);
  await record(db.sql, await leaseOne(db.sql), { result: "registry_open" });
  assert.deepEqual(await health(db), ["ok", null]);
});

const sweep = (db: CompanyDatabase) => db.sql`select public.sweep()`;
const unlink = (db: CompanyDatabase) => db.sql`delete from private.instance_credentials`;

for (const state of [DISCONNECTED, "status = 'awaiting_qr'", "status = 'connecting'"]) {
  companyTest(`without a gateway a person is told at once, once: ${state}`, async (db) => {
    await setState(db, state);
    await sweep(db);
    assert.deepEqual(await told(db), []);
    await unlink(db);
    for (let minute = 0; minute < 3; minute++) await sweep(db);
    assert.deepEqual(await told(db), ["instance_without_gateway"]);
    assert.deepEqual(await health(db), ["needs_operator", "instance_without_gateway"]);
    await db.sql`select public.save_instance_credentials(
      ${db.instanceId}, 'http://evolution.test', 'key', 'secret')`;
    assert.notEqual((await health(db))[0], "needs_operator");
  });
}

quickTest("a repair that nobody can lease is told of, whatever the row says", async (db) => {
  const [id] = await openRepairs(db, 1);
  // Suspected: nothing is marked yet.
  await db.sql`update public.whatsapp_instances set status = 'connected' where id = ${id!}`;
  await unlink(db);
  await sweep(db);
  assert.deepEqual(await told(db, id), ["instance_without_gateway"]);
  // Connected and not under repair, and by hand: nobody has to be told.
  assert.deepEqual(await told(db), []);
  await setState(db, "manual_disconnect = true");
  await sweep(db);
  assert.deepEqual(await told(db), []);
});
