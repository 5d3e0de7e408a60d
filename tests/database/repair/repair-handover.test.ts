import assert from "node:assert/strict";
import type postgres from "postgres";
import { type CompanyDatabase, companyTest, only } from "../../support/database.ts";
import { lease } from "../../support/reconnect-calls.ts";
import {
  claim,
  claimed,
  eventKinds,
  instanceRow,
  pass,
  recordLogout,
  release,
  verify,
} from "../../support/repair-calls.ts";
import { quickTest } from "../../support/quick-test.ts";

/** The repair of the company's number. */
function repair(db: CompanyDatabase): Promise<postgres.Row> {
  return only(db.sql`
    select state, outcome, evidence, organization_id, logout_called_at is not null as logout_called,
      round(extract(epoch from next_step_at - ghost_repair.now()))::int as seconds
    from public.ghost_repairs where instance_id = ${db.instanceId}`);
}

/** Claimed, logged out, marked. */
async function marked(db: CompanyDatabase, logout = "socket_dead"): Promise<string> {
  const { token } = await claimed(db.sql, db.instanceId);
  assert.equal(await recordLogout(db.sql, db.instanceId, token, { logout }), "marked");
  return token;
}

for (const [logout, called] of [["socket_dead", true], ["not_called", false]] as const) {
  quickTest(`a marked number is the ladder's in half a minute: ${logout}`, async (db) => {
    await marked(db, logout);
    assert.deepEqual({ ...await repair(db) }, {
      state: "open",
      outcome: null,
      evidence: { logout },
      organization_id: db.company.organizationId,
      logout_called: called,
      seconds: 30,
    });
    assert.deepEqual(await lease(db.sql), [], "auto-reconnect keeps away");
  });
}

quickTest("the registry says close: auto-reconnect takes over", async (db) => {
  const token = await marked(db, "accepted");
  await verify(db.sql, db.instanceId, token, { outcome: "invalidated" });
  const { state, outcome } = await repair(db);
  assert.deepEqual({ state, outcome }, { state: "closed", outcome: "invalidated" });
  assert.equal((await lease(db.sql)).length, 1);
});

for (const outcome of ["not_invalidated", "unknown"]) {
  quickTest(`the registry was read as ${outcome}: the ladder goes on now`, async (db) => {
    const token = await marked(db);
    await verify(db.sql, db.instanceId, token, { outcome });
    const { state, seconds, logout_called } = await repair(db);
    assert.deepEqual({ state, seconds, logout_called }, {
      state: "open",
      seconds: 0,
      logout_called: true,
    });
    assert.deepEqual(await lease(db.sql), []);
  });
}

for (
  const [state, outcome] of [
    ["manual_disconnect = true", "manual"],
    ["status = 'awaiting_qr'", "awaiting_qr"],
  ] as const
) {
  quickTest(`${state} ends the repair, whoever writes it and whatever is read then`, async (db) => {
    const token = await marked(db);
    await db.sql`update public.whatsapp_instances set ${db.sql.unsafe(state)}`;
    assert.equal((await repair(db)).outcome, outcome);
    assert.notEqual((await instanceRow(db.sql, db.instanceId)).status, "connected");
    await verify(db.sql, db.instanceId, token, { outcome: "not_invalidated" });
    const open = await db.sql`select from public.ghost_repairs where closed_at is null`;
    assert.equal(open.length, 0);
  });
}

quickTest("a false alarm and a session that came back open no repair", async (db) => {
  const first = await claimed(db.sql, db.instanceId);
  await release(db.sql, db.instanceId, first.token);
  const second = await claimed(db.sql, db.instanceId);
  await db.sql`update public.whatsapp_instances set status = 'connected'`;
  assert.equal(await recordLogout(db.sql, db.instanceId, second.token), "reconnected");
  assert.equal((await db.sql`select from public.ghost_repairs`).length, 0);
});

quickTest("no claim is granted while the ladder is advanced", async (db) => {
  await marked(db);
  await db.sql`update public.ghost_repairs set next_step_at = ghost_repair.now()`;
  await db.sql`update public.whatsapp_instances set
  last_disconnected_at = ghost_repair.now() - interval '1 hour'`;
  await db.sql`select public.lease_due_repairs(1)`;
  assert.equal((await claim(db.sql, db.instanceId)).reason, "repair_in_flight");
  await db.sql`update public.ghost_repairs set state = 'needs_operator'`;
  assert.equal((await claim(db.sql, db.instanceId)).reason, "needs_operator");
  await db
    .sql`update ghost_repair.leases set leased_at = ghost_repair.now() - interval '11 minutes'`;
  await claimed(db.sql, db.instanceId);
});

quickTest("the sweep takes up what a crash left, not what is under way", async (db) => {
  await claimed(db.sql, db.instanceId);
  const sweep = async () => {
    await db.sql`select public.sweep()`;
    return (await db.sql`select from public.ghost_repairs where closed_at is null`).length;
  };
  await pass(db.sql, 149);
  assert.equal(await sweep(), 0);
  assert.equal((await claim(db.sql, db.instanceId)).reason, "repair_in_flight");
  await pass(db.sql, 2);
  assert.equal(await sweep(), 1);
  assert.equal((await eventKinds(db.sql, db.instanceId)).at(-1), "suspected");
});

companyTest("a number that somebody has locked has its turn at the next sweep", async (db) => {
  await claimed(db.sql, db.instanceId);
  await pass(db.sql, 151);
  const sweep = async () => {
    const { taken } = await only(db.sql`select public.sweep() ->> 'abandoned' as taken`);
    return taken;
  };
  await db.sql.begin(async (holder) => {
    await holder`select from public.whatsapp_instances where id = ${db.instanceId} for update`;
    const [waiting] = await db.sql.begin(async (sweeper) => {
      await sweeper`set local lock_timeout = '2s'`;
      return await sweeper`select public.sweep() ->> 'abandoned' as taken`;
    });
    assert.equal(waiting?.["taken"], "0");
  });
  assert.equal(await sweep(), "1");
});
