/**
 * What runs at every send, every webhook, every minute, and whenever somebody looks at a page.
 *
 * @module
 */

import type postgres from "postgres";
import type { Facts } from "./fill.ts";

/** Runs a path; whatever it changes is rolled back. */
type Run = (sql: postgres.ISql, facts: Facts) => Promise<unknown>;

/** A path to try. */
export interface HotPath {
  readonly name: string;
  /** Works off a list: how many rows are read depends on the list, not on the table. */
  readonly batch: boolean;
  readonly run: Run;
}

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

/** A message that the gateway has and that is not here, as `record_gap_page` takes it. */
const missed = (sql: postgres.ISql) =>
  sql`jsonb_build_object('whatsapp_message_id', '3EB0MISSED', 'from_me', false, 'type', 'text',
    'remote_jid', '5511900000000@s.whatsapp.net', 'content', 'oi',
    'sent_at', ghost_repair.now() - interval '1 minute')`;

/** Its organization has wanted canaries for long: that all of its numbers are looked at is over. */
async function wantCanaries(sql: postgres.ISql, { organizationId }: Facts): Promise<void> {
  await sql`alter table ghost_repair.canary_policies disable trigger canary_policies_changed`;
  await sql`insert into ghost_repair.canary_policies (organization_id) values (${organizationId})`;
}

/** Its organization wants canaries, and its silence has broken its habit. */
async function putOnTrial(sql: postgres.ISql, facts: Facts): Promise<void> {
  const { instanceId } = facts;
  await wantCanaries(sql, facts);
  await sql`update public.whatsapp_instances set phone_number = '5511900000001'
    where id = ${instanceId}`;
  await sql`select ghost_repair.begin_trial(${instanceId}, 'silence', ghost_repair.now())`;
}

/** What follows is asked with a member's own rights. */
async function becomeMember(sql: postgres.ISql, userId: string): Promise<void> {
  await sql`select set_config('role', 'authenticated', true),
    set_config('request.jwt.claims', jsonb_build_object('sub', ${userId}::text)::text, true)`;
}

/** One thing at a time: a send, a webhook, a repair, a page. */
const SINGLE: Readonly<Record<string, Run>> = {
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
      where t.instance_id = ${facts.instanceId}`;
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
  "list_instances": (sql, { userId }) => sql`select public.list_instances(${userId})`,
  "instance_status": (sql, { userId, instanceId }) =>
    sql`select public.instance_status(${userId}, ${instanceId})`,
  "list_events (newest)": (sql, { userId }) =>
    sql`select public.list_events(${userId}, null, null, 50)`,
  "list_events (newest of a number)": (sql, { userId, instanceId }) =>
    sql`select public.list_events(${userId}, ${instanceId}, null, 50)`,
  "list_events (new ones)": (sql, { userId, lastEventId }) =>
    sql`select public.list_events(${userId}, null, ${lastEventId}, 50)`,
  "messages of a conversation, as a member": async (sql, { userId, conversationId }) => {
    await becomeMember(sql, userId);
    await sql`select id, content, status from public.messages
      where conversation_id = ${conversationId} order by created_at desc limit 50`;
  },
  "conversations, as a member": async (sql, { userId, organizationId }) => {
    await becomeMember(sql, userId);
    await sql`select id, contact_name from public.conversations
      where organization_id = ${organizationId} order by last_message_at desc limit 50`;
  },
};

/** What works off a list, every minute. */
const BATCHES: Readonly<Record<string, Run>> = {
  "lease_due_repairs, one step": async (sql) => {
    const leases = await sql<{ repair_id: string; token: string }[]>`
      select repair_id, token from public.lease_due_repairs(10)`;
    for (const { repair_id: id, token } of leases.slice(0, 1)) {
      await sql`select public.begin_repair_step(${id}, ${token}, 'restart')`;
      await sql`select public.record_repair_step(${id}, ${token},
        '{"next": "stepped", "step": "restart", "seconds": 65}')`;
    }
  },
  "lease_due_reconnects, one turn": async (sql) => {
    const leases = await sql<{ instance_id: string; token: string }[]>`
      select instance_id, token from public.lease_due_reconnects(40)`;
    for (const { instance_id: id, token } of leases.slice(0, 1)) {
      await sql`select public.begin_reconnect_attempt(${id}, ${token})`;
      await sql`select public.record_connect(${id}, ${token}, 'tick',
        '{"result": "no_qr_yet"}')`;
    }
  },
  "lease_waiting_numbers, one look": async (sql) => {
    const leases = await sql<{ instance_id: string; token: string; connection_epoch: string }[]>`
      select instance_id, token, connection_epoch from public.lease_waiting_numbers(20)`;
    for (const { instance_id: id, token, connection_epoch: epoch } of leases.slice(0, 1)) {
      await sql`select public.record_watch(${id}, ${token}, ${epoch}, '{"outcome": "close"}')`;
    }
  },
  "lease_watched_numbers, forty looks": async (sql) => {
    const found = await sql<{ instance_id: string; token: string; epoch: string }[]>`
      select instance_id, token, connection_epoch as epoch, 'alive' as verdict
      from public.lease_watched_numbers(40)`;
    await sql`select public.record_watched_numbers(${sql.json([...found])})`;
  },
  "due_functions": (sql) => sql`select name, calls from ghost_repair.due_functions()`,
  "lease_held_releases, one message": async (sql) => {
    const leases = await sql<{ instance_id: string; token: string }[]>`
      select instance_id, token from public.lease_held_releases(10)`;
    for (const { instance_id: id, token } of leases.slice(0, 1)) {
      await sql`select * from public.claim_held_message(${id}, ${token},
        gen_random_uuid())`;
      await sql`select public.end_held_release(${id}, ${token})`;
    }
  },
  "lease_gaps, one page": async (sql, { instanceId }) => {
    await sql`select ghost_repair.add_gap(${instanceId}, 'daily',
      ghost_repair.now() - interval '1 day', ghost_repair.now())`;
    await sql`update public.message_gaps set due_at = ghost_repair.now()
      where instance_id = ${instanceId}`;
    const leases = await sql<{ gap_id: string; token: string }[]>`
      select gap_id, token from public.lease_gaps(10)`;
    for (const { gap_id: id, token } of leases) {
      await sql`select public.record_gap_page(${id}, ${token}, jsonb_build_object(
        'outcome', 'page', 'messages', jsonb_build_array(${missed(sql)}), 'read', 1,
        'unreadable', 0, 'deleted', 0, 'full', false))`;
    }
  },
  "lease_due_trials, one canary": async (sql, facts) => {
    await putOnTrial(sql, facts);
    const leases = await sql<{ trial_id: string; token: string }[]>`
      select trial_id, token from public.lease_due_trials(10)`;
    for (const { trial_id: id, token } of leases) {
      const [canary] = await sql<{ id: string | null }[]>`
        select public.begin_canary(${id}, ${token}, 'own') ->> 'id' as id`;
      await sql`select public.record_canary(${canary!.id},
        '{"outcome": "sent", "whatsapp_id": "BENCH"}')`;
      await sql`select public.record_trial(${id}, ${token}, '{"next": "hears"}')`;
      await sql`select public.claim_sent_canaries(20)`;
    }
  },
  "tend_habits, where canaries are wanted": async (sql, facts) => {
    await wantCanaries(sql, facts);
    await sql`select ghost_repair.tend_habits()`;
  },
  "claim_gateway_versions": (sql) => sql`select public.claim_gateway_versions(5)`,
  "sweep": (sql) => sql`select public.sweep()`,
  "suspect_unconfirmed": (sql) => sql`select ghost_repair.suspect_unconfirmed()`,
  "prune": (sql) => sql`select public.prune()`,
};

/** All of them. */
export const HOT_PATHS: readonly HotPath[] = [
  ...Object.entries(SINGLE).map(([name, run]) => ({ name, batch: false, run })),
  ...Object.entries(BATCHES).map(([name, run]) => ({ name, batch: true, run })),
];
