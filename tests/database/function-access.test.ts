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
  "begin_delete(uuid,uuid,text)",
  "begin_disconnect(uuid,uuid)",
  "begin_reconnect(uuid,uuid)",
  "begin_reconnect_attempt(uuid,uuid)",
  "begin_repair_step(uuid,uuid,text)",
  "check_new_instance(uuid,uuid,text)",
  "claim_ghost_repair(uuid)",
  "claim_held_message(uuid,uuid)",
  "claim_operator_notices(integer)",
  "connecting_seen(uuid,double precision)",
  "doctor_report(text)",
  "end_held_release(uuid,uuid)",
  "enqueue_messages(uuid,jsonb,jsonb,jsonb)",
  "finish_delete(uuid,uuid,jsonb)",
  "finish_ghost_repair(uuid,uuid,jsonb)",
  "finish_message(uuid,jsonb)",
  "instance_status(uuid,uuid)",
  "lease_due_reconnects(integer,timestamp with time zone,integer)",
  "lease_due_repairs(integer,timestamp with time zone,integer)",
  "lease_held_releases(integer,integer)",
  "list_events(uuid,uuid,bigint,integer)",
  "list_instances(uuid,uuid)",
  "prune_instance_events()",
  "record_connect(uuid,uuid,jsonb)",
  "record_logout(uuid,jsonb)",
  "record_operator_notice(uuid,text)",
  "record_reconnect(uuid,uuid,jsonb)",
  "record_repair_step(uuid,uuid,jsonb)",
  "request_qr_code(uuid,uuid)",
  "retry_message(uuid,uuid,boolean)",
  "rotate_webhook_secret(uuid,text,interval)",
  "save_instance_credentials(uuid,text,text,text,text)",
  "store_new_instance(uuid,jsonb)",
  "suspect_session(uuid,text)",
  "suspect_unconfirmed()",
  "sweep_stale_messages()",
  "webhook_keys(uuid)",
];
const CALLED_FROM_SQL_ONLY = [
  "private.add_event(uuid,text,jsonb)",
  "private.add_reconnect_event(uuid,text,jsonb)",
  "private.authorize_instance(uuid,uuid,boolean)",
  "private.call_auto_reconnect()",
  "private.call_function(text)",
  "private.close_ghost_repair(uuid,text)",
  "private.confirm_ghost_repair(whatsapp_instances,private.ghost_repair_claims,jsonb)",
  "private.end_repair_with_instance()",
  "private.expire_held_messages()",
  "private.fresh_qr_code(uuid)",
  "private.has_open_repair(uuid)",
  "private.hasten_repair(uuid)",
  "private.hold_message(uuid,jsonb)",
  "private.instance_connection(uuid)",
  "private.instance_view(whatsapp_instances,text)",
  "private.is_connection_news(uuid,text,timestamp with time zone)",
  "private.is_outage(uuid)",
  "private.is_repair_advancing(uuid)",
  "private.is_session_conflict(uuid,interval)",
  "private.lease_connect(uuid,integer,boolean)",
  "private.lease_retry_seconds(uuid)",
  "private.lock_leased_instance(uuid,uuid)",
  "private.lock_leased_repair(uuid,uuid)",
  "private.lock_whatsapp_message(uuid,text)",
  "private.mark_awaiting_qr(uuid,jsonb,jsonb)",
  "private.mark_connected(uuid,jsonb)",
  "private.mark_disconnected(uuid,jsonb)",
  "private.may_repeat_step(ghost_repairs,text)",
  "private.not_connected_reason(whatsapp_instances)",
  "private.note_connecting(uuid)",
  "private.note_session_conflict(whatsapp_instances)",
  "private.open_ghost_repair(uuid,jsonb,timestamp with time zone,interval)",
  "private.organization_of(whatsapp_instances)",
  "private.raise_connection_epoch()",
  "private.reconnect_view(whatsapp_instances)",
  "private.repair_policy(uuid)",
  "private.report_lost_attempts()",
  "private.resolve_conversation(uuid,jsonb)",
  "private.rows_if_present(text,text)",
  "private.take_up_abandoned_repairs()",
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
