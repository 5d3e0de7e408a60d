import assert from "node:assert/strict";
import { addCompany, callSql, type CompanyDatabase, only } from "../../support/database.ts";
import { quickTest } from "../../support/quick-test.ts";
import { pass } from "../../support/repair-calls.ts";

/** Another person, with a role in the company. */
async function addPerson({ sql, company }: CompanyDatabase, role: string): Promise<string> {
  const id = crypto.randomUUID();
  await sql`insert into auth.users (id, email) values (${id}, ${`${role}@example.test`})`;
  await sql`insert into public.organization_members (organization_id, user_id, role)
    values (${company.organizationId}, ${id}, ${role})`;
  return id;
}

const chosen = (canaries: boolean) => ({ settings: { canaries } });

quickTest("owners and admins choose canaries, every member sees what is chosen", async (db) => {
  const { sql, company: { organizationId, userId } } = db;
  const [admin, agent] = [await addPerson(db, "admin"), await addPerson(db, "agent")];
  const update = (by: string, canaries: boolean) =>
    callSql(sql, "update_organization_settings", by, organizationId, canaries);
  const see = (by: string) => callSql(sql, "organization_settings", by, organizationId);

  assert.deepEqual(await see(agent), chosen(false));
  assert.deepEqual(await update(agent, true), { result: "forbidden" });
  assert.deepEqual(await see(userId), chosen(false));
  assert.deepEqual(await update(admin, true), chosen(true));
  assert.deepEqual([await see(agent), await see(userId)], [chosen(true), chosen(true)]);
  assert.deepEqual(await update(userId, false), chosen(false));
  assert.deepEqual(await see(admin), chosen(false));
});

quickTest("somebody else's organization is as if it were not", async (db) => {
  const { sql, company: { organizationId } } = db;
  const { userId: stranger } = await addCompany(sql, "vizinha", { phone: "5511900000033" });
  const none = { result: "organization_not_found" };
  for (const id of [organizationId, crypto.randomUUID()]) {
    assert.deepEqual(await callSql(sql, "organization_settings", stranger, id), none);
    assert.deepEqual(
      await callSql(sql, "update_organization_settings", stranger, id, true),
      none,
    );
  }
  assert.equal((await sql`select from ghost_repair.canary_policies`).length, 0);
});

quickTest("whoever chooses anew what is chosen hastens nobody", async (db) => {
  const { sql, company: { organizationId, userId } } = db;
  const isDue = async () => {
    const { due } = await only(sql`select bool_and(h.habit_check_at <= ghost_repair.now()) as due
      from ghost_repair.hearing h`);
    return due;
  };
  const choose = () => callSql(sql, "update_organization_settings", userId, organizationId, true);
  await sql`update ghost_repair.hearing set habit_check_at = 'infinity'`;
  await choose();
  assert.equal(await isDue(), true);
  await sql`update ghost_repair.hearing set habit_check_at = 'infinity'`;
  await pass(sql, 1);
  await choose();
  assert.equal(await isDue(), false);
});
