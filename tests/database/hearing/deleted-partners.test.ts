import assert from "node:assert/strict";
import { callSql, type CompanyDatabase, only } from "../../support/database.ts";
import { quickTest } from "../../support/quick-test.ts";
import { pass } from "../../support/repair-calls.ts";
import { addPartner, beginCanary, incoming, onTrial, switchOn, textOf } from "./trial-calls.ts";

type Incoming = ReturnType<typeof incoming>;

/** By what a canary may still come to the number that is left. */
const LATE: Readonly<Record<string, (db: CompanyDatabase, row: Incoming) => Promise<unknown>>> = {
  "its webhook": ({ sql, instanceId }, row) =>
    callSql(sql, "ghost_repair.apply_message", instanceId, row),
  "its history": ({ sql, instanceId }, row) =>
    sql`select ghost_repair.store_message(i, ${sql.json(row)}, true)
      from public.whatsapp_instances i where i.id = ${instanceId}`,
};

/** A canary has left one way, then the partner is deleted. */
async function orphaned(db: CompanyDatabase, way: string, phone?: string) {
  await switchOn(db);
  const partner = await addPartner(db, phone);
  const canary = (await beginCanary(db.sql, await onTrial(db), way))!;
  await db.sql`delete from public.whatsapp_instances where id = ${partner}`;
  return canary;
}

async function count({ sql }: CompanyDatabase): Promise<number> {
  return Number((await only(sql`select count(*) as rows from ghost_repair.canaries`))["rows"]);
}

for (const [by, come] of Object.entries(LATE)) {
  for (const way of ["to", "from"]) {
    quickTest(`a canary (${way}) that ${by} brings after its partner is nobody's`, async (db) => {
      const row = {
        ...incoming("3EB0D1", textOf(await orphaned(db, way))),
        from_me: way === "from",
      };
      await come(db, row);
      // The second time its text may be missing.
      await come(db, { ...row, content: "" });
      const { messages, conversations } = await only(db.sql`select
        (select count(*)::int from public.messages) as messages,
        (select count(*)::int from public.conversations
          where remote_jid <> ${db.company.customerJid}) as conversations`);
      assert.deepEqual([messages, conversations], [0, 0]);
    });
  }
}

quickTest("a trial knows nothing of canaries whose partner is gone", async (db) => {
  await orphaned(db, "from");
  const { known } = await only(
    db.sql`update ghost_repair.leases set expires_at = ghost_repair.now() where kind = 'canary'`
      .then(() => db.sql`select * from public.lease_due_trials(10)`),
  );
  assert.deepEqual([known.canaries, known.may_send], [[], true]);
});

quickTest("whose partner is gone has no more canaries for it", async (db) => {
  const { sql, instanceId } = db;
  await sql`update ghost_repair.settings set canaries_a_day = 1`;
  await orphaned(db, "from");
  const may = await only(sql`select ghost_repair.may_send_canary(${instanceId}) as may`);
  assert.equal(may["may"], false);
});

quickTest("a canary goes with its last number, or with its age", async (db) => {
  const { sql, instanceId } = db;
  await orphaned(db, "from");
  assert.equal(await count(db), 1);
  await pass(sql, 400 * 24 * 3_600);
  const another = await addPartner(db, "5511900000044");
  await sql`delete from public.whatsapp_instances where id = ${another}`;
  assert.equal(await count(db), 0);

  await sql`update ghost_repair.canary_trials set closed_at = ghost_repair.now()`;
  await db.sql`delete from ghost_repair.canary_policies`;
  await orphaned(db, "to", "5511900000055");
  assert.equal(await count(db), 1);
  await sql`delete from public.whatsapp_instances where id = ${instanceId}`;
  assert.equal(await count(db), 0);
});
