import assert from "node:assert/strict";
import { companyTest } from "../support/database.ts";
import { claimed, events, finish, instanceRow, reportOpen } from "../support/repair-calls.ts";

const DEAD = { result: "dead", probes: ["timeout"] };

companyTest("a session that is still dead may be logged out; asking writes nothing", async (db) => {
  const { token } = await claimed(db.sql, db.instanceId);
  const before = [await instanceRow(db.sql, db.instanceId), await events(db.sql, db.instanceId)];
  assert.equal(await finish(db.sql, db.instanceId, token, DEAD), "go");
  assert.deepEqual(
    [await instanceRow(db.sql, db.instanceId), await events(db.sql, db.instanceId)],
    before,
  );
  assert.equal(await finish(db.sql, db.instanceId, token, { logout: "socket_dead" }), "marked");
});

companyTest(
  "a session reported open since the claim is a false alarm, and the claim is released",
  async (db) => {
    const { token } = await claimed(db.sql, db.instanceId);
    await reportOpen(db.sql, db.instanceId);
    const before = await instanceRow(db.sql, db.instanceId);
    assert.equal(await finish(db.sql, db.instanceId, token, DEAD), "reconnected");
    assert.deepEqual(await instanceRow(db.sql, db.instanceId), before);
    assert.deepEqual((await events(db.sql, db.instanceId)).at(-1), {
      kind: "false_alarm",
      detail: { ...DEAD, reason: "reconnected" },
    });
    await claimed(db.sql, db.instanceId);
  },
);

for (const reason of ["awaiting_qr", "manual_disconnect"] as const) {
  companyTest(`${reason} since the claim: no logout, and the claim is released`, async (db) => {
    const { token } = await claimed(db.sql, db.instanceId);
    await (reason === "awaiting_qr"
      ? db.sql`update public.whatsapp_instances set status = 'awaiting_qr'`
      : db.sql`update public.whatsapp_instances set manual_disconnect = true`);
    assert.equal(await finish(db.sql, db.instanceId, token, DEAD), reason);
    assert.deepEqual((await events(db.sql, db.instanceId)).at(-1), {
      kind: "repair_skipped",
      detail: { ...DEAD, reason },
    });
    assert.deepEqual([...await db.sql`select * from private.ghost_repair_claims`], []);
  });
}

companyTest("whoever lost the claim, or has finished it, may not log out", async (db) => {
  const { token } = await claimed(db.sql, db.instanceId);
  assert.equal(await finish(db.sql, db.instanceId, crypto.randomUUID(), DEAD), "stale");
  await finish(db.sql, db.instanceId, token, { logout: "socket_dead" });
  assert.equal(await finish(db.sql, db.instanceId, token, DEAD), "stale");
  const [claim] = await db.sql`select finished_at from private.ghost_repair_claims`;
  assert.notEqual(claim?.["finished_at"], null);
});
