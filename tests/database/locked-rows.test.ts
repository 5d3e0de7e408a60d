import assert from "node:assert/strict";
import type postgres from "postgres";
import { addInstances, type CompanyDatabase, companyTest, only } from "../support/database.ts";
import { openRepairs, pass } from "../support/repair-calls.ts";

const DAY = 86_400;

/** Says what a call returned, unless it waits for whoever never lets go. */
async function inTime({ sql }: CompanyDatabase, call: string) {
  const row = await sql.begin(async (caller) => {
    await caller`set local statement_timeout = '10s'`;
    return await only(caller.unsafe(`select ${call} as answer`));
  });
  return row["answer"];
}

/** Somebody has rows locked meanwhile, for however long it takes. */
async function whileLocked<T>(
  { sql }: CompanyDatabase,
  lock: (holder: postgres.ReservedSql) => Promise<unknown>,
  run: () => Promise<T>,
): Promise<T> {
  const holder = await sql.reserve();
  await holder`begin`;
  await lock(holder);
  try {
    return await run();
  } finally {
    await holder`rollback`;
    holder.release();
  }
}

async function sweep(db: CompanyDatabase): Promise<Readonly<Record<string, number | null>>> {
  return await inTime(db, "public.sweep()");
}

/** The deleted numbers that are left. */
async function deleted({ sql }: CompanyDatabase): Promise<readonly string[]> {
  return (await sql<{ id: string }[]>`
    select id from public.whatsapp_instances where deleted_at is not null`).map(({ id }) => id);
}

companyTest("a deleted number whose rows are locked holds up no other one", async (db) => {
  const [locked, ...others] = await openRepairs(db, 3);
  await db.sql`update public.whatsapp_instances set manual_disconnect = true, deleted_at =
      ghost_repair.now() - case id when ${locked!} then interval '2 days' else interval '1 day' end
    where id = any (${[locked!, ...others]})`;
  await db.sql`delete from public.instance_events`;
  const swept = await whileLocked(
    db,
    (holder) => holder`select from public.ghost_repairs where instance_id = ${locked!} for update`,
    () => sweep(db),
  );
  assert.equal(swept["deleted"], 2);
  assert.deepEqual(await deleted(db), [locked]);
  assert.equal((await sweep(db))["deleted"], 1);
  assert.deepEqual(await deleted(db), []);
});

companyTest(
  "a part of the sweep that cannot skip a locked row is named after a moment",
  async (db) => {
    const [id] = await addInstances(db.sql, db.company, 1, { status: "disconnected" });
    await db.sql`delete from private.instance_credentials where instance_id = ${id!}`;
    const swept = await whileLocked(
      db,
      (holder) =>
        holder`insert into ghost_repair.troubles (instance_id, reason) values (${id!}, 'unknown')`,
      () => sweep(db),
    );
    assert.deepEqual([swept["unlinked"], swept["messages"], swept["totals"] === null], [
      null,
      0,
      false,
    ]);
    assert.equal((await sweep(db))["unlinked"], 1);
  },
);

companyTest("what is locked, and what hangs on it, is pruned an hour later", async (db) => {
  const { sql } = db;
  const ids = await openRepairs(db, 2);
  await sql`update public.ghost_repairs set state = 'closed', closed_at = ghost_repair.now()`;
  await sql`insert into ghost_repair.operator_notices (repair_id) select id from public.ghost_repairs
    where instance_id = ${ids[0]!}`;
  for (const id of ids) await sql`select ghost_repair.add_event(${id}, 'created', '{}')`;
  await pass(sql, 400 * DAY);
  const left = async () => {
    const row = await only(sql`select
      (select count(*)::int from public.ghost_repairs) as repairs,
      (select count(*)::int from public.instance_events) as events`);
    return [row["repairs"], row["events"]];
  };
  await whileLocked(db, async (holder) => {
    await holder`select from ghost_repair.operator_notices for update`;
    await holder`select from public.instance_events where instance_id = ${ids[0]!} for update`;
  }, async () => {
    await inTime(db, "public.prune()");
  });
  assert.deepEqual(await left(), [2, 1]);
  await sql`select public.prune()`;
  assert.deepEqual(await left(), [0, 0]);
});

for (const call of ["sweep", "prune"]) {
  companyTest(`two callers of ${call} at once both do it, whoever's beat counts`, async (db) => {
    await db.sql.unsafe(`select public.${call}()`);
    const done = await whileLocked(
      db,
      (holder) => holder`select from ghost_repair.beats for update`,
      () => inTime(db, `public.${call}()`),
    );
    assert.ok(done !== null);
  });
}
