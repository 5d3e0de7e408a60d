import assert from "node:assert/strict";
import type postgres from "postgres";
import { allAtOnce, withConnections } from "../../support/crowd.ts";
import {
  addInstances,
  callSql,
  type CompanyDatabase,
  companyTest,
  only,
} from "../../support/database.ts";
import {
  answerSent,
  beginText,
  claimMessage,
  enqueueText,
  finishMessage,
  messageRow,
} from "../../support/message-calls.ts";
import { quickTest } from "../../support/quick-test.ts";

const CLOSED = { status: "failed", error_code: "connection_closed", error_message: "x" } as const;

/** Messages that wait for the number, oldest first. */
async function hold(db: CompanyDatabase, count: number): Promise<string[]> {
  await db.sql`insert into private.message_settings (organization_id, hold_messages)
    values (${db.company.organizationId}, true) on conflict do nothing`;
  const ids: string[] = [];
  for (let n = 0; n < count; n++) {
    ids.push(await enqueueText(db));
    await finishMessage(db.sql, ids.at(-1)!, CLOSED);
  }
  return ids;
}

async function leaseRelease(sql: postgres.ISql): Promise<{ token: string }[]> {
  return [...await sql<{ token: string }[]>`select * from public.lease_held_releases(100)`];
}

async function claimHeld(
  sql: postgres.ISql,
  id: string,
  token: string,
  claim = crypto.randomUUID() as string,
): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select * from public.claim_held_message(${id}, ${token}, ${claim})`;
  return rows.map((row) => row.id);
}

quickTest("where nobody asked for it nothing waits; where asked, after one error", async (db) => {
  const failed = async () => {
    const plain = await enqueueText(db);
    await finishMessage(db.sql, plain, CLOSED);
    assert.equal((await messageRow(db.sql, plain)).status, "failed");
  };
  await failed();
  await db.sql`insert into private.message_settings (organization_id, hold_messages)
    values (${db.company.organizationId}, false)`;
  await failed();
  await db.sql`update private.message_settings set hold_messages = true`;

  const [held] = await hold(db, 1);
  assert.equal((await messageRow(db.sql, held!)).status, "held");
  const other = await enqueueText(db);
  await finishMessage(db.sql, other, { ...CLOSED, error_code: "gateway_timeout" });
  assert.equal((await messageRow(db.sql, other)).status, "failed");
});

companyTest("20 connections that lease at once: one releases the number", async (db) => {
  await hold(db, 1);
  const leases = await allAtOnce(
    db,
    20,
    (sql) => sql`lock table ghost_repair.leases in access exclusive mode`,
    leaseRelease,
  );
  assert.equal(leases.flat().length, 1);
});

companyTest("what waits is claimed in order, each message once, however many ask", async (db) => {
  const ids = await hold(db, 30);
  const { token } = await only(leaseRelease(db.sql));
  assert.deepEqual(await claimHeld(db.sql, db.instanceId, crypto.randomUUID()), []);
  assert.deepEqual(await claimHeld(db.sql, db.instanceId, token), [ids[0]]);
  assert.deepEqual(await claimHeld(db.sql, db.instanceId, token), [], "it has not left yet");
  await answerSent(db.sql, ids[0]!, "WA-first");
  const claimed: string[] = [];
  await withConnections(
    db,
    6,
    (connections) =>
      Promise.all(connections.map(async (sql) => {
        // None while another one's has not left.
        while (claimed.length < ids.length - 1) {
          const [id] = await claimHeld(sql, db.instanceId, token);
          if (id === undefined) continue;
          claimed.push(id);
          await answerSent(sql, id, `WA-${id}`);
        }
      })),
  );
  assert.deepEqual(claimed, ids.slice(1));
});

quickTest("a claim whose answer was lost is asked again and is the same one", async (db) => {
  const ids = await hold(db, 2);
  const { token } = await only(leaseRelease(db.sql));
  const claim = crypto.randomUUID();
  assert.deepEqual(await claimHeld(db.sql, db.instanceId, token, claim), [ids[0]]);
  assert.deepEqual(await claimHeld(db.sql, db.instanceId, token, claim), [ids[0]]);
  await answerSent(db.sql, ids[0]!, "WA-1");
  assert.deepEqual(await claimHeld(db.sql, db.instanceId, token, claim), [ids[1]]);
});

quickTest("what may have left is not held: it fails, and says so", async (db) => {
  await hold(db, 1);
  const id = await beginText(await toAnother(db));
  await finishMessage(db.sql, id, { ...CLOSED, may_have_left: true });
  const row = await messageRow(db.sql, id);
  assert.deepEqual([row.status, row.error_code, row.may_have_left], [
    "failed",
    "connection_closed",
    true,
  ]);
  assert.deepEqual(await callSql(db.sql, "retry_message", db.company.userId, id), {
    result: "may_have_been_sent",
  });
});

quickTest("what is written after a held message waits and leaves after it", async (db) => {
  const [first] = await hold(db, 1);
  const second = await enqueueText(db);
  assert.equal(await claimMessage(db.sql, second), "held");
  const elsewhere = await enqueueText(await toAnother(db));
  assert.equal(await claimMessage(db.sql, elsewhere), "claimed");
  const { token } = await only(leaseRelease(db.sql));
  assert.deepEqual(await claimHeld(db.sql, db.instanceId, token), [first]);
  await answerSent(db.sql, first!, "WA-1");
  assert.deepEqual(await claimHeld(db.sql, db.instanceId, token), [second]);
});

/** With another contact of the same number to write to. */
async function toAnother(db: CompanyDatabase): Promise<CompanyDatabase> {
  const { sql, company } = db;
  const { id: conversationId } = await only(sql<{ id: string }[]>`
    insert into public.conversations (organization_id, whatsapp_instance_id, remote_jid)
    values (${company.organizationId}, ${company.instanceId}, '5511955554444@s.whatsapp.net')
    returning id`);
  return { ...db, company: { ...company, conversationId } };
}

quickTest("what waited too long fails with the reason it had, and is not sent", async (db) => {
  const [late, inTime] = await hold(db, 2);
  await db.sql`update public.messages set held_until = ghost_repair.now() - interval '1 second'
  where id = ${late!}`;
  const { token } = await only(leaseRelease(db.sql));
  assert.deepEqual(await claimHeld(db.sql, db.instanceId, token), [inTime]);
  const { swept } = await only(db.sql`select (public.sweep() ->> 'held')::int as swept`);
  assert.equal(swept, 1);
  const row = await messageRow(db.sql, late!);
  assert.equal(row.status, "failed");
  assert.equal(row.error_code, "connection_closed");
});

companyTest("expiring and claiming at once, 100 times: either, never both", async (db) => {
  const ids = await hold(db, 100);
  const { token } = await only(leaseRelease(db.sql));
  const claimed = await withConnections(db, 5, async ([sweeper, ...claimers]) => {
    let claiming = true;
    const sweeping = (async () => {
      while (claiming) {
        await sweeper!`update public.messages set held_until = ghost_repair.now() where id = (
        select id from public.messages where status = 'held' order by position desc limit 1
        for update skip locked)`;
        await sweeper!`select public.sweep()`;
      }
    })();
    const waits = async (sql: postgres.ISql) =>
      (await sql`select from public.messages where status <> 'sent' and status <> 'failed'`)
        .length > 0;
    const all = (await Promise.all(claimers.map(async (sql) => {
      const mine: string[] = [];
      while (await waits(sql)) {
        // None while another one's has not left.
        const [id] = await claimHeld(sql, db.instanceId, token);
        if (id === undefined) continue;
        assert.equal(await answerSent(sql, id, `WA-${id}`), true);
        mine.push(id);
      }
      return mine;
    }))).flat();
    claiming = false;
    await sweeping;
    return all;
  });
  assert.equal(new Set(claimed).size, claimed.length);
  for (const id of ids) {
    const { status } = await messageRow(db.sql, id);
    assert.equal(status, claimed.includes(id) ? "sent" : "failed");
  }
});

quickTest("what fails again waits no longer than from its first failure on", async (db) => {
  const [id] = await hold(db, 1);
  const { held_until: until } = await messageRow(db.sql, id!);
  assert.equal((await only(db.sql`select public.sweep() ->> 'held' as swept`)).swept, "0");
  const { token } = await only(leaseRelease(db.sql));
  assert.deepEqual(await claimHeld(db.sql, db.instanceId, token), [id]);
  await finishMessage(db.sql, id!, CLOSED);
  const again = await messageRow(db.sql, id!);
  assert.deepEqual([again.status, again.held_until], ["held", until]);
});

for (
  const [why, statement] of [
    [
      "it is being repaired",
      "insert into public.ghost_repairs (instance_id) select id from public.whatsapp_instances",
    ],
    ["it is disconnected", "update public.whatsapp_instances set status = 'disconnected'"],
  ] as const
) {
  quickTest(`nothing that waits for a number goes out where ${why}`, async (db) => {
    await hold(db, 1);
    const { token } = await only(leaseRelease(db.sql));
    await db.sql.unsafe(statement);
    assert.deepEqual(await claimHeld(db.sql, db.instanceId, token), []);
    await db.sql`delete from ghost_repair.leases`;
    assert.deepEqual(await leaseRelease(db.sql), []);
  });
}

quickTest("a release that is over leaves the number to the next one", async (db) => {
  await hold(db, 1);
  const { token } = await only(leaseRelease(db.sql));
  await db.sql`select public.end_held_release(${db.instanceId}, ${crypto.randomUUID()})`;
  assert.deepEqual(await leaseRelease(db.sql), []);
  await db.sql`select public.end_held_release(${db.instanceId}, ${token})`;
  assert.equal((await leaseRelease(db.sql)).length, 1);
});

quickTest("a number that is being released leaves its place to the next one", async (db) => {
  const [, moved] = await hold(db, 2);
  const [other] = await addInstances(db.sql, db.company, 1);
  await db.sql`update public.messages set whatsapp_instance_id = ${other!} where id = ${moved!}`;
  const lease = () => db.sql`select instance_id from public.lease_held_releases(1)`;
  const leased = [...await lease(), ...await lease()].map((row) => row["instance_id"]);
  assert.deepEqual(leased.sort(), [db.instanceId, other].sort());
});
