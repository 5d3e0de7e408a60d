import assert from "node:assert/strict";
import type postgres from "postgres";
import { addInstances, type CompanyDatabase, companyTest, only } from "../../support/database.ts";
import {
  beginStep,
  claimed,
  confirm,
  eventKinds,
  instanceRow,
  leaseRepairs,
  pass,
  recordLogout,
  reportOpen,
  verify,
} from "../../support/repair-calls.ts";
import { quickTest } from "../../support/quick-test.ts";

const due = async (sql: postgres.Sql, instanceId: string | null = null) =>
  (await sql<{ url: string }[]>`select public.claim_gateway_versions(10, ${instanceId}) as url`)
    .map(({ url }) => url);

/** Says that the number's gateway runs a version; 2.3.6 is one where a logout does harm. */
async function runs({ sql }: CompanyDatabase, version: string, safe: boolean): Promise<string> {
  const [url] = await due(sql);
  assert.ok(url);
  await sql`select public.record_gateway_version(${url}, ${version}, ${safe})`;
  return url;
}

quickTest("where a logout does harm the repair makes none and goes on", async (db) => {
  await runs(db, "2.3.6", false);
  const { token } = await claimed(db.sql, db.instanceId);
  assert.equal(await confirm(db.sql, db.instanceId, token), "logout_unsafe_here");
  assert.equal(
    await recordLogout(db.sql, db.instanceId, token, { logout: "not_called" }),
    "marked",
  );
  await verify(db.sql, db.instanceId, token, { outcome: "not_invalidated", registry: "open" });
  assert.equal((await instanceRow(db.sql, db.instanceId)).status, "disconnected");
  assert.ok((await eventKinds(db.sql, db.instanceId)).includes("logout_unsafe_here"));
  const repair = await only(db.sql`select evidence, logout_called_at from public.ghost_repairs`);
  assert.equal(repair.logout_called_at, null);
  assert.equal(repair.evidence.logout_unsafe_here, true);

  await pass(db.sql, 60);
  const [lease] = await leaseRepairs(db.sql);
  assert.ok(lease);
  // The ladder's turn to log out is over before it came, and is not granted either.
  assert.equal(lease.logout_called, true);
  // The window of the one before is over, the lease is not.
  await pass(db.sql, 100);
  assert.equal(await beginStep(db.sql, lease, "logout"), false);
  assert.equal(await beginStep(db.sql, lease, "restart"), true);
});

companyTest("a version is read at once, daily, and before a number is touched", async (db) => {
  const url = await runs(db, "2.3.7", true);
  await pass(db.sql, 4);
  // It said so a moment ago.
  assert.deepEqual(await due(db.sql, db.instanceId), []);
  await pass(db.sql, 23 * 3600);
  assert.deepEqual(await due(db.sql), []);
  // A question that is under way is no answer: each asks for itself.
  assert.deepEqual(await due(db.sql, db.instanceId), [url]);
  assert.deepEqual(await due(db.sql, db.instanceId), [url]);
  await db.sql`select public.record_gateway_version(${url}, '2.3.6', false)`;
  assert.deepEqual(await due(db.sql, db.instanceId), []);
  await pass(db.sql, 25 * 3600);
  assert.deepEqual(await due(db.sql), [url]);
  assert.deepEqual(await due(db.sql), []);
});

quickTest("a gateway that did not say its version is asked again in ten minutes", async (db) => {
  const [url] = await due(db.sql);
  await pass(db.sql, 590);
  assert.deepEqual(await due(db.sql), []);
  await pass(db.sql, 20);
  assert.deepEqual(await due(db.sql), [url]);
});

quickTest(
  "a gateway is known with its first number, forgotten after its last",
  async ({ sql, instanceId }) => {
    const known = async () =>
      (await sql<{ url: string }[]>`select api_url as url from private.gateways`).map(({ url }) =>
        url
      );
    await sql`delete from private.gateways`;
    await sql`update private.instance_credentials set api_url = 'http://new.test'`;
    assert.deepEqual(await known(), ["http://new.test"]);
    await sql`update private.instance_credentials set api_url = 'http://newer.test'`;
    assert.deepEqual(await due(sql), ["http://newer.test"]);
    await sql`select public.prune()`;
    assert.deepEqual(await known(), ["http://newer.test"]);
    await sql`delete from private.gateways`;
    assert.deepEqual(await due(sql, instanceId), ["http://newer.test"]);
  },
);

quickTest(
  "a delivered webhook is written down, twice a minute at most",
  async ({ sql, instanceId }) => {
    const deliver = () => sql`select ghost_repair.webhook_delivered(${instanceId})`;
    const last = async () =>
      (await only(sql<{ at: Date }[]>`select last_webhook_at as at from private.gateways`)).at
        .getTime();
    await sql`update private.gateways set last_webhook_at = null`;
    await deliver();
    const first = await last();
    await pass(sql, 29);
    await deliver();
    assert.equal(await last(), first);
    await pass(sql, 2);
    await deliver();
    assert.ok(await last() - first > 30_000);
  },
);

quickTest("a version that changes, or is not known, is told of once", async ({ sql }) => {
  const [url] = await due(sql);
  const say = (version: string, safe: boolean, support: string) =>
    sql`select public.record_gateway_version(${url!}, ${version}, ${safe}, ${support})`;
  const told = async () =>
    (await sql`select kind, detail from public.instance_events where kind like 'gateway_version%'
      order by id`).map(({ kind, detail }) => [kind, detail]);
  await say("2.3.7", true, "known");
  assert.deepEqual(await told(), []);
  await say("2.3.6", false, "known");
  await say("2.3.6", false, "known");
  await say("2.9.0", false, "assumed");
  await say("WAHA", false, "unusable");
  assert.deepEqual(await told(), [
    ["gateway_version", { version: "2.3.6", was: "2.3.7" }],
    ["gateway_version_assumed", { version: "2.9.0", was: "2.3.6" }],
    ["gateway_version_unusable", { version: "WAHA", was: "2.9.0" }],
  ]);
  // What is of no use may be a server that is being set up.
  await pass(sql, 601);
  assert.deepEqual(await due(sql), [url]);
});

quickTest("two gateways at once: each number is repaired by its own one's version", async (db) => {
  const { sql, company, instanceId } = db;
  const [other] = await addInstances(sql, company, 1, {});
  await sql`update private.instance_credentials set api_url = 'http://other.test'
    where instance_id = ${other!}`;
  const say = (url: string, version: string, safe: boolean, deletes: boolean) =>
    sql`select public.record_gateway_version(
      ${url}, ${version}, ${safe}, 'known', ${!safe}, ${deletes})`;
  const answers = async () => {
    const asked = [instanceId, other!].map(async (id) => {
      const { token } = await claimed(sql, id);
      const answer = await confirm(sql, id, token);
      await sql`delete from ghost_repair.claims`;
      return answer;
    });
    return [await asked[0]!, await asked[1]!];
  };
  await say("http://evolution.test", "2.3.6", false, true);
  await say("http://other.test", "2.3.7", true, false);
  assert.deepEqual(await answers(), ["logout_unsafe_here", "go"]);
  const facts = await sql`select api_url, deletes_zombies, connect_after_scan
    from private.gateways order by api_url`;
  assert.deepEqual(facts.map((row) => Object.values(row)), [
    ["http://evolution.test", true, false],
    ["http://other.test", false, false],
  ]);
  // Up, and down again: what is known now counts.
  await say("http://evolution.test", "2.3.7", true, false);
  await say("http://other.test", "2.3.6", false, true);
  assert.deepEqual(await answers(), ["go", "logout_unsafe_here"]);
});

quickTest("what may be another process is asked for its version at once", async (db) => {
  const { sql, instanceId } = db;
  const url = await runs(db, "2.3.7", true);
  await pass(sql, 30);
  await reportOpen(sql, instanceId);
  // It said so a moment ago.
  assert.deepEqual(await due(sql), []);
  await pass(sql, 31);
  await reportOpen(sql, instanceId, new Date(Date.now() + 1_000));
  assert.deepEqual(await due(sql), [url]);
  await sql`select public.record_gateway_version(${url}, '2.3.7', true)`;
  await pass(sql, 3600);
  assert.deepEqual(await due(sql), []);
  // Silent for longer than ten minutes, and it speaks again.
  await sql`select ghost_repair.webhook_delivered(${instanceId})`;
  assert.deepEqual(await due(sql), [url]);
});
