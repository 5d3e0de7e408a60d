import assert from "node:assert/strict";
import { addCompany, type CompanyDatabase, only } from "../../support/database.ts";
import { quickTest } from "../../support/quick-test.ts";
import { eventKinds, pass } from "../../support/repair-calls.ts";
import {
  addPartner,
  giveHabit,
  nextTurn,
  recordTrial,
  switchOn,
  tendHabits,
} from "./trial-calls.ts";

const HOUR = 3_600;

/** In how many hours a silence from now on breaks the number's habit; null: it does not. */
async function breaksIn({ sql, instanceId }: CompanyDatabase): Promise<number | null> {
  const { hours } = await only(sql<{ hours: number | null }[]>`
    select extract(epoch from ghost_repair.habit_breaks_at(${instanceId}, ghost_repair.now(), 8)
      - ghost_repair.now())::float8 / 3600 as hours`);
  return hours;
}

quickTest("a conversation is one spell, and what is sent is no habit", async (db) => {
  const { sql, company, instanceId } = db;
  await sql`
    insert into public.messages (organization_id, conversation_id, whatsapp_instance_id, is_from_me,
      message_type, content, status, created_at)
    select ${company.organizationId}, ${company.conversationId}, ${instanceId}, m.mine, 'text', 'oi',
      case when m.mine then 'sent' else 'received' end,
      timestamptz '2026-11-02T10:00:00Z' + make_interval(secs => m.second)
    from (values (false, 0), (false, 20), (false, 200), (true, 400), (false, 301)) m (mine, second)`;
  const { spells } = await only(sql`
    select sum(h.spells)::int as spells from ghost_repair.habit_hours h
    where h.instance_id = ${instanceId}`);
  assert.equal(spells, 2);
});

quickTest("a silence breaks the habit when eight spells are missing", async (db) => {
  await giveHabit(db);
  const hours = await breaksIn(db);
  assert.ok(hours !== null && Math.abs(hours - 8) < 0.2, `${hours}`);
});

quickTest("hours in which nobody ever writes are no silence", async (db) => {
  const { sql, instanceId } = db;
  await giveHabit(db);
  // Of the next hours nobody writes in the first ten.
  await sql`delete from ghost_repair.habit_hours h where h.instance_id = ${instanceId} and h.slot in (
    select (floor(extract(epoch from ghost_repair.now()) / 3600)::bigint + n) % 168
    from generate_series(0, 9) n)`;
  const hours = await breaksIn(db);
  assert.ok(hours !== null && hours > 17 && hours < 18.5, `${hours}`);
});

quickTest("what was so in weeks long gone fades", async (db) => {
  const { sql, instanceId } = db;
  await giveHabit(db);
  const before = (await breaksIn(db))!;
  await sql`update ghost_repair.habit_hours h set week = h.week - 2
    where h.instance_id = ${instanceId}`;
  const after = (await breaksIn(db))!;
  assert.ok(after > before * 1.6, `${before} ${after}`);
});

quickTest("nobody has a habit before fourteen days", async (db) => {
  await switchOn(db);
  await giveHabit(db, { days: 13 });
  await pass(db.sql, 20 * HOUR);
  assert.equal(await tendHabits(db.sql), 0);
  await pass(db.sql, 6 * HOUR);
  assert.equal(await tendHabits(db.sql), 1);
});

quickTest("silence against the habit is asked about where that is wanted", async (db) => {
  const { sql, instanceId } = db;
  await giveHabit(db);
  await pass(sql, 9 * HOUR);
  assert.equal(await tendHabits(sql), 0);
  await switchOn(db);
  assert.equal(await tendHabits(sql), 1);
  assert.deepEqual(await eventKinds(sql, instanceId), ["silence"]);
  // Asked once, however long it takes.
  assert.equal(await tendHabits(sql), 0);
  // Another organization's wish is none of this one's.
  const other = await addCompany(sql, "vizinha", { phone: "5511900000033" });
  await sql`insert into ghost_repair.canary_policies values (${other.organizationId})`;
  await sql`update ghost_repair.canary_policies set enabled = organization_id = ${other.organizationId}`;
  await sql`delete from ghost_repair.canary_trials`;
  assert.equal(await tendHabits(sql), 0);
});

/** What stands in the way of being asked about. */
const LEFT_ALONE: Readonly<Record<string, (db: CompanyDatabase) => Promise<unknown>>> = {
  "is not connected": ({ sql, instanceId }) =>
    sql`update public.whatsapp_instances set status = 'connecting' where id = ${instanceId}`,
  "is under repair": ({ sql, instanceId }) =>
    sql`select public.suspect_session(${instanceId}, 'slow_send')`,
  "is deleted": ({ sql, instanceId }) =>
    sql`update public.whatsapp_instances set deleted_at = ghost_repair.now()
      where id = ${instanceId}`,
  "opened a moment ago": ({ sql, instanceId }) => sql`select ghost_repair.note_open(${instanceId})`,
  "heard a moment ago": ({ sql, instanceId }) =>
    sql`update public.whatsapp_instances set last_received_at = ghost_repair.now()
      where id = ${instanceId}`,
  "is paired with another phone": ({ sql, instanceId }) =>
    sql`update public.whatsapp_instances set phone_number = '5511955550000'
      where id = ${instanceId}`,
};

for (const [what, happen] of Object.entries(LEFT_ALONE)) {
  quickTest(`a silent number that ${what} is left alone`, async (db) => {
    await switchOn(db);
    await giveHabit(db);
    await pass(db.sql, 9 * HOUR);
    await happen(db);
    assert.equal(await tendHabits(db.sql), 0);
  });
}

quickTest("another phone has another habit", async (db) => {
  const { sql, instanceId } = db;
  await giveHabit(db);
  await sql`update public.whatsapp_instances set phone_number = '5511955550000'
    where id = ${instanceId}`;
  assert.equal((await sql`select from ghost_repair.habit_hours`).length, 0);
});

quickTest("who switches canaries on is looked at now, else nobody before time", async (db) => {
  const { sql } = db;
  const tend = async () => Number((await only(sql`select ghost_repair.tend_habits() as n`))["n"]);
  const later = () =>
    sql`update ghost_repair.hearing set habit_check_at = ghost_repair.now() + interval '1 hour'`;
  await giveHabit(db);
  await pass(sql, 9 * HOUR);
  await later();
  await switchOn(db);
  await later();
  assert.equal(await tend(), 0);
  await sql`update ghost_repair.canary_policies set enabled = true`;
  assert.equal(await tend(), 1);
});

quickTest("after each canary that was heard a silence may be twice as long", async (db) => {
  const { sql, instanceId } = db;
  await switchOn(db);
  await addPartner(db);
  await giveHabit(db);
  await pass(sql, 9 * HOUR);
  assert.equal(await tendHabits(sql), 1);
  await recordTrial(sql, await nextTurn(sql), { next: "hears" });
  await pass(sql, 9 * HOUR);
  assert.equal(await tendHabits(sql), 0);
  await pass(sql, 8 * HOUR);
  assert.equal(await tendHabits(sql), 1);
  await recordTrial(sql, await nextTurn(sql), { next: "hears" });
  // Somebody writes: as before.
  await pass(sql, 60);
  await sql`update public.whatsapp_instances set last_received_at = ghost_repair.now()
    where id = ${instanceId}`;
  await pass(sql, 9 * HOUR);
  assert.equal(await tendHabits(sql), 1);
});

quickTest("one number alone shows that its own phone answers before it is needed", async (db) => {
  const { sql } = db;
  const reasons = async () => {
    await tendHabits(sql);
    return (await sql`select t.reason from ghost_repair.canary_trials t where t.closed_at is null`)
      .map(({ reason }) => reason);
  };
  await switchOn(db);
  await giveHabit(db);
  assert.deepEqual(await reasons(), ["baseline"]);
  await sql`delete from ghost_repair.canary_trials`;
  await addPartner(db);
  assert.deepEqual(await reasons(), []);
});
