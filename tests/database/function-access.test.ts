import assert from "node:assert/strict";
import { API_ROLES, refusal } from "../support/api-roles.ts";
import { databaseTest } from "../support/database.ts";

/**
 * Every function there is. A new one is to be put here by somebody who has decided who may call it.
 */
const SERVICE_ROLE_ONLY = [
  "apply_acknowledgement(uuid,text,text)",
  "apply_connection_event(uuid,text,timestamp with time zone,integer,text)",
  "apply_message(uuid,jsonb)",
  "apply_qr_code(uuid,jsonb,timestamp with time zone)",
  "begin_reconnect_attempt(uuid,uuid)",
  "begin_repair_step(uuid,uuid,text)",
  "claim_ghost_repair(uuid)",
  "claim_operator_notices(integer)",
  "connecting_seen(uuid,double precision)",
  "enqueue_messages(uuid,jsonb,jsonb,jsonb)",
  "finish_ghost_repair(uuid,uuid,jsonb)",
  "finish_message(uuid,jsonb)",
  "lease_due_reconnects(integer,timestamp with time zone,integer)",
  "lease_due_repairs(integer,timestamp with time zone,integer)",
  "prune_instance_events()",
  "record_operator_notice(uuid)",
  "record_reconnect(uuid,uuid,jsonb)",
  "record_repair_step(uuid,uuid,jsonb)",
  "save_instance_credentials(uuid,text,text,text,text)",
  "suspect_session(uuid,text)",
  "suspect_unconfirmed()",
  "sweep_stale_messages()",
  "webhook_keys(uuid)",
];
const CALLED_FROM_SQL_ONLY = [
  "private.add_event(uuid,text,jsonb)",
  "private.add_reconnect_event(uuid,text,jsonb)",
  "private.call_function(text)",
  "private.close_ghost_repair(uuid,text)",
  "private.end_repair_with_instance()",
  "private.has_open_repair(uuid)",
  "private.hasten_repair(uuid)",
  "private.instance_connection(uuid)",
  "private.is_connection_news(uuid,text,timestamp with time zone)",
  "private.is_outage(uuid)",
  "private.lock_leased_instance(uuid,uuid)",
  "private.lock_leased_repair(uuid,uuid)",
  "private.lock_whatsapp_message(uuid,text)",
  "private.mark_awaiting_qr(uuid,jsonb,jsonb)",
  "private.mark_connected(uuid,jsonb)",
  "private.mark_disconnected(uuid,jsonb)",
  "private.note_connecting(uuid)",
  "private.open_ghost_repair(uuid,jsonb,timestamp with time zone)",
  "private.raise_connection_epoch()",
  "private.repair_policy(uuid)",
  "private.resolve_conversation(uuid,jsonb)",
  "private.touch_updated_at()",
];

const OURS = `pronamespace in ('public'::regnamespace, 'private'::regnamespace)`;

databaseTest(
  "each function may be called by exactly those that were decided on",
  async ({ sql }) => {
    const rows = await sql.unsafe<{ name: string; callers: string[] }[]>(`
    select p.oid::regprocedure::text as name, array(
      select r from unnest(array['${API_ROLES.join("','")}']) r
      where has_function_privilege(r, p.oid, 'EXECUTE')) as callers
    from pg_catalog.pg_proc p where ${OURS} order by 1`);
    const found = Object.fromEntries(rows.map(({ name, callers }) => [name, callers]));
    const decided = Object.fromEntries([
      ...CALLED_FROM_SQL_ONLY.map((name) => [name, []]),
      ...SERVICE_ROLE_ONLY.map((name) => [name, ["service_role"]]),
    ]);
    assert.deepEqual(found, decided);
  },
);

databaseTest("no function is left to everybody, as PostgreSQL leaves new ones", async ({ sql }) => {
  const open = await sql.unsafe(`
    select p.oid::regprocedure from pg_catalog.pg_proc p,
      aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
    where ${OURS} and a.grantee = 0`);
  assert.deepEqual([...open], []);
});

databaseTest(
  "every function has an empty search path: no caller can put a table in its way",
  async ({ sql }) => {
    const loose = await sql.unsafe(`
    select p.oid::regprocedure from pg_catalog.pg_proc p
    where ${OURS} and not coalesce(p.proconfig, '{}') @> array['search_path=""']`);
    assert.deepEqual([...loose], []);
  },
);

databaseTest("a call that is not allowed ends before the function begins", async ({ sql }) => {
  const call = "select public.claim_ghost_repair(gen_random_uuid())";
  assert.equal(await refusal(sql, { role: "anon" }, call), "42501");
  assert.equal(await refusal(sql, { role: "authenticated" }, call), "42501");
  assert.equal(await refusal(sql, { role: "service_role" }, call), null);
});
