import assert from "node:assert/strict";
import { type CompanyDatabase } from "../support/database.ts";
import {
  ask,
  DISCONNECTED,
  recordConnect,
  setState,
  tell,
  tokenOf,
} from "../support/instance-calls.ts";
import { claim, claimed, confirm, instanceRow, pass } from "../support/repair-calls.ts";
import { quickTest } from "../support/quick-test.ts";

quickTest("a page that meets another one's ask is to come back within 3 seconds", async (db) => {
  await setState(db, DISCONNECTED);
  tokenOf(await ask(db, "request_qr_code"));
  const { reason, retry_after_seconds: seconds } = await ask(db, "request_qr_code");
  assert.equal(reason, "asking");
  assert.ok(Number(seconds) >= 1 && Number(seconds) <= 3, `${seconds} s`);
});

quickTest("a person who brings a number back gives it three attempts again", async (db) => {
  await setState(db, `${DISCONNECTED}, manual_disconnect = true, reconnect_attempts_count = 3`);
  tokenOf(await ask(db, "begin_reconnect"));
  assert.partialDeepStrictEqual({ ...await instanceRow(db.sql, db.instanceId) }, {
    manual_disconnect: false,
    reconnect_attempts_count: 0,
  });
});

for (
  const [what, meanwhile] of [
    ["a person disconnected by hand", (db) => setState(db, "manual_disconnect = true")],
    ["its claim has ended", (db) => pass(db.sql, 41)],
    ["a repair was opened", (db) =>
      db.sql`
      insert into public.ghost_repairs (instance_id) values (${db.instanceId})`],
  ] as readonly (readonly [string, (db: CompanyDatabase) => PromiseLike<unknown>])[]
) {
  quickTest(`what a connect found is not written where ${what}`, async (db) => {
    await setState(db, DISCONNECTED);
    const token = tokenOf(await ask(db, "request_qr_code"));
    await meanwhile(db);
    const before = await instanceRow(db.sql, db.instanceId);
    for (const result of ["no_qr_yet", "qr", "open"]) await recordConnect(db, token, result);
    assert.deepEqual(await instanceRow(db.sql, db.instanceId), before);
  });
}

quickTest("who disconnects and reconnects need not wait for the connect before", async (db) => {
  await setState(db, DISCONNECTED);
  const first = tokenOf(await ask(db, "begin_reconnect"));
  await ask(db, "begin_disconnect");
  const second = tokenOf(await ask(db, "begin_reconnect"));
  await recordConnect(db, first, "open");
  assert.equal((await instanceRow(db.sql, db.instanceId)).status, "disconnected");
  await recordConnect(db, second, "open");
  assert.equal((await instanceRow(db.sql, db.instanceId)).status, "connected");
});

quickTest("a repair that is under way lets go of a number that is deleted", async (db) => {
  const { token } = await claimed(db.sql, db.instanceId);
  tokenOf(await ask(db, "begin_delete", db.company.instanceName));
  assert.equal(await confirm(db.sql, db.instanceId, token), "stale");
  assert.equal((await claim(db.sql, db.instanceId)).reason, "recently_disconnected");
});

quickTest("of two deletions the last one's word counts", async (db) => {
  const first = tokenOf(await ask(db, "begin_delete", db.company.instanceName));
  const second = tokenOf(await ask(db, "begin_delete", db.company.instanceName));
  const end = (token: string) =>
    tell(db.sql, `public.finish_delete($1, $2, '{"deleted": true}')`, [db.instanceId, token]);
  assert.equal(await end(first), false);
  await instanceRow(db.sql, db.instanceId);
  assert.equal(await end(second), true);
  assert.notEqual((await instanceRow(db.sql, db.instanceId)).deleted_at, null);
});

const OPEN_REPAIR =
  "insert into public.ghost_repairs (instance_id) select id from public.whatsapp_instances";

/** A QR on show. */
async function shown(db: CompanyDatabase): Promise<void> {
  await setState(db, DISCONNECTED);
  await recordConnect(db, tokenOf(await ask(db, "request_qr_code")), "qr");
}

quickTest("a QR is shown for 45 seconds; then a page may ask for a fresh one", async (db) => {
  await shown(db);
  await pass(db.sql, 44);
  assert.partialDeepStrictEqual((await ask(db, "request_qr_code"))["qr"], { code: "2@x" });
  assert.deepEqual(await ask(db, "begin_reconnect"), { result: "qr_pending" });
  await pass(db.sql, 2);
  await recordConnect(db, tokenOf(await ask(db, "request_qr_code")), "qr");
  assert.partialDeepStrictEqual((await ask(db, "request_qr_code"))["qr"], { code: "2@x" });
});

quickTest("an open page connects nothing that is by hand or being repaired", async (db) => {
  await setState(db, `${DISCONNECTED}, manual_disconnect = true`);
  assert.equal((await ask(db, "request_qr_code"))["reason"], "manual_disconnect");
  await setState(db, "manual_disconnect = false");
  await db.sql.unsafe(OPEN_REPAIR);
  assert.equal((await ask(db, "request_qr_code"))["reason"], "repairing");
  assert.equal((await ask(db, "begin_reconnect"))["result"], "repair_in_progress");
});

quickTest("who found no QR to show keeps the gateway unasked for 20 seconds", async (db) => {
  await setState(db, DISCONNECTED);
  await recordConnect(db, tokenOf(await ask(db, "request_qr_code")), "unknown");
  await pass(db.sql, 19);
  assert.equal((await ask(db, "request_qr_code"))["reason"], "asking");
  await pass(db.sql, 2);
  tokenOf(await ask(db, "request_qr_code"));
});

quickTest("a connect of which nothing is heard is another's after 40 seconds", async (db) => {
  await setState(db, DISCONNECTED);
  tokenOf(await ask(db, "begin_reconnect"));
  await pass(db.sql, 39);
  assert.deepEqual(await ask(db, "begin_reconnect"), { result: "reconnect_in_progress" });
  await pass(db.sql, 2);
  tokenOf(await ask(db, "begin_reconnect"));
});

quickTest("the first click on disconnect logs out, the second does not", async (db) => {
  assert.equal((await ask(db, "begin_disconnect"))["logout"], true);
  assert.equal((await ask(db, "begin_disconnect"))["logout"], false);
});

quickTest("a number is deleted by its own name alone", async (db) => {
  assert.deepEqual(await ask(db, "begin_delete", "outro"), { result: "confirmation_mismatch" });
});

quickTest("who deletes a number does not wait for whoever connects it", async (db) => {
  await setState(db, DISCONNECTED);
  const connecting = tokenOf(await ask(db, "begin_reconnect"));
  tokenOf(await ask(db, "begin_delete", db.company.instanceName));
  await recordConnect(db, connecting, "open");
  assert.equal((await instanceRow(db.sql, db.instanceId)).status, "disconnected");
});
