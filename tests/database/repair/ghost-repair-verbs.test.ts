import assert from "node:assert/strict";
import { addInstances, type CompanyDatabase, companyTest } from "../../support/database.ts";
import { setState } from "../../support/instance-calls.ts";
import {
  claim,
  claimed,
  confirm,
  eventKinds,
  events,
  instanceRow,
  pass,
  recordLogout,
  release,
  reportOpen,
  verify,
} from "../../support/repair-calls.ts";
import { quickTest } from "../../support/quick-test.ts";

/** What must not move where only an event is allowed. */
async function everythingButEvents(db: CompanyDatabase) {
  return {
    instance: await instanceRow(db.sql, db.instanceId),
    claims: [...await db.sql`select * from ghost_repair.claims`],
  };
}

for (const since of [null, new Date("2026-01-01T00:00:00Z")]) {
  quickTest(
    `a logout marks the row, that was away since ${since?.toJSON() ?? "never"}`,
    async (db) => {
      const { token } = await claimed(db.sql, db.instanceId);
      if (since !== null) {
        await setState(db, `status = 'disconnected', disconnected_since = '${since.toJSON()}'`);
      }
      const outcome = { logout: { outcome: "socket_dead", http_status: 500 } };
      assert.equal(await recordLogout(db.sql, db.instanceId, token, outcome), "marked");
      const row = await instanceRow(db.sql, db.instanceId);
      assert.deepEqual([row.status, row.connection_epoch], ["disconnected", "1"]);
      assert.ok(row.last_disconnected_at > new Date("2026-01-01T00:00:00Z"));
      assert.deepEqual(row.disconnected_since, since ?? row.last_disconnected_at);
      assert.deepEqual((await events(db.sql, db.instanceId))[1], {
        kind: "logout",
        detail: outcome,
      });
      assert.equal((await eventKinds(db.sql, db.instanceId)).at(-1), "marked_disconnected");
    },
  );
}

quickTest("a false alarm releases the claim and leaves the row alone", async (db) => {
  const before = await instanceRow(db.sql, db.instanceId);
  const { token } = await claimed(db.sql, db.instanceId);
  assert.equal(await release(db.sql, db.instanceId, token), "released");
  // Its probe was answered.
  const { last_alive_at, updated_at: _, ...rest } = await instanceRow(db.sql, db.instanceId);
  assert.ok(last_alive_at instanceof Date);
  assert.partialDeepStrictEqual(before, { ...rest });
  assert.deepEqual((await events(db.sql, db.instanceId)).at(-1), {
    kind: "false_alarm",
    detail: { probes: ["alive"] },
  });
  await claimed(db.sql, db.instanceId);
});

quickTest("each report of an open session asks for one more probe", async (db) => {
  const { token } = await claimed(db.sql, db.instanceId);
  for (const _report of [1, 2]) {
    await reportOpen(db.sql, db.instanceId);
    assert.equal(await confirm(db.sql, db.instanceId, token), "probe_again");
    assert.equal(await confirm(db.sql, db.instanceId, token), "go");
  }
  assert.equal(await recordLogout(db.sql, db.instanceId, token), "marked");
});

quickTest("a claimer that took too long does not log out any more", async (db) => {
  const { token } = await claimed(db.sql, db.instanceId);
  await pass(db.sql, 29);
  assert.equal(await confirm(db.sql, db.instanceId, token), "go");
  await pass(db.sql, 2);
  assert.equal(await confirm(db.sql, db.instanceId, token), "late");
  const outcome = { logout: "not_called" };
  assert.equal(await recordLogout(db.sql, db.instanceId, token, outcome), "marked");
});

for (
  const [reason, change] of [
    ["awaiting_qr", "update public.whatsapp_instances set status = 'awaiting_qr'"],
    ["manual_disconnect", "update public.whatsapp_instances set manual_disconnect = true"],
    [
      "repair_in_flight",
      `insert into public.ghost_repairs (instance_id) select id from public.whatsapp_instances;
       select public.lease_due_repairs(1)`,
    ],
  ] as const
) {
  quickTest(`${reason} since the claim: no logout, and the claim is released`, async (db) => {
    const { token } = await claimed(db.sql, db.instanceId);
    await db.sql.unsafe(change).simple();
    assert.equal(await confirm(db.sql, db.instanceId, token), reason);
    assert.deepEqual((await events(db.sql, db.instanceId)).at(-1), {
      kind: "repair_skipped",
      detail: { reason, probes: ["timeout"] },
    });
    assert.deepEqual([...await db.sql`select * from ghost_repair.claims`], []);
  });
}

quickTest("reported open during the logout: the registry, read again, marks it", async (db) => {
  const { token } = await claimed(db.sql, db.instanceId);
  await reportOpen(db.sql, db.instanceId);
  assert.equal(await recordLogout(db.sql, db.instanceId, token), "reconnected");
  assert.equal((await instanceRow(db.sql, db.instanceId)).status, "connected");
  await verify(db.sql, db.instanceId, token, { outcome: "invalidated", registry: "close" });
  assert.equal((await instanceRow(db.sql, db.instanceId)).status, "disconnected");
});

quickTest("reported open, and the registry says so too: the ladder's probe tells", async (db) => {
  const { token } = await claimed(db.sql, db.instanceId);
  await reportOpen(db.sql, db.instanceId);
  await recordLogout(db.sql, db.instanceId, token);
  await verify(db.sql, db.instanceId, token, { outcome: "not_invalidated", registry: "open" });
  assert.equal((await instanceRow(db.sql, db.instanceId)).status, "connected");
  const open = await db.sql`select * from public.ghost_repairs where closed_at is null`;
  assert.equal(open.length, 1);
});

quickTest("with a stale token a report is an event, told as such, and no more", async (db) => {
  const { token: stale } = await claimed(db.sql, db.instanceId);
  await pass(db.sql, 151);
  await claimed(db.sql, db.instanceId);
  const before = await everythingButEvents(db);
  assert.equal(await recordLogout(db.sql, db.instanceId, stale, { logout: "accepted" }), "stale");
  assert.equal(await verify(db.sql, db.instanceId, stale, { outcome: "invalidated" }), "stale");
  assert.equal(await release(db.sql, db.instanceId, stale), "stale");
  assert.equal(await confirm(db.sql, db.instanceId, stale), "stale");
  assert.deepEqual(await everythingButEvents(db), before);
  assert.deepEqual((await events(db.sql, db.instanceId)).slice(-3), [
    { kind: "logout", detail: { logout: "accepted", stale: true } },
    { kind: "verified", detail: { verified: { outcome: "invalidated" }, stale: true } },
    { kind: "repair_skipped", detail: { reason: "stale", probes: ["timeout"] } },
  ]);
  assert.equal((await claim(db.sql, db.instanceId)).reason, "repair_in_flight");
});

quickTest("reported open since the claim it is not marked, the claim stays", async (db) => {
  const { token } = await claimed(db.sql, db.instanceId);
  await reportOpen(db.sql, db.instanceId);
  const before = await everythingButEvents(db);
  assert.equal(await recordLogout(db.sql, db.instanceId, token), "reconnected");
  assert.deepEqual(await everythingButEvents(db), before);
  assert.equal(before.instance.connection_epoch, "2");
  assert.deepEqual((await eventKinds(db.sql, db.instanceId)).slice(-2), ["connected", "logout"]);
  assert.equal((await claim(db.sql, db.instanceId)).reason, "repair_in_flight");
});

quickTest("any statement that says connected is a report, whoever writes it", async (db) => {
  const { token } = await claimed(db.sql, db.instanceId);
  await db.sql`update public.whatsapp_instances set status = 'connected'`;
  assert.equal(await recordLogout(db.sql, db.instanceId, token), "reconnected");
  assert.equal((await instanceRow(db.sql, db.instanceId)).status, "connected");
});

quickTest("a row written back from an older read cannot turn the epoch back", async (db) => {
  const old = await instanceRow(db.sql, db.instanceId);
  await reportOpen(db.sql, db.instanceId);
  const { token, connection_epoch } = await claimed(db.sql, db.instanceId);
  assert.equal(connection_epoch, "2");
  await db.sql`update public.whatsapp_instances set
  status = 'connected', connection_epoch = ${old.connection_epoch}`;
  await db.sql`update public.whatsapp_instances set status = 'connected'`;
  assert.equal((await instanceRow(db.sql, db.instanceId)).connection_epoch, "4");
  assert.equal(await recordLogout(db.sql, db.instanceId, token), "reconnected");
});

quickTest("a session that waits for its QR by now is left waiting", async (db) => {
  const { token } = await claimed(db.sql, db.instanceId);
  await db
    .sql`select public.apply_qr_code(${db.instanceId}, '{"code": "2@x"}', ghost_repair.now())`;
  assert.equal(await recordLogout(db.sql, db.instanceId, token), "reconnected");
  assert.equal((await instanceRow(db.sql, db.instanceId)).status, "awaiting_qr");
});

companyTest("an instance that was deleted meanwhile is not found", async (db) => {
  const { token } = await claimed(db.sql, db.instanceId);
  await db.sql`delete from public.whatsapp_instances`;
  assert.equal(await recordLogout(db.sql, db.instanceId, token), "not_found");
});

quickTest("nothing that happens to a number clears its last disconnection", async (db) => {
  const { token } = await claimed(db.sql, db.instanceId);
  await recordLogout(db.sql, db.instanceId, token);
  await verify(db.sql, db.instanceId, token, { outcome: "invalidated" });
  const { last_disconnected_at: marked } = await instanceRow(db.sql, db.instanceId);
  const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute));
  const states = ["connecting", "open", "connecting", "refused", "open", "close"];
  for (const [minute, state] of states.entries()) {
    await db.sql`select public.apply_connection_event(${db.instanceId}, ${state}, ${at(minute)})`;
    const { last_disconnected_at } = await instanceRow(db.sql, db.instanceId);
    assert.ok(last_disconnected_at >= marked, `after ${state}`);
  }
  for (const result of ["no_qr_yet", "qr", "open"]) {
    await db.sql`update public.whatsapp_instances set status = 'disconnected'`;
    const [lease] = await db.sql`select * from public.lease_due_reconnects(1)`;
    assert.equal(lease?.instance_id, db.instanceId);
    await db.sql`select public.record_connect(${db.instanceId}, ${lease?.token}, 'tick',
      ${db.sql.json({ result, qr: { code: "2@x" } })})`;
    const { last_disconnected_at } = await instanceRow(db.sql, db.instanceId);
    assert.ok(last_disconnected_at >= marked, `after ${result}`);
  }
});

/** Some of a gateway's numbers, claimed one after another; what each is told right before its logout. */
async function askTogether(db: CompanyDatabase, failing: number, all: number): Promise<string[]> {
  const ids = await addInstances(db.sql, db.company, all);
  const claims: { readonly id: string; readonly token: string }[] = [];
  for (const id of ids.slice(0, failing)) {
    claims.push({ id, token: (await claimed(db.sql, id)).token });
  }
  const answers: string[] = [];
  for (const { id, token } of claims) answers.push(await confirm(db.sql, id, token));
  return answers;
}

quickTest("numbers that fail with their gateway are not logged out, nor the first", async (db) => {
  assert.deepEqual(await askTogether(db, 3, 4), ["outage", "outage", "outage"]);
});

quickTest("a repair in an outage goes on without its logout", async (db) => {
  const ids = await addInstances(db.sql, db.company, 2);
  for (const id of ids) await claimed(db.sql, id);
  const { token } = await claimed(db.sql, db.instanceId);
  assert.equal(await confirm(db.sql, db.instanceId, token), "outage");
  const outcome = { logout: "not_called" };
  assert.equal(await recordLogout(db.sql, db.instanceId, token, outcome), "marked");
  const [repair] = await db.sql`
    select state, logout_called_at from public.ghost_repairs where instance_id = ${db.instanceId}`;
  assert.deepEqual({ ...repair }, { state: "open", logout_called_at: null });
});
