import assert from "node:assert/strict";
import { FAMILIES } from "../../../supabase/functions/metrics/families.ts";
import { addCompany, addInstances, type CompanyDatabase } from "../../support/database.ts";
import { setState } from "../../support/instance-calls.ts";
import { beginText, claimMessage, enqueueText, handOver } from "../../support/message-calls.ts";
import { quickTest } from "../../support/quick-test.ts";
import { pass } from "../../support/repair-calls.ts";
import { measured } from "./measured.ts";

/** A gauge's values by its labels' values, joined by a space; seconds in steps of 50, as time goes on. */
async function gauge(db: CompanyDatabase, name: string): Promise<Record<string, number>> {
  const own = (await measured(db.sql)).filter((sample) => sample.name === `ghost_repair_${name}`);
  return Object.fromEntries(own.map(({ labels, value }) => {
    const { gateway: _, ...told } = labels;
    const rounded = name.endsWith("_seconds") ? Math.floor(value / 50) * 50 : value;
    return [Object.values(told).join(" "), rounded];
  }));
}

quickTest("numbers are counted by health and gateway, and nobody is named", async (db) => {
  await addCompany(db.sql, "segredo-tenant", {
    phone: "5511922223333",
    apiUrl: "http://segredo.example",
  });
  const [, scan] = await addInstances(db.sql, db.company, 2);
  await db.sql`update public.whatsapp_instances set status = 'awaiting_qr',
    display_name = 'Segredo', disconnected_since = ghost_repair.now() where id = ${scan!}`;
  await db.sql`insert into public.whatsapp_instances (organization_id, instance_name)
    values (${db.company.organizationId}, 'sem-gateway')`;
  const samples = await measured(db.sql);
  const numbers = samples.filter(({ name }) => name === "ghost_repair_numbers");
  assert.deepEqual(
    numbers.map(({ labels, value }) => [labels["health"], value]).sort(),
    [["awaiting_qr", 1], ["ok", 1], ["ok", 2], ["reconnecting", 1]],
  );
  assert.equal(new Set(numbers.map(({ labels }) => labels["gateway"])).size, 3);
  assert.ok(numbers.every(({ labels }) => /^([0-9a-f]{12}|none)$/.test(labels["gateway"]!)));
  const text = JSON.stringify(samples);
  for (const secret of ["segredo", "Segredo", "5511", "example", "evolution.test", "Atendimento"]) {
    assert.ok(!text.includes(secret), secret);
  }
});

quickTest("a thousand gateways are fifty series, and one for the rest", async (db) => {
  const ids = await addInstances(db.sql, db.company, 120);
  await db.sql`update private.instance_credentials k set api_url = 'http://g' || n.place
    from unnest(${ids}::uuid[]) with ordinality n (id, place) where k.instance_id = n.id`;
  const numbers = (await measured(db.sql)).filter(({ name }) => name === "ghost_repair_numbers");
  assert.equal(numbers.length, 51);
  assert.equal(numbers.reduce((sum, { value }) => sum + value, 0), 121);
  assert.equal(numbers.find(({ labels }) => labels["gateway"] === "other")?.value, 71);
});

quickTest("what has not left is counted by state, with the age of the oldest", async (db) => {
  const { sql } = db;
  assert.deepEqual(await gauge(db, "messages_waiting"), { held: 0, queued: 0, sending: 0 });
  await enqueueText(db);
  await pass(sql, 300);
  const other = await enqueueText(db);
  const held = await enqueueText(db);
  await sql`insert into private.message_settings (organization_id, hold_messages, hold_for)
    values (${db.company.organizationId}, true, '10 minutes')`;
  await sql`update public.messages set status = 'held',
    held_until = ghost_repair.now() + interval '10 minutes' where id = ${held}`;
  await sql`update public.messages set position = default, sending_since = ghost_repair.now()
    where id = ${other}`;
  await pass(sql, 200);
  assert.deepEqual(await gauge(db, "messages_waiting"), { held: 1, queued: 1, sending: 1 });
  assert.deepEqual(await gauge(db, "oldest_message_seconds"), {
    held: 200,
    queued: 500,
    sending: 200,
  });
});

quickTest("work that nobody takes has an age, by its kind", async (db) => {
  const { sql } = db;
  await setState(db, "last_alive_at = ghost_repair.now()");
  await sql`update ghost_repair.watched_numbers set next_look_at = ghost_repair.now()
    + interval '1 hour'`;
  const idle = { alerts: 0, canaries: 0, gaps: 0, looks: 0, messages: 0, repairs: 0, restarts: 0 };
  assert.deepEqual(await gauge(db, "oldest_work_seconds"), idle);
  await sql`insert into public.ghost_repairs (instance_id, organization_id)
    select i.id, i.organization_id from public.whatsapp_instances i`;
  await pass(sql, 900);
  assert.deepEqual(await gauge(db, "oldest_work_seconds"), { ...idle, repairs: 900 });
  await sql`delete from public.ghost_repairs`;
  const id = await enqueueText(db);
  await handOver(sql, [id]);
  await sql`update ghost_repair.watched_numbers set next_look_at = ghost_repair.now()`;
  await pass(sql, 450);
  assert.deepEqual(await gauge(db, "oldest_work_seconds"), { ...idle, messages: 450, looks: 450 });
  await sql`update ghost_repair.settings set watch_interval = null`;
  await claimMessage(sql, id);
  assert.deepEqual(await gauge(db, "oldest_work_seconds"), idle);
});

quickTest("the scheduler's jobs, webhooks and switches are told", async (db) => {
  const { sql } = db;
  await sql`select public.sweep()`;
  await sql`select ghost_repair.webhook_delivered(${db.instanceId})`;
  await pass(sql, 150);
  await sql`select from ghost_repair.due_functions()`;
  assert.deepEqual(await gauge(db, "scheduler_age_seconds"), { "due-functions": 0, sweep: 150 });
  assert.deepEqual(await gauge(db, "webhook_age_seconds"), { "": 150 });
  await sql`update ghost_repair.settings set alerts = false`;
  assert.deepEqual(await gauge(db, "switched_on"), {
    agent: 1,
    alerts: 0,
    gaps: 1,
    repair: 1,
    watch: 1,
  });
  assert.deepEqual(await gauge(db, "paused"), { "": 0 });
});

quickTest("open repairs and deaf numbers are told by state", async (db) => {
  await db.sql`insert into public.ghost_repairs (instance_id, state, closed_at, outcome)
    values (${db.instanceId}, 'closed', ghost_repair.now(), 'healed')`;
  await db.sql`insert into public.ghost_repairs (instance_id, organization_id, hearing)
    select i.id, i.organization_id, 'deaf' from public.whatsapp_instances i`;
  assert.deepEqual(await gauge(db, "open_repairs"), { "hearing open": 1 });
  assert.deepEqual(await gauge(db, "hearing_cases"), { deaf: 1 });
});

quickTest("all that is measured has a family, and each family is measured", async (db) => {
  await beginText(db);
  await db.sql`insert into public.ghost_repairs (instance_id, organization_id, hearing)
  select i.id, i.organization_id, 'deaf' from public.whatsapp_instances i`;
  await db.sql`select ghost_repair.webhook_delivered(${db.instanceId})`;
  await db.sql`select public.sweep()`;
  const names = new Set(
    (await measured(db.sql)).map(({ name }) => name.replace(/_(bucket|sum|count)$/, "")),
  );
  assert.deepEqual([...names].sort(), Object.keys(FAMILIES).sort());
});
