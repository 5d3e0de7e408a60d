import assert from "node:assert/strict";
import { type CompanyDatabase, companyTest } from "../support/database.ts";
import {
  type Answer,
  ask,
  DISCONNECTED,
  recordConnect,
  setState,
  tell,
  tokenOf,
} from "../support/instance-calls.ts";
import { claim, claimed, confirm, instanceRow, pass } from "../support/repair-calls.ts";
import { at, connection, qrCode } from "../support/webhook-calls.ts";
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
    ["its claim has ended", (db) => pass(db.sql, 61)],
    ["a repair was opened", (db) =>
      db.sql`
      insert into public.ghost_repairs (instance_id) values (${db.instanceId})`],
  ] as readonly (readonly [string, (db: CompanyDatabase) => PromiseLike<unknown>])[]
) {
  companyTest(`what a connect found is not written where ${what}`, async (db) => {
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
  assert.equal(await end(first), true, "gone is gone, whoever did it");
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

quickTest("an open page connects neither what is by hand nor under repair", async (db) => {
  await setState(db, `${DISCONNECTED}, manual_disconnect = true`);
  assert.equal((await ask(db, "request_qr_code"))["reason"], "manual_disconnect");
  await setState(db, "manual_disconnect = false");
  await db.sql.unsafe(OPEN_REPAIR);
  assert.equal((await ask(db, "request_qr_code"))["reason"], "repairing");
  assert.equal((await ask(db, "begin_reconnect"))["result"], "repair_in_progress");
});

quickTest("nor is a gateway that is away asked again at once by hand", async (db) => {
  await setState(db, DISCONNECTED);
  await recordConnect(db, tokenOf(await ask(db, "begin_reconnect")), "unknown");
  await pass(db.sql, 29);
  assert.deepEqual(await ask(db, "begin_reconnect"), { result: "reconnect_in_progress" });
  await pass(db.sql, 2);
  tokenOf(await ask(db, "begin_reconnect"));
});

quickTest("a connect of which nothing is heard is another's after a minute", async (db) => {
  await setState(db, DISCONNECTED);
  tokenOf(await ask(db, "begin_reconnect"));
  await pass(db.sql, 59);
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

companyTest("of twenty pages at once one may ask, and for 30 seconds no other", async (db) => {
  await setState(db, DISCONNECTED);
  const all = () => Promise.all(Array.from({ length: 20 }, () => ask(db, "request_qr_code")));
  const claims = (answers: readonly Answer[]) =>
    answers.filter((answer) => answer["result"] === "claimed");
  const [first] = claims(await all());
  // Also where a QR was found, and went at once: the gateway stopped making codes.
  await recordConnect(db, tokenOf(first!), "qr");
  for (const [wait, granted] of [[0, 0], [20, 0], [11, 1]] as const) {
    await pass(db.sql, wait);
    await db.sql`delete from private.instance_qr_codes`;
    const answers = await all();
    assert.equal(claims(answers).length, granted, `after ${wait} s`);
    const waits = answers.map((answer) => Number(answer["retry_after_seconds"] ?? 1));
    assert.ok(waits.every((seconds) => seconds >= 1 && seconds <= 3), waits.join());
  }
});

quickTest("a code that the gateway repeats is shown for 15 seconds more", async (db) => {
  await shown(db);
  await pass(db.sql, 46);
  const again = await ask(db, "request_qr_code");
  assert.equal(again["shown"], "2@x");
  await recordConnect(db, tokenOf(again), "qr");
  await pass(db.sql, 14);
  assert.ok((await ask(db, "request_qr_code"))["qr"]);
  await pass(db.sql, 2);
  assert.equal((await ask(db, "request_qr_code"))["qr"] ?? null, null);
});

companyTest("a code that comes twice at once is not shown for shorter", async (db) => {
  await shown(db);
  await qrCode(db.sql, db.instanceId, "2@x", at(1));
  await pass(db.sql, 40);
  assert.ok((await ask(db, "request_qr_code"))["qr"]);
});

quickTest("what a connect found before an open report is not written after it", async (db) => {
  await setState(db, DISCONNECTED);
  const { token, epoch } = await ask(db, "begin_reconnect");
  await connection(db.sql, db.instanceId, "open", at(1));
  await connection(db.sql, db.instanceId, "close", at(2));
  const before = await instanceRow(db.sql, db.instanceId);
  const found = await tell(
    db.sql,
    `public.record_connect($1, $2, 'user', '{"result": "registry_open"}', $3)`,
    [db.instanceId, String(token), String(epoch)],
  );
  assert.equal(found["recorded"], false);
  assert.deepEqual(await instanceRow(db.sql, db.instanceId), before);
});
