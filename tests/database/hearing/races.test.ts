import assert from "node:assert/strict";
import type postgres from "postgres";
import { addInstances, callSql, companyTest, only } from "../../support/database.ts";
import { beginCanary, leaseTrials, switchOn } from "./trial-calls.ts";

const ON_TRIAL = 6;

/** Nobody is late: each call has a connection of its own. */
const atOnce = <T>(count: number, call: (place: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, place) => call(place)));

async function sentBy(sql: postgres.Sql, instanceId: string): Promise<number> {
  const row = await only(sql<{ sent: number }[]>`select count(*)::int as sent
    from ghost_repair.canaries c where c.sender_id = ${instanceId}`);
  return row.sent;
}

companyTest(
  "ticks at once take each trial once, trials at once share their partner's four canaries, and each canary is taken back once",
  async (db) => {
    const { sql, company } = db;
    await switchOn(db);
    const ids = await addInstances(sql, company, ON_TRIAL);
    for (const [place, id] of [...ids, db.instanceId].entries()) {
      await sql`update public.whatsapp_instances set phone_number = ${`551190000010${place}`}
        where id = ${id}`;
    }
    for (const id of ids) {
      await sql`select ghost_repair.begin_trial(${id}, 'silence', ghost_repair.now())`;
    }
    const leased = (await atOnce(4, () => leaseTrials(sql))).flat();
    assert.deepEqual(leased.map((lease) => lease.instance_id).sort(), ids.toSorted());

    // Those on trial have nothing left to send: all of them want the one that has.
    await sql`insert into ghost_repair.canaries (trial_id, way, sender_id, recipient_id)
      select t.id, 'own', t.instance_id, t.instance_id
      from ghost_repair.canary_trials t, generate_series(1, 4)`;
    const begun = await atOnce(
      2 * ON_TRIAL,
      (place) => beginCanary(sql, leased[place % ON_TRIAL]!, "to"),
    );
    assert.equal(begun.filter((canary) => canary !== null).length, 4);
    assert.equal(await sentBy(sql, db.instanceId), 4);

    // Two that ask each other at the same time wait for nobody.
    await sql`delete from ghost_repair.canaries`;
    const pair = leased.slice(0, 2);
    await sql`update public.whatsapp_instances set status = 'connecting'
      where id <> all (${pair.map((lease) => lease.instance_id)})`;
    const mutual = await atOnce(16, (place) => beginCanary(sql, pair[place % 2]!, "to"));
    assert.equal(mutual.filter((canary) => canary !== null).length, 8);
    for (const { instance_id: id } of pair) assert.equal(await sentBy(sql, id), 4);

    await sql`update ghost_repair.canaries set whatsapp_message_id = id::text, outcome = 'sent'`;
    await sql`update ghost_repair.canary_trials set closed_at = ghost_repair.now()`;
    const taken = (await atOnce(
      4,
      () => sql<{ canary_id: string }[]>`select * from public.claim_sent_canaries(10)`,
    )).flat();
    assert.equal(taken.length, 8);
    assert.equal(new Set(taken.map((row) => row.canary_id)).size, 8);
    assert.equal(await callSql(sql, "is_hearing_due"), false);
  },
);

/** Does one, and the other before the first is written. @returns What the other came to. */
async function meanwhile<T>(
  sql: postgres.Sql,
  first: (transaction: postgres.ISql) => Promise<unknown>,
  second: () => Promise<T>,
): Promise<T> {
  let late: Promise<T> | undefined;
  await sql.begin(async (transaction) => {
    await first(transaction);
    let answered = false;
    late = second().finally(() => answered = true);
    const isWaiting = async () =>
      (await sql`select from pg_catalog.pg_stat_activity a
        where a.datname = current_database() and a.wait_event_type = 'Lock'`).length > 0;
    while (!answered && !await isWaiting());
  });
  return await late!;
}

companyTest(
  "the last canary of the day is one trial's, and one takes it back, though another looked before",
  async (db) => {
    const { sql, company, instanceId: partner } = db;
    await switchOn(db);
    const ids = await addInstances(sql, company, 2);
    for (const [place, id] of ids.entries()) {
      await sql`update public.whatsapp_instances set phone_number = ${`551190000020${place}`}
        where id = ${id}`;
      await sql`select ghost_repair.begin_trial(${id}, 'silence', ghost_repair.now())`;
    }
    const [one, other] = await leaseTrials(sql);
    await sql`insert into ghost_repair.canaries (trial_id, way, sender_id, recipient_id)
      select t.id, 'own', s.id, s.id
      from ghost_repair.canary_trials t, public.whatsapp_instances s, generate_series(1, 4) n
      where t.id = ${one!.trial_id} and s.id = any (${[...ids, partner]}::uuid[])
        and (s.id <> ${partner} or n < 4)`;
    const second = await meanwhile(
      sql,
      async (transaction) => assert.ok(await beginCanary(transaction, one!, "to")),
      () => beginCanary(sql, other!, "to"),
    );
    assert.equal(second, null);
    assert.equal(await sentBy(sql, partner), 4);

    await sql`update ghost_repair.canaries set whatsapp_message_id = id::text, outcome = 'sent'
      where sender_id = ${partner} and way = 'to'`;
    await sql`update ghost_repair.canary_trials set closed_at = ghost_repair.now()`;
    const claim = (by: postgres.ISql) => by`select * from public.claim_sent_canaries(10)`;
    const again = await meanwhile(
      sql,
      async (transaction) => assert.equal((await claim(transaction)).length, 1),
      () => claim(sql),
    );
    assert.equal(again.length, 0);
  },
);
