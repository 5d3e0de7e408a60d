/**
 * What runs at every send, every webhook, every minute, and whenever somebody looks at a page.
 *
 * @module
 */

import type postgres from "postgres";
import type { Facts } from "./facts.ts";

/** A path to try; whatever it changes is rolled back. */
export interface HotPath {
  readonly name: string;
  /** Work off a list: how many rows are read depends on the list, not on the table. */
  readonly batch?: true;
  readonly run: (sql: postgres.ISql, facts: Facts) => Promise<unknown>;
}

const PARTS = (sql: postgres.ISql) =>
  sql`jsonb_build_array(jsonb_build_object(
    'id', gen_random_uuid(), 'message_type', 'text', 'content', 'Bom dia!'))`;

const send: readonly HotPath[] = [
  {
    name: "enqueue_messages",
    run: (sql, { userId, conversationId }) =>
      sql`select public.enqueue_messages(${userId},
        jsonb_build_object('conversation_id', ${conversationId}::text), ${PARTS(sql)})`,
  },
  {
    name: "enqueue_messages (new customer)",
    run: (sql, { userId, instanceId }) =>
      sql`select public.enqueue_messages(${userId}, jsonb_build_object(
        'instance_id', ${instanceId}::text, 'remote_jid', '5511900000000@s.whatsapp.net'),
        ${PARTS(sql)})`,
  },
  {
    name: "finish_message (sent)",
    run: (sql, { sendingId }) =>
      sql`select public.finish_message(${sendingId},
        '{"status": "sent", "whatsapp_message_id": "3EB0BENCH"}')`,
  },
  {
    name: "finish_message (failed)",
    run: (sql, { sendingId }) =>
      sql`select public.finish_message(${sendingId},
        '{"status": "failed", "error_code": "connection_closed", "error_message": "x"}')`,
  },
  {
    name: "retry_message",
    run: (sql, { userId, failedId }) =>
      sql`select public.retry_message(${userId}, ${failedId}, true)`,
  },
];

const webhooks: readonly HotPath[] = [
  {
    name: "webhook_keys",
    run: (sql, { instanceId }) => sql`select * from public.webhook_keys(${instanceId})`,
  },
  ...["open", "close", "connecting", "refused"].map((state): HotPath => ({
    name: `apply_connection_event (${state})`,
    run: (sql, { instanceId }) =>
      sql`select public.apply_connection_event(${instanceId}, ${state}, ghost_repair.now())`,
  })),
  {
    name: "apply_connection_event (two sockets)",
    run: async (sql, { instanceId }) => {
      for (let flip = 1; flip <= 8; flip++) {
        for (const [state, half] of [["open", 0], ["close", 0.5]] as const) {
          await sql`select public.apply_connection_event(
            ${instanceId}, ${state}, ghost_repair.now() + make_interval(secs => ${
            flip + half
          }), 440)`;
        }
      }
    },
  },
  {
    name: "apply_qr_code",
    run: (sql, { instanceId }) =>
      sql`select public.apply_qr_code(${instanceId}, '{"code": "2@x"}', ghost_repair.now())`,
  },
  ...[false, true].map((fromMe): HotPath => ({
    name: `apply_message (${fromMe ? "from the phone" : "inbound"})`,
    run: (sql, { instanceId }) =>
      sql`select public.apply_message(${instanceId}, jsonb_build_object(
        'whatsapp_message_id', 'BENCH', 'remote_jid', '5511900000001@s.whatsapp.net',
        'from_me', ${fromMe}::boolean, 'type', 'text', 'content', 'oi', 'sent_at', ghost_repair.now()))`,
  })),
  {
    name: "apply_acknowledgement",
    run: (sql, { instanceId, whatsappMessageId }) =>
      sql`select public.apply_acknowledgement(${instanceId}, ${whatsappMessageId}, 'read')`,
  },
  {
    name: "apply_acknowledgement (early)",
    run: (sql, { instanceId }) =>
      sql`select public.apply_acknowledgement(${instanceId}, 'NOT-YET', 'delivered')`,
  },
];

const repair: readonly HotPath[] = [
  {
    name: "claim_ghost_repair to its verification",
    run: async (sql, { instanceId }) => {
      const [claim] = await sql<{ token: string }[]>`
        select token from public.claim_ghost_repair(${instanceId})`;
      const { token } = claim!;
      await sql`select public.confirm_ghost_repair(${instanceId}, ${token}, '{timeout}')`;
      await sql`select public.record_ghost_logout(${instanceId}, ${token},
        '{"logout": "socket_dead"}')`;
      await sql`select public.record_ghost_verification(${instanceId}, ${token},
        '{"outcome": "not_invalidated", "registry": "open"}')`;
    },
  },
  {
    name: "suspect_session",
    run: (sql, { instanceId }) => sql`select public.suspect_session(${instanceId}, 'bench')`,
  },
  {
    name: "lease_due_repairs, one step",
    batch: true,
    run: async (sql) => {
      const leases = await sql<{ repair_id: string; token: string }[]>`
        select repair_id, token from public.lease_due_repairs(10)`;
      for (const { repair_id: id, token } of leases.slice(0, 1)) {
        await sql`select public.begin_repair_step(${id}, ${token}, 'restart')`;
        await sql`select public.record_repair_step(${id}, ${token},
          '{"next": "stepped", "step": "restart", "seconds": 65}')`;
      }
    },
  },
  {
    name: "claim_operator_notices",
    run: (sql) => sql`select * from public.claim_operator_notices(10)`,
  },
];

const minute: readonly HotPath[] = [
  {
    name: "lease_due_reconnects, one turn",
    batch: true,
    run: async (sql) => {
      const leases = await sql<{ instance_id: string; token: string }[]>`
        select instance_id, token from public.lease_due_reconnects(40)`;
      for (const { instance_id: id, token } of leases.slice(0, 1)) {
        await sql`select public.begin_reconnect_attempt(${id}, ${token})`;
        await sql`select public.record_connect(${id}, ${token}, 'tick',
          '{"result": "no_qr_yet"}')`;
      }
    },
  },
  {
    name: "lease_held_releases, one message",
    batch: true,
    run: async (sql) => {
      const leases = await sql<{ instance_id: string; token: string }[]>`
        select instance_id, token from public.lease_held_releases(10)`;
      for (const { instance_id: id, token } of leases.slice(0, 1)) {
        await sql`select * from public.claim_held_message(${id}, ${token})`;
        await sql`select public.end_held_release(${id}, ${token})`;
      }
    },
  },
  {
    name: "sweep",
    batch: true,
    run: (sql) => sql`select public.sweep()`,
  },
  {
    name: "suspect_unconfirmed",
    batch: true,
    run: (sql) => sql`select ghost_repair.suspect_unconfirmed()`,
  },
  {
    name: "prune",
    batch: true,
    run: (sql) => sql`select public.prune()`,
  },
];

const pages: readonly HotPath[] = [
  {
    name: "list_instances",
    run: (sql, { userId }) => sql`select public.list_instances(${userId})`,
  },
  {
    name: "instance_status",
    run: (sql, { userId, instanceId }) =>
      sql`select public.instance_status(${userId}, ${instanceId})`,
  },
  {
    name: "list_events (newest)",
    run: (sql, { userId }) => sql`select public.list_events(${userId}, null, null, 50)`,
  },
  {
    name: "list_events (newest of a number)",
    run: (sql, { userId, instanceId }) =>
      sql`select public.list_events(${userId}, ${instanceId}, null, 50)`,
  },
  {
    name: "list_events (new ones)",
    run: (sql, { userId, lastEventId }) =>
      sql`select public.list_events(${userId}, null, ${lastEventId}, 50)`,
  },
  {
    name: "messages of a conversation, as a member",
    run: async (sql, { userId, conversationId }) => {
      await sql`select set_config('role', 'authenticated', true),
        set_config('request.jwt.claims', jsonb_build_object('sub', ${userId}::text)::text, true)`;
      await sql`select id, content, status from public.messages
        where conversation_id = ${conversationId} order by created_at desc limit 50`;
    },
  },
  {
    name: "conversations, as a member",
    run: async (sql, { userId, organizationId }) => {
      await sql`select set_config('role', 'authenticated', true),
        set_config('request.jwt.claims', jsonb_build_object('sub', ${userId}::text)::text, true)`;
      await sql`select id, contact_name from public.conversations
        where organization_id = ${organizationId} order by last_message_at desc limit 50`;
    },
  },
];

/** All of them. */
export const HOT_PATHS: readonly HotPath[] = [...send, ...webhooks, ...repair, ...minute, ...pages];
