import assert from "node:assert/strict";
import { connected } from "../../../dev/platform/database/sql-file.ts";
import { addInstances, type CompanyDatabase, companyTest } from "../../support/database.ts";
import {
  beginStep,
  claimed,
  confirm,
  leaseRepairs,
  openRepairs,
  pass,
} from "../../support/repair-calls.ts";
import { quickTest } from "../../support/quick-test.ts";

/** Deletes a number as its owner, the gateway's word given. */
async function deleteNumber({ sql, company, instanceId }: CompanyDatabase): Promise<void> {
  const [begun] = await sql<{ answer: { token: string } }[]>`
    select public.begin_delete(${company.userId}, ${instanceId}, ${company.instanceName}) as answer`;
  const [ended] = await sql`
    select public.finish_delete(${instanceId}, ${
    begun!.answer.token
  }, '{"deleted": true}') as gone`;
  assert.equal(ended!["gone"], true);
}

/** Rows of a number: conversations and messages by it, events. */
async function left(sql: CompanyDatabase["sql"], id: string) {
  const [row] = await sql`select
    (select count(*)::int from public.whatsapp_instances where id = ${id}) as numbers,
    (select count(*)::int from public.conversations where whatsapp_instance_id = ${id}) as conversations,
    (select count(*)::int from public.messages where whatsapp_instance_id = ${id}) as messages,
    (select count(*)::int from public.instance_events where instance_id = ${id}) as events`;
  return { ...row };
}

const fill = (sql: CompanyDatabase["sql"], id: string, count: number) =>
  sql`insert into public.messages
      (organization_id, conversation_id, whatsapp_instance_id, is_from_me, message_type, status)
    select c.organization_id, c.id, ${id}, true, 'text', 'sent'
    from public.conversations c, generate_series(1, ${count}::int)
    where c.whatsapp_instance_id = ${id}`;

companyTest("a full number is gone at once, and taken apart in batches", async (db) => {
  const { sql, instanceId, company } = db;
  await fill(sql, instanceId, 25);
  await sql`update ghost_repair.settings set sweep_batch = 10`;
  await sql`select ghost_repair.add_event(${instanceId}, 'created', '{}')`;
  await deleteNumber(db);

  // For everybody it is gone: what it leaves behind is nobody's business.
  const [seen] = await sql`select
    public.list_instances(${company.userId}) -> 'instances' as listed,
    public.instance_status(${company.userId}, ${instanceId}) ->> 'result' as status,
    (select count(*)::int from public.instance_health) as health,
    (select count(*)::int from public.webhook_keys(${instanceId})) as keys,
    public.apply_connection_event(${instanceId}, 'open', ghost_repair.now()) as opened,
    public.check_new_instance(${company.userId}, ${company.organizationId},
      ${company.instanceName}) as name,
    public.begin_delete(${company.userId}, ${instanceId}, ${company.instanceName}) ->> 'result' as again`;
  assert.deepEqual({ ...seen }, {
    listed: [],
    status: "instance_not_found",
    health: 0,
    keys: 0,
    opened: "ignored",
    name: "ok",
    again: "instance_not_found",
  });
  const [sent] = await sql`select public.enqueue_messages(${company.userId},
    ${sql.json({ conversation_id: company.conversationId })}, '[]') ->> 'result' as result`;
  assert.equal(sent!["result"], "conversation_without_instance");

  const messages: unknown[] = [];
  for (let minute = 0; minute < 6; minute++) {
    await pass(sql, 60);
    const [swept] = await sql`select public.sweep() -> 'deleted' as deleted`;
    assert.ok(Number(swept!["deleted"]) <= 30, "no more than a batch of each kind");
    messages.push((await left(sql, instanceId))["messages"]);
  }
  assert.deepEqual(messages, [15, 5, 0, 0, 0, 0]);
  assert.deepEqual(await left(sql, instanceId), {
    numbers: 0,
    conversations: 0,
    messages: 0,
    events: 0,
  });
  const [kept] = await sql`select
    (select count(*)::int from public.messages) as messages,
    (select count(*)::int from public.conversations) as conversations`;
  assert.deepEqual({ ...kept }, { messages: 25, conversations: 1 });
});

companyTest("its row stays as long as an earlier request may store something", async (db) => {
  const { sql, instanceId } = db;
  await deleteNumber(db);
  await sql`select public.sweep()`;
  assert.equal((await left(sql, instanceId))["numbers"], 1);
  // A send that began before the deletion stores its end, and nothing raises.
  await fill(sql, instanceId, 0);
  await pass(sql, 181);
  await sql`select public.sweep()`;
  assert.equal((await left(sql, instanceId))["numbers"], 0);
});

companyTest("rows that somebody holds are left for the next minute", async (db) => {
  const { sql, instanceId } = db;
  await fill(sql, instanceId, 3);
  await deleteNumber(db);
  await pass(sql, 181);
  await connected(db.url, async (other) => {
    await other.begin(async (holder) => {
      await holder`select from public.messages where whatsapp_instance_id = ${instanceId}
        limit 1 for update`;
      await sql`select public.sweep()`;
      assert.deepEqual(await left(sql, instanceId), {
        numbers: 1,
        conversations: 0,
        messages: 1,
        events: 0,
      });
    });
  }, 1);
  await connected(db.url, async (other) => {
    await other.begin(async (holder) => {
      await holder`select from public.whatsapp_instances where id = ${instanceId} for update`;
      const [swept] = await sql`select public.sweep() -> 'deleted' as deleted`;
      assert.equal(swept!["deleted"], 0, "nor does one number hold up the sweep");
    });
  }, 1);
  await sql`select public.sweep()`;
  assert.equal((await left(sql, instanceId))["numbers"], 0);
});

companyTest("a number without messages is deleted without reading the others'", async (db) => {
  const { sql, company } = db;
  const [empty] = await addInstances(sql, company, 1);
  await fill(sql, db.instanceId, 2_000);
  await sql`analyze public.messages`;
  const plan =
    await sql`explain select from public.messages where whatsapp_instance_id = ${empty!}`;
  assert.match(JSON.stringify(plan), /messages_instance|messages_whatsapp_id/);
});

companyTest("an organization with numbers is not deleted, and that is said", async (db) => {
  const { sql, company } = db;
  const deletion = () => sql`delete from public.organizations where id = ${company.organizationId}`;
  await assert.rejects(deletion(), { code: "23001", hint: /delete_instance/ });
  assert.equal((await left(sql, db.instanceId))["numbers"], 1);
  await deleteNumber(db);
  await deletion();
  assert.equal((await left(sql, db.instanceId))["numbers"], 0);
});

/** The deletion of a number begins, and fails at its gateway, which has logged it out. */
async function failToDelete({ sql, company }: CompanyDatabase, id: string): Promise<void> {
  await sql`with begun as (
      select public.begin_delete(${company.userId}, i.id, i.instance_name) as answer
      from public.whatsapp_instances i where i.id = ${id})
    select public.finish_delete(${id}, (b.answer ->> 'token')::uuid, '{"deleted": false}')
    from begun b`;
}

quickTest("the ladder logs nobody out in the window of a deletion that failed", async (db) => {
  const [id] = await openRepairs(db, 1);
  const [lease] = await leaseRepairs(db.sql);
  assert.ok(id && lease);
  await failToDelete(db, id);
  assert.equal(await beginStep(db.sql, lease, "logout"), false);
  await pass(db.sql, 121);
  const [later] = await leaseRepairs(db.sql);
  assert.ok(later);
  assert.equal(await beginStep(db.sql, later, "logout"), true);
});

quickTest("numbers that somebody deletes are no outage", async (db) => {
  for (const id of await addInstances(db.sql, db.company, 2)) await failToDelete(db, id);
  const { token } = await claimed(db.sql, db.instanceId);
  assert.equal(await confirm(db.sql, db.instanceId, token), "go");
});
