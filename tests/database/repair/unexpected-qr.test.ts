import assert from "node:assert/strict";
import { type CompanyDatabase, only } from "../../support/database.ts";
import {
  beginStep,
  eventKinds,
  events,
  instanceRow,
  leaseRepairs,
  pass,
  recordStep,
} from "../../support/repair-calls.ts";
import { at, connection, qrCode } from "../../support/webhook-calls.ts";
import { quickTest } from "../../support/quick-test.ts";

const status = async (db: CompanyDatabase) => (await instanceRow(db.sql, db.instanceId)).status;

quickTest("over a session that nobody ended the ladder looks before anybody scans", async (db) => {
  await connection(db.sql, db.instanceId, "open", at(0));
  await qrCode(db.sql, db.instanceId, "2@x", at(1));
  assert.equal(await status(db), "connected");
  assert.deepEqual((await events(db.sql, db.instanceId)).at(-1), {
    kind: "suspected",
    detail: { reason: "unexpected_qr_code" },
  });
  // The next codes change nothing.
  await qrCode(db.sql, db.instanceId, "2@y", at(2));
  const wait = { next: "wait", reason: "unexpected_qr_code", socket_dead: true };
  await recordStep(db.sql, await only(leaseRepairs(db.sql)), wait);
  await pass(db.sql, 259);
  await connection(db.sql, db.instanceId, "open", at(6));
  await recordStep(db.sql, await only(leaseRepairs(db.sql)), { next: "healed" });
  assert.equal(await status(db), "connected");
  assert.ok(!(await eventKinds(db.sql, db.instanceId)).includes("qr_required"));
});

quickTest("a code right after a look that found it alive is looked at again", async (db) => {
  await connection(db.sql, db.instanceId, "open", at(0));
  for (const second of [1, 2]) {
    await qrCode(db.sql, db.instanceId, `2@${second}`, at(second));
    assert.equal(await status(db), "connected");
    await recordStep(db.sql, await only(leaseRepairs(db.sql)), { next: "healed" });
  }
  // The last one made a call, whose answer the code may be.
  await db.sql`update public.ghost_repairs set connect_called_at = ghost_repair.now()`;
  await qrCode(db.sql, db.instanceId, "2@3", at(3));
  assert.equal(await status(db), "awaiting_qr");
});

for (const [outcome, shown] of [["healed", "connected"], ["obsolete", "awaiting_qr"]]) {
  quickTest(`a code after a call of a repair that is ${outcome}: ${shown}`, async (db) => {
    await connection(db.sql, db.instanceId, "open", at(0));
    await qrCode(db.sql, db.instanceId, "2@1", at(1));
    await recordStep(db.sql, await only(leaseRepairs(db.sql)), { next: "healed" });
    await db.sql`update public.ghost_repairs set
      outcome = ${outcome!}, connect_called_at = ghost_repair.now()`;
    await qrCode(db.sql, db.instanceId, "2@2", at(2));
    assert.equal(await status(db), shown);
  });
}

quickTest("where the ladder found the pairing gone the next code is shown", async (db) => {
  await qrCode(db.sql, db.instanceId, "2@x", at(1));
  await recordStep(db.sql, await only(leaseRepairs(db.sql)), { next: "invalidated" });
  assert.equal(await status(db), "disconnected");
  await qrCode(db.sql, db.instanceId, "2@y", at(2));
  assert.equal(await status(db), "awaiting_qr");
});

quickTest("a code under a repair waits for its next look, which comes at once", async (db) => {
  await db.sql`select ghost_repair.mark_disconnected(${db.instanceId}, '{}'),
    ghost_repair.open_ghost_repair(${db.instanceId}, '{}', false, '10 minutes')`;
  await qrCode(db.sql, db.instanceId, "2@x", at(1));
  assert.equal(await status(db), "disconnected");
  assert.equal((await leaseRepairs(db.sql)).length, 1);
});

for (const step of ["connect", "restart", "logout"]) {
  quickTest(`after a ${step} of ours the code is its answer, and is shown`, async (db) => {
    await db.sql`select ghost_repair.mark_disconnected(${db.instanceId}, '{}'),
      ghost_repair.open_ghost_repair(${db.instanceId}, '{}')`;
    await db.sql`update public.whatsapp_instances set last_disconnected_at = null`;
    assert.equal(await beginStep(db.sql, await only(leaseRepairs(db.sql)), step), true);
    await qrCode(db.sql, db.instanceId, "2@x", at(1));
    assert.equal(await status(db), "awaiting_qr");
  });
}

quickTest("what is away shows its code at once, also where repairs are off", async (db) => {
  await db.sql`update public.whatsapp_instances set status = 'disconnected'`;
  await qrCode(db.sql, db.instanceId, "2@x", at(1));
  assert.equal(await status(db), "awaiting_qr");
  await db.sql`update public.whatsapp_instances set status = 'connected'`;
  await db.sql`update ghost_repair.settings set enabled = false`;
  await qrCode(db.sql, db.instanceId, "2@y", at(2));
  assert.equal(await status(db), "awaiting_qr");
});
