/**
 * What runs at every send, every webhook and every repair: one number at a time.
 *
 * @module
 */

import type postgres from "postgres";
import { missed, type Paths, putOnTrial, type Run } from "./hot-path.ts";

const PARTS = (sql: postgres.ISql) =>
  sql`jsonb_build_array(jsonb_build_object(
    'id', gen_random_uuid(), 'message_type', 'text', 'content', 'Bom dia!'))`;

/** A report of the gateway about the session. */
const report = (state: string): Run => (sql, { instanceId }) =>
  sql`select public.apply_connection_event(${instanceId}, ${state}, ghost_repair.now())`;

const message = (fromMe: boolean): Run => (sql, { instanceId }) =>
  sql`select ghost_repair.apply_message(${instanceId}, jsonb_build_object(
    'whatsapp_message_id', 'BENCH', 'remote_jid', '5511900000001@s.whatsapp.net',
    'from_me', ${fromMe}::boolean, 'type', 'text', 'content', 'oi', 'sent_at', ghost_repair.now()))`;

/** See {@linkcode Paths}. */
export const MESSAGE_PATHS: Paths = {
  "enqueue_messages": (sql, { userId, conversationId }) =>
    sql`select public.enqueue_messages(${userId},
      jsonb_build_object('conversation_id', ${conversationId}::text), ${PARTS(sql)})`,
  "enqueue_messages (new customer)": (sql, { userId, instanceId }) =>
    sql`select public.enqueue_messages(${userId}, jsonb_build_object(
      'instance_id', ${instanceId}::text, 'remote_jid', '5511900000000@s.whatsapp.net'),
      ${PARTS(sql)})`,
  "finish_message (sent)": (sql, { sendingId }) =>
    sql`select public.finish_message(${sendingId},
      '{"status": "sent", "whatsapp_message_id": "3EB0BENCH"}')`,
  "finish_message (failed)": (sql, { sendingId }) =>
    sql`select public.finish_message(${sendingId},
      '{"status": "failed", "error_code": "connection_closed", "error_message": "x"}')`,
  "claim_message to its noted answer": async (sql, facts) => {
    const { userId, conversationId } = facts;
    const queued = await sql<{ id: string }[]>`
      with parts as (select ${PARTS(sql)} as p),
      queued as (select public.enqueue_messages(${userId},
        jsonb_build_object('conversation_id', ${conversationId}::text), parts.p) from parts)
      select p -> 0 ->> 'id' as id from parts, queued`;
    for (const { id } of queued) {
      await sql`select public.claim_message(${id}, gen_random_uuid())`;
      await sql`select public.note_sent_answer(${id}, '3EB0BENCH')`;
      await sql`select public.hand_over_messages(array[${id}::uuid], gen_random_uuid())`;
    }
  },
  "retry_message": (sql, { userId, failedId }) =>
    sql`select public.retry_message(${userId}, ${failedId}, true)`,
  "webhook_keys": (sql, { instanceId }) => sql`select * from public.webhook_keys(${instanceId})`,
  "apply_connection_event (open)": report("open"),
  "apply_connection_event (close)": report("close"),
  "apply_connection_event (connecting)": report("connecting"),
  "apply_connection_event (refused)": report("refused"),
  "apply_connection_event (two sockets)": async (sql, { instanceId }) => {
    for (let flip = 1; flip <= 8; flip++) {
      for (const [state, half] of [["open", 0], ["close", 0.5]] as const) {
        await sql`select public.apply_connection_event(
          ${instanceId}, ${state}, ghost_repair.now() + make_interval(secs => ${
          flip + half
        }), 440)`;
      }
    }
  },
  "apply_qr_code": (sql, { instanceId }) =>
    sql`select public.apply_qr_code(${instanceId}, '{"code": "2@x"}', ghost_repair.now())`,
  "apply_message (inbound)": message(false),
  "apply_message (from the phone)": message(true),
  "apply_message (a canary)": async (sql, facts) => {
    await putOnTrial(sql, facts);
    await sql`insert into ghost_repair.canaries (trial_id, way, sender_id, recipient_id, whatsapp_message_id)
      select t.id, 'own', t.instance_id, t.instance_id, 'BENCH' from ghost_repair.canary_trials t
      where t.instance_id = ${facts.instanceId} and t.closed_at is null`;
    await message(false)(sql, facts);
  },
  "is_hearing_due": (sql) => sql`select public.is_hearing_due()`,
  "apply_acknowledgement": (sql, { instanceId, whatsappMessageId }) =>
    sql`select ghost_repair.apply_acknowledgement(${instanceId}, ${whatsappMessageId}, 'read')`,
  "apply_acknowledgement (early)": (sql, { instanceId }) =>
    sql`select ghost_repair.apply_acknowledgement(${instanceId}, 'NOT-YET', 'delivered')`,
  "claim_ghost_repair to its verification": async (sql, { instanceId }) => {
    const [claim] = await sql<{ token: string }[]>`
      select token from public.claim_ghost_repair(${instanceId})`;
    const { token } = claim!;
    await sql`select public.confirm_ghost_repair(${instanceId}, ${token}, '{timeout}')`;
    await sql`select public.record_ghost_logout(${instanceId}, ${token},
      '{"logout": "socket_dead"}')`;
    await sql`select public.record_ghost_verification(${instanceId}, ${token},
      '{"outcome": "not_invalidated", "registry": "open"}')`;
  },
  "begin_delete": async (sql, { userId, instanceId }) => {
    await sql`select public.begin_delete(${userId}, ${instanceId}, i.instance_name)
      from public.whatsapp_instances i where i.id = ${instanceId}`;
  },
  "note_late_webhook, apply_history": async (sql, { instanceId }) => {
    await sql`select ghost_repair.note_late_webhook(${instanceId}, ghost_repair.now())`;
    await sql`update public.message_gaps set reason = 'away'
      where instance_id = ${instanceId} and state = 'due'`;
    await sql`select public.apply_history(${instanceId}, jsonb_build_array(${missed(sql)}))`;
  },
  "claim_gateway_versions (a repair's)": (sql, { instanceId }) =>
    sql`select public.claim_gateway_versions(1, ${instanceId})`,
  "suspect_session": (sql, { instanceId }) =>
    sql`select public.suspect_session(${instanceId}, 'bench')`,
  "claim_operator_notices": (sql) => sql`select * from public.claim_operator_notices(10)`,
  "apply_webhook (a message)": (sql, { instanceId }) =>
    sql`select public.apply_webhook(${instanceId}, k.key_id, jsonb_build_array(jsonb_build_object(
        'kind', 'message', 'message', ${missed(sql)})), '{"refused": 0}')
      from public.webhook_keys(${instanceId}) k`,
  "report_webhook": (sql, { instanceId }) =>
    sql`select public.report_webhook(${instanceId}, 'open')`,
  "request_qr_code": (sql, { userId, instanceId }) =>
    sql`select public.request_qr_code(${userId}, ${instanceId})`,
  "begin_registry_look": (sql, { instanceId }) =>
    sql`select * from public.begin_registry_look(${instanceId})`,
  "history_window": (sql, { instanceId }) => sql`select public.history_window(${instanceId})`,
  "erase_customer": (sql, { userId, conversationId }) =>
    sql`select public.erase_customer(${userId}, ${conversationId})`,
};
