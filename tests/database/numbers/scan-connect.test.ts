import assert from "node:assert/strict";
import type postgres from "postgres";
import { callSql, type CompanyDatabase, only } from "../../support/database.ts";
import { quickTest } from "../../support/quick-test.ts";
import { events, pass } from "../../support/repair-calls.ts";

interface Lease extends postgres.Row {
  readonly token: string;
  readonly scanning: boolean;
  readonly connection_epoch: string;
}

const lease = async (sql: postgres.ISql): Promise<Lease[]> => [
  ...await sql<Lease[]>`select * from public.lease_waiting_numbers(10)`,
];
const show = (sql: postgres.ISql, id: string, code: string) =>
  sql`select ghost_repair.mark_awaiting_qr(${id}, ${sql.json({ code })}, '{}')`;
const begin = (sql: postgres.ISql, id: string, token: string) =>
  callSql<string | null>(sql, "begin_scan_connect", id, token);

/** A number whose QR code is shown, looked at a moment ago; `follows`: a connect has to follow. */
async function waiting({ sql, instanceId }: CompanyDatabase, follows = true): Promise<void> {
  await sql`select public.record_gateway_version(
    'http://evolution.test', '2.4.0-rc2', false, 'known', false, true, ${follows})`;
  await show(sql, instanceId, "2@one");
  const [first] = await lease(sql);
  await look(sql, instanceId, first!);
}

const look = (sql: postgres.ISql, id: string, { token, connection_epoch }: Lease) =>
  callSql(sql, "record_watch", id, token, connection_epoch, { outcome: "connecting", ms: 1 });

quickTest("a connect that has to follow a scan is made once for each code", async (db) => {
  const { sql, instanceId } = db;
  await waiting(db);
  await pass(sql, 9);
  assert.deepEqual(await lease(sql), []);
  await pass(sql, 2);
  const [found] = await lease(sql);
  assert.equal(found?.scanning, true);
  const token = await begin(sql, instanceId, found!.token);
  assert.ok(token);
  assert.equal(await begin(sql, instanceId, found!.token), null);
  const qr = { code: "2@one", base64: null, pairing_code: null };
  const answer = { result: "qr", qr: { ...qr, code: "2@old" }, step: "connect", ms: 4 };
  await callSql(sql, "record_connect", instanceId, token, "scan", answer);
  assert.deepEqual((await events(sql, instanceId)).at(-1), {
    kind: "reconnect",
    detail: { outcome: "qr", source: "scan", step: "connect", ms: 4 },
  });
  const shown = () => only(sql`select code, connect_called from private.instance_qr_codes`);
  assert.deepEqual({ ...await shown() }, { code: "2@one", connect_called: true });
  // The same code once more is no other scan.
  await show(sql, instanceId, "2@one");
  await look(sql, instanceId, found!);
  await pass(sql, 60);
  assert.deepEqual(await lease(sql), []);
  await show(sql, instanceId, "2@two");
  assert.equal((await shown())["connect_called"], false);
  assert.equal((await lease(sql))[0]?.scanning, true);
});

quickTest("an open session that follows is written down", async (db) => {
  const { sql, instanceId } = db;
  await waiting(db);
  await pass(sql, 11);
  const [found] = await lease(sql);
  const token = await begin(sql, instanceId, found!.token);
  await callSql(sql, "record_connect", instanceId, token, "scan", { result: "open" });
  const { status } = await only(sql`select status from public.whatsapp_instances
    where id = ${instanceId}`);
  assert.equal(status, "connected");
});

quickTest("elsewhere nothing is looked for, and no connect is granted", async (db) => {
  const { sql, instanceId } = db;
  await waiting(db, false);
  await pass(sql, 60);
  assert.deepEqual(await lease(sql), []);
  await pass(sql, 400);
  const [found] = await lease(sql);
  assert.equal(found?.scanning, false);
  assert.equal(await begin(sql, instanceId, found!.token), null);
});

/** What keeps the connect from being made. */
const AGAINST: Readonly<Record<string, string>> = {
  "a person disconnected it":
    "update public.whatsapp_instances set manual_disconnect = true, status = 'disconnected'",
  "somebody else connects":
    "select ghost_repair.take_lease('reconnect', id) from public.whatsapp_instances",
  "the code is old": "update private.instance_qr_codes set created_at = '2020-01-01'",
  "the lease is over": "update ghost_repair.leases set expires_at = ghost_repair.now()",
};

for (const [why, statement] of Object.entries(AGAINST)) {
  quickTest(`no connect follows where ${why}`, async (db) => {
    const { sql, instanceId } = db;
    await waiting(db);
    await pass(sql, 11);
    const [found] = await lease(sql);
    await sql.unsafe(statement);
    assert.equal(await begin(sql, instanceId, found!.token), null);
    // The next look may ask again.
    assert.equal(
      (await only(sql`select connect_called as called from private.instance_qr_codes`))["called"],
      false,
    );
  });
}
