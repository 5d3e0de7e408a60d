import assert from "node:assert/strict";
import { companyTest } from "../../support/database.ts";
import { setState } from "../../support/instance-calls.ts";
import { at, connection, qrCode } from "../../support/webhook-calls.ts";
import { eventKinds, instanceRow } from "../../support/repair-calls.ts";
import { quickTest } from "../../support/quick-test.ts";

const CHECK_VIOLATION = "23514";
const BY_HAND = "status = 'disconnected', manual_disconnect = true, disconnected_since = now()";

/** What contradicts itself, from where it is tried. */
const CONTRADICTIONS = [
  ["connected though disconnected by hand", BY_HAND, "status = 'connected'"],
  ["connecting though disconnected by hand", BY_HAND, "status = 'connecting'"],
  ["waiting for a scan though disconnected by hand", BY_HAND, "status = 'awaiting_qr'"],
  ["connected and away since a time", "status = 'connected'", "disconnected_since = now()"],
  ["connected with attempts to reconnect", "status = 'connected'", "reconnect_attempts_count = 1"],
  ["fewer attempts than none", "status = 'disconnected'", "reconnect_attempts_count = -1"],
] as const;

for (const [what, from, to] of CONTRADICTIONS) {
  companyTest(`a number cannot be written: ${what}`, async (db) => {
    await setState(db, from);
    const before = await instanceRow(db.sql, db.instanceId);
    await assert.rejects(async () => await setState(db, to), { code: CHECK_VIOLATION });
    assert.deepEqual(await instanceRow(db.sql, db.instanceId), before);
  });
}

companyTest("nor can it be made so", async (db) => {
  const { organizationId } = db.company;
  await assert.rejects(
    async () =>
      await db.sql`insert into public.whatsapp_instances
        (organization_id, instance_name, status, manual_disconnect)
        values (${organizationId}, 'x', 'connected', true)`,
    { code: CHECK_VIOLATION },
  );
});

quickTest("who writes that it is by hand alone disconnects it, since now", async (db) => {
  await setState(db, "manual_disconnect = true");
  const row = await instanceRow(db.sql, db.instanceId);
  assert.equal(row.status, "disconnected");
  assert.ok(row.disconnected_since);
});

quickTest("who writes that it is connected alone ends the time that it was away", async (db) => {
  await setState(
    db,
    "status = 'disconnected', disconnected_since = now(), reconnect_attempts_count = 3",
  );
  await setState(db, "status = 'connected'");
  assert.partialDeepStrictEqual({ ...await instanceRow(db.sql, db.instanceId) }, {
    disconnected_since: null,
    reconnect_attempts_count: 0,
  });
});

companyTest("by hand, whoever knows that the socket lives leaves the row as it is", async (db) => {
  await setState(db, BY_HAND);
  await db.sql`select ghost_repair.write_connected(${db.instanceId})`;
  assert.equal((await instanceRow(db.sql, db.instanceId)).status, "disconnected");
});

for (const state of ["open", "close", "connecting", "refused"]) {
  quickTest(`by hand, a report that it is ${state} leaves the row as it is`, async (db) => {
    await setState(db, BY_HAND);
    await connection(db.sql, db.instanceId, state, at(1));
    await qrCode(db.sql, db.instanceId, "2@x", at(2));
    assert.partialDeepStrictEqual({ ...await instanceRow(db.sql, db.instanceId) }, {
      status: "disconnected",
      manual_disconnect: true,
    });
    // A session that is open against a person's wish is told of; a QR is for nobody.
    const told = state === "open" ? ["logout_owed"] : [];
    assert.deepEqual(await eventKinds(db.sql, db.instanceId), told);
    assert.deepEqual([...await db.sql`select from private.instance_qr_codes`], []);
  });
}
