import assert from "node:assert/strict";
import type postgres from "postgres";
import { untilWaiting } from "../../support/crowd.ts";
import {
  addInstances,
  callSql,
  type CompanyDatabase,
  companyTest,
} from "../../support/database.ts";

/** What holds one number's turn up, and no other's. */
type Hold = (holder: postgres.ReservedSql, id: string) => Promise<unknown>;

/** Locks a number's repair. */
const holdRepair: Hold = (holder, id) =>
  holder`select from public.ghost_repairs where instance_id = ${id} for update`;

/**
 * A call takes a list of two numbers, and is held up at the one; meanwhile something happens to the other.
 *
 * @returns The other one.
 */
async function overtake(
  db: CompanyDatabase,
  ids: readonly string[],
  hold: Hold,
  call: string,
  meanwhile: (id: string) => Promise<unknown>,
): Promise<string> {
  const holders = new Map<string, postgres.ReservedSql>();
  for (const id of ids) {
    const holder = await db.sql.reserve();
    await holder`begin`;
    await hold(holder, id);
    holders.set(id, holder);
  }
  const letGo = async (id: string) => {
    await holders.get(id)!`rollback`;
    holders.get(id)!.release();
  };
  const late = db.sql.unsafe(`select ${call}()`).execute();
  await untilWaiting(db, 1);
  const [free, ...more] = await db.sql<{ id: string }[]>`
    select id from public.whatsapp_instances where id = any (${[...ids]})
    for no key update skip locked`;
  assert.equal(more.length, 0);
  await letGo(free!.id);
  await meanwhile(free!.id);
  await letGo(ids.find((id) => id !== free!.id)!);
  await late;
  return free!.id;
}

/** What a person was told of a number. */
async function told({ sql }: CompanyDatabase, id: string): Promise<readonly unknown[]> {
  return (await sql`select detail ->> 'reason' as reason from public.instance_events
    where instance_id = ${id} and kind = 'needs_operator'`).map(({ reason }) => reason);
}

const link = ({ sql }: CompanyDatabase, id: string) =>
  callSql(sql, "save_instance_credentials", id, "http://evolution.test", "key", "secret");

companyTest("a restart that did not help counts once, whoever settles it too", async (db) => {
  const { sql, company } = db;
  const ids = await addInstances(sql, company, 2, { status: "disconnected" });
  await sql`select public.save_restart_agent('http://evolution.test', 'https://agent.test',
    'a secret that is long enough')`;
  for (const id of ids) {
    await sql`insert into ghost_repair.session_conflicts (instance_id, reports, fighting_since)
      values (${id}, array[ghost_repair.now()], ghost_repair.now())`;
    await sql`insert into public.ghost_repairs
        (instance_id, organization_id, state, process_restarted_at, process_restart_asked_at, evidence)
      values (${id}, ${company.organizationId}, 'restarted', ghost_repair.now() - interval '5 minutes',
        ghost_repair.now() - interval '6 minutes', '{"reason": "session_conflict"}')`;
  }
  const id = await overtake(
    db,
    ids,
    holdRepair,
    "ghost_repair.settle_restarts",
    () => sql`select ghost_repair.settle_restarts()`,
  );
  const repairs = await sql`
    select state, process_restarts from public.ghost_repairs where instance_id = ${id}`;
  assert.deepEqual([...repairs], [{ state: "restart_requested", process_restarts: 1 }]);
});

companyTest("a repair that got its credentials meanwhile is no person's", async (db) => {
  const ids = await addInstances(db.sql, db.company, 2, { status: "disconnected" });
  await db.sql`delete from private.instance_credentials where instance_id = any (${ids})`;
  await db.sql`insert into public.ghost_repairs (instance_id, organization_id)
    select id, ${db.company.organizationId} from unnest(${ids}::uuid[]) id`;
  const settle = "ghost_repair.settle_blocked_repairs";
  const id = await overtake(db, ids, holdRepair, settle, (other) => link(db, other));
  assert.deepEqual(await told(db, id), []);
  assert.deepEqual(await told(db, ids.find((other) => other !== id)!), ["no_credentials"]);
});

/** What a number has meanwhile, or is. */
const NOT_UNLINKED: Readonly<Record<string, (db: CompanyDatabase, id: string) => unknown>> = {
  "got its gateway": link,
  "was disconnected by hand": ({ sql }, id) =>
    sql`update public.whatsapp_instances set manual_disconnect = true where id = ${id}`,
};

for (const [what, happens] of Object.entries(NOT_UNLINKED)) {
  companyTest(`a number that ${what} meanwhile is not called one without a gateway`, async (db) => {
    const ids = await addInstances(db.sql, db.company, 2, { status: "disconnected" });
    await db.sql`delete from private.instance_credentials where instance_id = any (${ids})`;
    const id = await overtake(
      db,
      ids,
      (holder, each) =>
        holder`insert into ghost_repair.troubles (instance_id, reason)
          values (${each}, 'unknown')`,
      "ghost_repair.report_unlinked_numbers",
      async (other) => await happens(db, other),
    );
    assert.deepEqual(await told(db, id), []);
    const reason = "instance_without_gateway";
    assert.deepEqual(await told(db, ids.find((other) => other !== id)!), [reason]);
  });
}
