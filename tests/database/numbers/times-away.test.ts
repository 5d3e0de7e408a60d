import assert from "node:assert/strict";
import { as } from "../../support/api-roles.ts";
import { type CompanyDatabase, only } from "../../support/database.ts";
import { DISCONNECTED, setState } from "../../support/instance-calls.ts";
import { quickTest } from "../../support/quick-test.ts";
import { pass } from "../../support/repair-calls.ts";

const CONNECTED = "status = 'connected', disconnected_since = null, manual_disconnect = false";
const HOUR = 3_600;

/** The uptimes of a day and a week. */
async function uptimes({ sql, instanceId }: CompanyDatabase): Promise<(number | null)[]> {
  const { day, week } = await only(sql<{ day: number | null; week: number | null }[]>`
    select u.share[1]::float8 as day, u.share[2]::float8 as week
    from public.whatsapp_instances i, ghost_repair.now() t, ghost_repair.uptimes(i.id, i.created_at,
      array[t - interval '1 day', t - interval '7 days'], array[t, t]) u (share)
    where i.id = ${instanceId}`);
  return [day, week].map((share) => share === null ? null : Math.round(share * 1_000) / 1_000);
}

/** It has been there for ten days. */
async function grow({ sql }: CompanyDatabase): Promise<void> {
  await sql`update public.whatsapp_instances set created_at = ghost_repair.now() - interval '10 days'`;
  await sql`update ghost_repair.settings set away_known_since = ghost_repair.now() - interval '9 days'`;
}

quickTest("an hour away is an hour of the day's uptime, also while it lasts", async (db) => {
  await grow(db);
  await setState(db, DISCONNECTED);
  await pass(db.sql, HOUR);
  assert.deepEqual(await uptimes(db), [0.958, 0.994]);
  await setState(db, CONNECTED);
  await pass(db.sql, 23 * HOUR);
  assert.deepEqual(await uptimes(db), [0.958, 0.994]);
  await pass(db.sql, HOUR);
  assert.equal((await uptimes(db))[0], 1);
});

quickTest("time that a person did not want it counts for nothing", async (db) => {
  await grow(db);
  await setState(db, "status = 'disconnected', manual_disconnect = true");
  await pass(db.sql, 12 * HOUR);
  await setState(db, CONNECTED);
  await pass(db.sql, HOUR);
  await setState(db, DISCONNECTED);
  await pass(db.sql, HOUR);
  // Of the day's 24 hours 12 were wanted, and one of those was missed.
  assert.equal((await uptimes(db))[0], 0.917);
});

quickTest("steps of a reconnection are one time away, a person's word is another", async (db) => {
  const kept = async () =>
    await db.sql<{ wanted: boolean; open: boolean }[]>`
      select wanted, away_until = 'infinity' as open from ghost_repair.times_away
      where instance_id = ${db.instanceId} order by id`;
  for (const state of [DISCONNECTED, "status = 'connecting'", "status = 'awaiting_qr'"]) {
    await setState(db, state);
  }
  assert.deepEqual([...await kept()], [{ wanted: true, open: true }]);
  await setState(db, "status = 'disconnected', manual_disconnect = true");
  const both = [{ wanted: true, open: false }, { wanted: false, open: true }];
  assert.deepEqual([...await kept()], both);
  await setState(db, CONNECTED);
  assert.deepEqual([...await kept()], both.map((row) => ({ ...row, open: false })));
});

quickTest("a number that was never paired has no uptime yet", async (db) => {
  await db.sql`delete from ghost_repair.times_away`;
  const { id } = await only(db.sql<{ id: string }[]>`
    insert into public.whatsapp_instances (organization_id, instance_name, status)
    values (${db.company.organizationId}, 'new', 'awaiting_qr') returning id`);
  await pass(db.sql, HOUR);
  assert.deepEqual(await uptimes({ ...db, instanceId: id }), [null, null]);
});

quickTest("nothing is claimed of the time before it was counted", async (db) => {
  await db
    .sql`update public.whatsapp_instances set created_at = ghost_repair.now() - interval '1 year'`;
  await db.sql`update ghost_repair.settings set away_known_since
    = ghost_repair.now() + interval '1 second'`;
  assert.deepEqual(await uptimes(db), [null, null]);
  await pass(db.sql, HOUR);
  await setState(db, DISCONNECTED);
  await pass(db.sql, HOUR);
  assert.deepEqual(await uptimes(db), [0.5, 0.5]);
});

quickTest("a number's page tells when it was away, and how soon that was known", async (db) => {
  await grow(db);
  await db.sql`update public.whatsapp_instances
    set last_alive_at = ghost_repair.now() - interval '90 seconds'`;
  await setState(db, DISCONNECTED);
  await pass(db.sql, 120);
  await setState(db, CONNECTED);
  const { page } = await as(
    db.sql,
    { role: "authenticated", userId: db.company.userId },
    (tx) =>
      only(
        tx<{ page: { median: unknown; days: unknown[]; away: Record<string, unknown>[] } }[]>`
        select public.number_page(${db.instanceId}) as page`,
      ),
  );
  assert.deepEqual(page.median, { awaySeconds: 120, foundSeconds: 90, times: 1 });
  assert.deepEqual([page.away.length, page.away[0]!.foundSeconds], [1, 90]);
  assert.equal(page.days.length, 30);
  assert.equal(page.days[0], null);
  assert.ok(page.away[0]!.until !== null);
});
