import assert from "node:assert/strict";
import { API_ROLES, refusal } from "../support/api-roles.ts";
import { quickTest } from "../support/quick-test.ts";

/**
 * Every function there is. A new one is to be put here by somebody who has decided who may call it.
 */
const SERVICE_ROLE_ONLY = [
  "apply_connection_event(uuid,text,timestamp with time zone,integer,text,jsonb)",
  "apply_history(uuid,jsonb)",
  "apply_qr_code(uuid,jsonb,timestamp with time zone,jsonb)",
  "apply_webhook(uuid,text,jsonb,jsonb)",
  "begin_canary(uuid,uuid,text)",
  "begin_cure_step(uuid,uuid,text)",
  "begin_delete(uuid,uuid,text)",
  "begin_disconnect(uuid,uuid)",
  "begin_own_alert(text,text)",
  "begin_reconnect(uuid,uuid)",
  "begin_reconnect_attempt(uuid,uuid)",
  "begin_registry_look(uuid)",
  "begin_repair_step(uuid,uuid,text)",
  "check_new_instance(uuid,uuid,text)",
  "claim_alerts(integer)",
  "claim_gateway_versions(integer,uuid)",
  "claim_ghost_repair(uuid)",
  "claim_held_message(uuid,uuid,uuid)",
  "claim_message(uuid,uuid)",
  "claim_operator_notices(integer,boolean)",
  "claim_restart_requests(integer)",
  "claim_sent_canaries(integer)",
  "confirm_ghost_repair(uuid,uuid,text[])",
  "connecting_seen(uuid,double precision)",
  "delete_alert_channel(uuid,uuid)",
  "doctor_report(text)",
  "end_held_release(uuid,uuid)",
  "enqueue_messages(uuid,jsonb,jsonb,jsonb)",
  "erase_customer(uuid,uuid)",
  "explain_failures(jsonb)",
  "find_media(uuid,uuid,boolean)",
  "finish_delete(uuid,uuid,jsonb)",
  "finish_message(uuid,jsonb)",
  "hand_over_messages(uuid[],uuid)",
  "history_window(uuid)",
  "instance_status(uuid,uuid)",
  "is_hearing_due()",
  "lease_due_reconnects(integer,timestamp with time zone,integer)",
  "lease_due_repairs(integer,timestamp with time zone,integer)",
  "lease_due_trials(integer,timestamp with time zone,integer)",
  "lease_gaps(integer,timestamp with time zone,integer)",
  "lease_held_releases(integer,integer)",
  "lease_waiting_numbers(integer,timestamp with time zone,integer)",
  "lease_watched_numbers(integer,timestamp with time zone,integer)",
  "list_alert_channels(uuid,uuid)",
  "list_events(uuid,uuid,bigint,integer)",
  "list_instances(uuid,uuid)",
  "note_sent_answer(uuid,text)",
  "name_own_alert(uuid,text)",
  "note_webhook_updated(uuid,jsonb)",
  "organization_settings(uuid,uuid)",
  "postpone_repair_step(uuid,uuid)",
  "prune()",
  "read_metrics()",
  "read_webhook_setting(uuid,uuid,text,text)",
  "record_alert(uuid,text)",
  "record_canary(uuid,jsonb)",
  "record_connect(uuid,uuid,text,jsonb,bigint)",
  "record_gateway_version(text,text,boolean,text,boolean,boolean,boolean)",
  "lease_due_recreations(integer,timestamp with time zone,integer)",
  "begin_recreation(uuid,uuid,text,text)",
  "record_recreation(uuid,uuid,jsonb)",
  "begin_scan_connect(uuid,uuid)",
  "record_gap_page(uuid,uuid,jsonb)",
  "record_ghost_logout(uuid,uuid,jsonb)",
  "record_ghost_verification(uuid,uuid,jsonb)",
  "record_logout(uuid,jsonb)",
  "record_operator_notice(uuid,text)",
  "record_owed_logout(uuid,uuid,jsonb)",
  "record_repair_step(uuid,uuid,jsonb)",
  "record_restart(uuid,jsonb)",
  "record_trial(uuid,uuid,jsonb)",
  "record_watched_numbers(jsonb)",
  "record_watch(uuid,uuid,bigint,jsonb)",
  "release_ghost_repair(uuid,uuid,text[])",
  "report_webhook(uuid,text,integer)",
  "request_look(uuid,uuid)",
  "request_qr_code(uuid,uuid)",
  "retry_message(uuid,uuid,boolean)",
  "rotate_webhook_secret(uuid,text,interval)",
  "save_alert_channel(uuid,jsonb)",
  "save_instance_credentials(uuid,text,text,text,text)",
  "save_restart_agent(text,text,text,interval)",
  "store_new_instance(uuid,jsonb)",
  "suspect_session(uuid,text)",
  "sweep()",
  "test_alert_channel(uuid,uuid)",
  "update_organization_settings(uuid,uuid,boolean)",
  "webhook_keys(uuid)",
];
/** What a signed-in user asks directly; each looks at the caller's memberships itself. */
const SIGNED_IN = [
  "fleet(jsonb)",
  "fleet_channels()",
  "fleet_gateways()",
  "fleet_pulse()",
  "number_page(uuid)",
];
const OURS = `pronamespace = 'public'::regnamespace`;

quickTest("each function may be called by exactly those that were decided on", async ({ sql }) => {
  const rows = await sql.unsafe<{ name: string; callers: string[] }[]>(`
  select p.oid::regprocedure::text as name, array(
    select r from unnest(array['${API_ROLES.join("','")}']) r
    where has_function_privilege(r, p.oid, 'EXECUTE')) as callers
  from pg_catalog.pg_proc p where ${OURS} order by 1`);
  const found = Object.fromEntries(rows.map(({ name, callers }) => [name, callers]));
  const decided = Object.fromEntries([
    ...SERVICE_ROLE_ONLY.map((name) => [name, ["service_role"]]),
    ...SIGNED_IN.map((name) => [name, ["authenticated", "service_role"]]),
  ]);
  assert.deepEqual(found, decided);
});

quickTest("no function is left to everybody, as PostgreSQL leaves new ones", async ({ sql }) => {
  const open = await sql.unsafe(`
    select p.oid::regprocedure from pg_catalog.pg_proc p,
      aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
    where ${OURS} and a.grantee = 0`);
  assert.deepEqual([...open], []);
});

quickTest("every function but the clock has an empty search path", async ({ sql }) => {
  const loose = await sql.unsafe(`
  select p.oid::regprocedure from pg_catalog.pg_proc p
  where p.pronamespace in ('public'::regnamespace, 'ghost_repair'::regnamespace)
    and p.oid <> 'ghost_repair.now()'::regprocedure
    and not coalesce(p.proconfig, '{}') @> array['search_path=""']`);
  assert.deepEqual([...loose], []);
});

quickTest("a call that is not allowed ends before the function begins", async ({ sql }) => {
  const call = "select public.claim_ghost_repair(gen_random_uuid())";
  assert.equal(await refusal(sql, { role: "anon" }, call), "42501");
  assert.equal(await refusal(sql, { role: "authenticated" }, call), "42501");
  assert.equal(await refusal(sql, { role: "service_role" }, call), null);
});

quickTest("what is called from SQL alone is out of every API role's reach", async ({ sql }) => {
  for (const role of API_ROLES) {
    for (const schema of ["ghost_repair", "private"]) {
      const [may] = await sql`
        select has_schema_privilege(${role}, ${schema}, 'USAGE, CREATE') as any`;
      assert.equal(may?.["any"], false, `${role} ${schema}`);
    }
    const call = "select ghost_repair.add_event(gen_random_uuid(), 'x', '{}')";
    assert.equal(await refusal(sql, { role }, call), "42501", role);
  }
});
