import assert from "node:assert/strict";
import type postgres from "postgres";
import { as } from "../../support/api-roles.ts";
import { addCompany, addInstances, type CompanyDatabase } from "../../support/database.ts";
import { DISCONNECTED } from "../../support/instance-calls.ts";
import { quickTest } from "../../support/quick-test.ts";
import { pass } from "../../support/repair-calls.ts";

interface Line {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly health: string;
  readonly hearing: string | null;
  readonly gateway: string | null;
  readonly failed: number;
  readonly unconfirmed: number;
}

interface Fleet {
  readonly numbers: readonly Line[];
  readonly found: number;
  readonly sum: Readonly<Record<string, number>>;
  readonly organizations: readonly { readonly id: string; readonly role: string }[];
  readonly gateways: readonly string[];
}

/** Asks over the API, as somebody. */
function call<T>(
  sql: postgres.Sql,
  userId: string,
  question: string,
  argument?: string | postgres.JSONValue,
) {
  return as(sql, { role: "authenticated", userId }, async (tx) => {
    const told = argument === undefined ? "" : "$1";
    const [row] = await tx.unsafe<{ answer: T }[]>(
      `select public.${question}(${told}) as answer`,
      argument === undefined ? [] : [argument as postgres.SerializableParameter],
    );
    return row!.answer;
  });
}

function fleet({ sql, company }: CompanyDatabase, query: Record<string, unknown> = {}) {
  return call<Fleet>(sql, company.userId, "fleet", query as postgres.JSONValue);
}

/** Numbers in trouble beside the company's own, by their names. */
async function addTroubles({ sql, company }: CompanyDatabase): Promise<void> {
  const add = async (name: string, state: Record<string, string | boolean | Date | number>) => {
    const [id = ""] = await addInstances(sql, company, 1, { display_name: name, ...state });
    return id;
  };
  const away = { disconnected_since: new Date() };
  await add("B scans", { status: "awaiting_qr", ...away });
  await add("C off", { status: "disconnected", manual_disconnect: true, ...away });
  await add("D gave up", { status: "disconnected", reconnect_attempts_count: 3, ...away });
  await add("E comes back", { status: "disconnected", ...away });
  const needy = await add("F needs one", { status: "disconnected", ...away });
  const deaf = await add("G deaf", {});
  await sql`insert into public.ghost_repairs (instance_id, organization_id, state, evidence)
    values (${needy}, ${company.organizationId}, 'needs_operator', '{"reason": "steps_used_up"}')`;
  await sql`insert into public.ghost_repairs (instance_id, organization_id, hearing, state)
    values (${deaf}, ${company.organizationId}, 'deaf', 'open')`;
}

quickTest("who needs somebody comes first, and the sum counts every state", async (db) => {
  await addTroubles(db);
  const { numbers, sum, found } = await fleet(db);
  assert.deepEqual(numbers.map(({ name, state }) => [name, state]), [
    ["D gave up", "person"],
    ["F needs one", "person"],
    ["B scans", "scan"],
    ["E comes back", "repair"],
    ["G deaf", "repair"],
    ["C off", "off"],
    ["Atendimento", "well"],
  ]);
  assert.deepEqual(sum, { all: 7, well: 1, repair: 2, scan: 1, person: 2, off: 1, deaf: 1 });
  assert.equal(found, 7);
});

quickTest("the list and the view of health say the same of every number", async (db) => {
  await addTroubles(db);
  const { numbers } = await fleet(db);
  const rows = await db.sql<{ id: string; health: string; hearing: string | null }[]>`
    select instance_id as id, health, hearing from public.instance_health order by 1`;
  const said = numbers.map(({ id, health, hearing }) => ({ id, health, hearing }));
  assert.deepEqual(said.sort((a, b) => a.id.localeCompare(b.id)), [...rows]);
});

quickTest("numbers are found by name, digits and state, a page at a time", async (db) => {
  await addTroubles(db);
  await db.sql`update public.whatsapp_instances set phone_number = '5511912340000'
  where display_name = 'B scans'`;
  const names = async (query: Record<string, unknown>) =>
    (await fleet(db, query)).numbers.map(({ name }) => name);
  assert.deepEqual(await names({ search: "NEEDS" }), ["F needs one"]);
  assert.deepEqual(await names({ search: "+55 (11) 91234" }), ["B scans"]);
  assert.deepEqual(await names({ search: "100%" }), []);
  assert.deepEqual(await names({ state: "person" }), ["D gave up", "F needs one"]);
  assert.deepEqual(await names({ state: "deaf" }), ["G deaf"]);
  assert.deepEqual(await names({ sort: "name", offset: 2, limit: 2 }), ["C off", "D gave up"]);
  assert.deepEqual(await names({ gateway: "evolution.test", state: "well" }), ["Atendimento"]);
  assert.deepEqual(await names({ gateway: "elsewhere.test" }), []);
  const { found, sum } = await fleet(db, { state: "scan", limit: 1 });
  assert.deepEqual([found, sum.all, sum.person], [1, 7, 2]);
});

quickTest("the quietest, or the one with the worst week, come first where asked", async (db) => {
  const [low = "", quiet = ""] = await addInstances(db.sql, db.company, 2, {
    last_alive_at: new Date(),
  });
  await db
    .sql`update public.whatsapp_instances set last_alive_at = ghost_repair.now() where true`;
  await db.sql`update public.whatsapp_instances
  set last_alive_at = ghost_repair.now() - interval '1 hour' where id = ${quiet}`;
  await db.sql.unsafe(`update public.whatsapp_instances set ${DISCONNECTED} where id = '${low}'`);
  await pass(db.sql, 60);
  assert.equal((await fleet(db, { sort: "silent" })).numbers[0]!.id, quiet);
  assert.equal((await fleet(db, { sort: "uptime" })).numbers[0]!.id, low);
});

quickTest("what failed and what nobody confirmed is counted on the number's line", async (db) => {
  const message = (status: string, column: string) =>
    db.sql`insert into public.messages (organization_id, conversation_id, whatsapp_instance_id,
        is_from_me, message_type, content, status, ${db.sql(column)})
      values (${db.company.organizationId}, ${db.company.conversationId}, ${db.instanceId}, true,
        'text', 'oi', ${status}, ghost_repair.now() - interval '1 hour')`;
  await message("failed", "failed_at");
  await message("sent", "sent_at");
  await message("delivered", "sent_at");
  const { numbers: [line] } = await fleet(db);
  assert.deepEqual([line!.failed, line!.unconfirmed], [1, 1]);
});

quickTest("nobody sees another organization's numbers, gateways or events", async (db) => {
  const other = await addCompany(db.sql, "elsewhere", { apiUrl: "http://elsewhere.test" });
  await db.sql`select ghost_repair.add_event(${other.instanceId}, 'healed', '{}')`;
  const mine = await fleet(db, { search: "elsewhere" });
  assert.deepEqual([mine.found, mine.sum.all, mine.gateways], [0, 0, ["evolution.test"]]);
  assert.deepEqual(mine.organizations.map(({ id }) => id), [db.company.organizationId]);
  const asked = await fleet(db, { organization: other.organizationId });
  assert.deepEqual([asked.found, asked.sum.all], [0, 0]);
  const ask = <T>(question: string, argument?: string) =>
    call<T>(db.sql, db.company.userId, question, argument);
  assert.equal(await ask("number_page", other.instanceId), null);
  assert.equal(Number(await ask("fleet_pulse")), 0);
  const hosts = (await ask<{ host: string }[]>("fleet_gateways")).map(({ host }) => host);
  assert.deepEqual(hosts, ["evolution.test"]);
  assert.equal((await call<Fleet>(db.sql, other.userId, "fleet", {})).found, 1);
});

quickTest("an agent sees the numbers, and no gateway", async (db) => {
  await db.sql`update public.organization_members set role = 'agent'
    where user_id = ${db.company.userId}`;
  const { numbers: [line], gateways } = await fleet(db);
  assert.deepEqual([line!.name, line!.gateway, gateways], ["Atendimento", null, []]);
  assert.deepEqual((await fleet(db, { gateway: "evolution.test" })).numbers, []);
  const ask = <T>(question: string, argument?: string) =>
    call<T>(db.sql, db.company.userId, question, argument);
  assert.deepEqual(await ask("fleet_gateways"), []);
  const page = await ask<{ gateway: unknown }>("number_page", db.instanceId);
  assert.equal(page.gateway, null);
});

quickTest("a gateway's address is shown without what is secret in it", async (db) => {
  await db.sql`update private.instance_credentials
    set api_url = 'https://user:secret@wa.example.com:8443/manager?apikey=secret'`;
  const answer = await fleet(db);
  assert.deepEqual(answer.gateways, ["wa.example.com:8443"]);
  assert.doesNotMatch(JSON.stringify(answer), /secret/);
});

quickTest("the pulse moves with every event of one's own", async (db) => {
  const pulse = async () => Number(await call(db.sql, db.company.userId, "fleet_pulse"));
  const before = await pulse();
  await db.sql`select ghost_repair.add_event(${db.instanceId}, 'suspected', '{}')`;
  assert.ok(await pulse() > before);
});
