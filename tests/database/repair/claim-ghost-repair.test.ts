import assert from "node:assert/strict";
import { only } from "../../support/database.ts";
import {
  claim,
  claimed,
  eventKinds,
  events,
  instanceRow,
  pass,
} from "../../support/repair-calls.ts";
import { quickTest } from "../../support/quick-test.ts";

quickTest("a granted claim is a token and the epoch it was given in, and no more", async (db) => {
  const answer = await claim(db.sql, db.instanceId);
  assert.deepEqual(Object.keys(answer), ["claimed", "reason", "token", "connection_epoch"]);
  const { token, ...rest } = answer;
  assert.match(String(token), /^[0-9a-f-]{36}$/);
  assert.deepEqual(rest, { claimed: true, reason: null, connection_epoch: "1" });
  assert.deepEqual(await eventKinds(db.sql, db.instanceId), ["connection_closed"]);
  assert.equal((await instanceRow(db.sql, db.instanceId)).status, "connected");
});

const REFUSALS: readonly (readonly [reason: string, state: string])[] = [
  ["manual_disconnect", "manual_disconnect = true"],
  ["awaiting_qr", "status = 'awaiting_qr'"],
  ["recently_disconnected", "last_disconnected_at = ghost_repair.now() - interval '119 seconds'"],
  // What no window ends comes first.
  ["manual_disconnect", "manual_disconnect = true, last_disconnected_at = ghost_repair.now()"],
  ["awaiting_qr", "status = 'awaiting_qr', last_disconnected_at = ghost_repair.now()"],
];

for (const [reason, state] of REFUSALS) {
  quickTest(`a claim is refused as ${reason} where ${state}`, async (db) => {
    await db.sql`update public.whatsapp_instances set ${db.sql.unsafe(state)}`;
    const before = await instanceRow(db.sql, db.instanceId);
    assert.deepEqual({ ...await claim(db.sql, db.instanceId) }, {
      claimed: false,
      reason,
      token: null,
      connection_epoch: "1",
    });
    assert.deepEqual(await instanceRow(db.sql, db.instanceId), before);
    assert.deepEqual(await events(db.sql, db.instanceId), [
      { kind: "repair_skipped", detail: { reason } },
    ]);
    assert.equal((await db.sql`select from ghost_repair.claims`).length, 0);
  });
}

quickTest("a claim for an instance that is not there says so and writes nothing", async (db) => {
  assert.deepEqual({ ...await claim(db.sql, crypto.randomUUID()) }, {
    claimed: false,
    reason: "not_found",
    token: null,
    connection_epoch: null,
  });
  assert.equal((await db.sql`select from public.instance_events`).length, 0);
});

quickTest("a second claim waits for the window and the grace of the first", async (db) => {
  const first = await claimed(db.sql, db.instanceId);
  await pass(db.sql, 149);
  assert.equal((await claim(db.sql, db.instanceId)).reason, "repair_in_flight");
  await pass(db.sql, 2);
  const second = await claimed(db.sql, db.instanceId);
  assert.notEqual(second.token, first.token);
});

quickTest("the window is a setting: shorter and longer hold from the next claim on", async (db) => {
  const setWindow = (window: string) =>
    db.sql`update ghost_repair.settings set repair_window = ${window}::interval`;
  await db.sql`update public.whatsapp_instances set
  last_disconnected_at = ghost_repair.now() - interval '11 seconds'`;
  await setWindow("10 minutes");
  assert.equal((await claim(db.sql, db.instanceId)).reason, "recently_disconnected");
  await setWindow("10 seconds");
  await claimed(db.sql, db.instanceId);
  const { seconds } = await only(db.sql<{ seconds: number }[]>`
  select extract(epoch from expires_at - claimed_at)::int as seconds
  from ghost_repair.claims`);
  assert.equal(seconds, 40);
});

quickTest("a window of nothing and a second row of settings are refused", async (db) => {
  const refused = (statement: string, code: string) =>
    assert.rejects(db.sql.begin((sql) => sql.unsafe(statement)), { code });
  await refused("update ghost_repair.settings set repair_window = '0'", "23514");
  await refused("insert into ghost_repair.settings (only_row) values (true)", "23505");
  await refused("insert into ghost_repair.settings (only_row) values (false)", "23514");
});

quickTest("switched off, a claim is refused and marks the row disconnected", async (db) => {
  await db.sql`update ghost_repair.settings set enabled = false`;
  assert.deepEqual({ ...await claim(db.sql, db.instanceId) }, {
    claimed: false,
    reason: "disabled",
    token: null,
    connection_epoch: "1",
  });
  const row = await instanceRow(db.sql, db.instanceId);
  assert.equal(row.status, "disconnected");
  assert.ok(row.disconnected_since && row.last_disconnected_at);
  assert.deepEqual(await events(db.sql, db.instanceId), [
    { kind: "repair_skipped", detail: { reason: "disabled" } },
    { kind: "marked_disconnected", detail: { repair: "disabled" } },
  ]);
});

for (const state of ["manual_disconnect = true", "status = 'awaiting_qr'"]) {
  quickTest(`switched off, a row with ${state} stays as it is`, async (db) => {
    await db.sql`update ghost_repair.settings set enabled = false`;
    await db.sql`update public.whatsapp_instances set ${db.sql.unsafe(state)}`;
    const before = await instanceRow(db.sql, db.instanceId);
    assert.equal((await claim(db.sql, db.instanceId)).claimed, false);
    assert.deepEqual(await instanceRow(db.sql, db.instanceId), before);
  });
}
