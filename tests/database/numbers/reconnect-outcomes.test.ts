import assert from "node:assert/strict";
import { withConnections } from "../../support/crowd.ts";
import { addInstances, type CompanyDatabase, companyTest, only } from "../../support/database.ts";
import { begin, lease, leaseOne, record } from "../../support/reconnect-calls.ts";
import { eventKinds, events, instanceRow, pass } from "../../support/repair-calls.ts";
import { quickTest } from "../../support/quick-test.ts";

const SINCE = new Date("2026-01-01T00:00:00Z");

/** A company whose number is disconnected and leased. */
async function leased(db: CompanyDatabase, state = "") {
  await db.sql`update public.whatsapp_instances set
    status = 'disconnected', disconnected_since = ${SINCE} ${db.sql.unsafe(state)}`;
  return await leaseOne(db.sql);
}

quickTest("an attempt is counted before it is made, and the third is the last", async (db) => {
  const { instance_id, token } = await leased(db, ", reconnect_attempts_count = 1");
  for (const [granted, count] of [[true, 2], [true, 3], [false, 3]] as const) {
    assert.equal(await begin(db.sql, instance_id, token), granted);
    const row = await instanceRow(db.sql, instance_id);
    assert.equal(row.reconnect_attempts_count, count);
    assert.ok(row.last_reconnect_attempt_at instanceof Date);
  }
});

for (
  const state of [
    "manual_disconnect = true",
    "status = 'awaiting_qr'",
    "status = 'connected'",
  ]
) {
  quickTest(`since the lease ${state}: no attempt, and nothing is written over it`, async (db) => {
    const row = await leased(db);
    await db.sql`update public.whatsapp_instances set ${db.sql.unsafe(state)}`;
    const before = await instanceRow(db.sql, row.instance_id);
    assert.equal(await begin(db.sql, row.instance_id, row.token), false);
    for (const result of ["open", "qr", "no_qr_yet", "refused", "not_found", "unknown"]) {
      assert.equal(await record(db.sql, row, { result, qr: { code: "2@x" } }), false);
    }
    assert.deepEqual(await instanceRow(db.sql, row.instance_id), before);
    assert.deepEqual(await eventKinds(db.sql, row.instance_id), []);
  });
}

quickTest("a foreign token and a lease that ran out make no attempt", async (db) => {
  const { instance_id, token } = await leased(db);
  assert.equal(await begin(db.sql, instance_id, crypto.randomUUID()), false);
  await pass(db.sql, 121);
  assert.equal(await begin(db.sql, instance_id, token), false);
  assert.equal((await instanceRow(db.sql, instance_id)).reconnect_attempts_count, 0);
});

for (const result of ["registry_open", "open"]) {
  quickTest(`${result}: connected, and the counting begins anew`, async (db) => {
    const row = await leased(db, ", reconnect_attempts_count = 2");
    assert.equal(await record(db.sql, row, { result, registry: "open" }), true);
    const after = await instanceRow(db.sql, row.instance_id);
    assert.partialDeepStrictEqual({ ...after }, {
      status: "connected",
      disconnected_since: null,
      reconnect_attempts_count: 0,
      connection_epoch: "2",
    });
    assert.deepEqual(await events(db.sql, row.instance_id), [
      { kind: "connected", detail: { outcome: result, registry: "open" } },
    ]);
  });
}

quickTest("qr: waiting for the scan, the code in private alone", async (db) => {
  const row = await leased(db);
  const qr = { code: "2@secret", base64: "data:image/png;base64,AAAA", pairing_code: "ABCD" };
  assert.equal(await record(db.sql, row, { result: "qr", qr }), true);
  const after = await instanceRow(db.sql, row.instance_id);
  assert.equal(after.status, "awaiting_qr");
  assert.deepEqual(after.disconnected_since, SINCE);
  assert.deepEqual(await events(db.sql, row.instance_id), [
    { kind: "qr_required", detail: { outcome: "qr" } },
  ]);
  const stored = await only(db.sql`select code, base64, pairing_code,
  extract(epoch from expires_at - created_at)::int as seconds from private.instance_qr_codes`);
  assert.deepEqual({ ...stored }, { ...qr, seconds: 45 });
});

const STAYING: readonly (readonly [result: string, status: string, kind: string])[] = [
  ["no_qr_yet", "connecting", "reconnect"],
  ["refused", "disconnected", "reconnect"],
  ["not_found", "disconnected", "not_found"],
  ["unknown", "disconnected", "reconnect"],
];

for (const [result, status, kind] of STAYING) {
  quickTest(`${result}: ${status}, event ${kind}, and nothing else changes`, async (db) => {
    const row = await leased(db);
    const told = { outcome: `${result}, and why`, http_status: 200 };
    const { updated_at: _, ...before } = await instanceRow(db.sql, row.instance_id);
    assert.equal(await record(db.sql, row, { result, ...told }), true);
    const after = await instanceRow(db.sql, row.instance_id);
    assert.partialDeepStrictEqual({ ...after }, { ...before, status });
    assert.deepEqual(await events(db.sql, row.instance_id), [{ kind, detail: told }]);
  });
}

/** One whole tick for the only due row. */
async function tick(db: CompanyDatabase, result: string, attempt = true): Promise<void> {
  await db.sql`update public.whatsapp_instances set
    last_reconnect_attempt_at = last_reconnect_attempt_at - interval '1 minute'`;
  const row = await leaseOne(db.sql);
  if (attempt) assert.equal(await begin(db.sql, row.instance_id, row.token), true);
  await record(db.sql, row, { result });
}

quickTest("an outage is one event in ten minutes, not one a tick", async (db) => {
  await db.sql`update public.whatsapp_instances set status = 'disconnected'`;
  for (let n = 0; n < 9; n++) await tick(db, "unknown", false);
  assert.deepEqual(await eventKinds(db.sql, db.instanceId), ["reconnect"]);
  await db.sql`update public.instance_events set created_at = created_at - interval '10 minutes'`;
  await tick(db, "unknown", false);
  await tick(db, "not_found", false);
  const kinds = ["reconnect", "reconnect", "not_found"];
  assert.deepEqual(await eventKinds(db.sql, db.instanceId), kinds);
});

quickTest("every attempt is an event, and after the third a person is asked", async (db) => {
  await db.sql`update public.whatsapp_instances set status = 'disconnected'`;
  for (const result of ["refused", "no_qr_yet", "refused"]) await tick(db, result);
  const kinds = ["reconnect", "reconnect", "reconnect", "needs_operator"];
  assert.deepEqual(await eventKinds(db.sql, db.instanceId), kinds);
  await db.sql`update public.whatsapp_instances set
    last_reconnect_attempt_at = last_reconnect_attempt_at - interval '1 hour'`;
  assert.deepEqual(await lease(db.sql), []);
});

companyTest("80 rows disconnected by hand while a tick works: by hand wins", async (db) => {
  const ids = await addInstances(db.sql, db.company, 80, { status: "disconnected" });
  const leases = await lease(db.sql, 80);
  assert.equal(leases.length, ids.length);
  await withConnections(db, 2, async ([ticker, user]) => {
    await Promise.all(leases.map(async (row) => {
      const byHand = user!`update public.whatsapp_instances set
      status = 'disconnected', manual_disconnect = true where id = ${row.instance_id}`;
      await Promise.all([
        byHand,
        begin(ticker!, row.instance_id, row.token),
        record(ticker!, row, { result: "no_qr_yet" }),
      ]);
    }));
  });
  const others = await db.sql`select from public.whatsapp_instances
  where id = any(${ids}) and not (manual_disconnect and status = 'disconnected')`;
  assert.equal(others.length, 0);
});
