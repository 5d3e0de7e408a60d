/**
 * The largest work of each function that the scheduler calls, made ready in the database.
 *
 * @module
 */

import type { Stage } from "../stage.ts";

/** One function's largest invocation. */
interface Work {
  readonly name: string;
  /** For people. */
  readonly what: string;
  readonly prepare: (stage: Stage) => Promise<void>;
}

const GATEWAY_MS = 100;

/** So many numbers of a gateway that answers after 100 ms. */
async function addNumbers({ sql, stack, gatewayAfter }: Stage, count: number, status: string) {
  await sql`delete from public.whatsapp_instances where instance_name like 'limit-%'`;
  await sql`
    insert into public.whatsapp_instances
      (organization_id, instance_name, status, phone_number, disconnected_since)
    select ${stack.company.organizationId}, 'limit-' || n, ${status},
      '55119' || lpad(n::text, 8, '0'),
      case ${status}::text when 'connected' then null else now() - interval '1 hour' end
    from generate_series(1, ${count}::int) n`;
  await sql`
    insert into private.instance_credentials (instance_id, api_url, api_key, webhook_secret)
    select id, ${gatewayAfter(GATEWAY_MS)}, 'bench-key', 'bench-secret'
    from public.whatsapp_instances where instance_name like 'limit-%'`;
}

/** Each with the share that the scheduler gives one invocation. */
export const SCHEDULED_WORK: readonly Work[] = [
  {
    name: "auto-reconnect-instances",
    what: "250 due numbers, each with a QR",
    prepare: (stage) => addNumbers(stage, 250, "disconnected"),
  },
  {
    name: "watch-instances",
    what: "400 looks",
    prepare: async (stage) => {
      await addNumbers(stage, 400, "connected");
      await stage.sql`update ghost_repair.watched_numbers w set next_look_at = case
          when i.instance_name like 'limit-%' then now() else now() + interval '1 hour' end
        from public.whatsapp_instances i where i.id = w.instance_id`;
    },
  },
  {
    name: "advance-ghost-repairs",
    what: "200 repairs that are due",
    prepare: async (stage) => {
      await addNumbers(stage, 200, "connected");
      await stage.sql`select public.suspect_session(i.id, 'bench')
        from public.whatsapp_instances i where i.instance_name like 'limit-%'`;
      await stage.sql`update public.ghost_repairs set next_step_at = now()`;
    },
  },
  {
    name: "release-held-messages",
    what: "300 held messages with a picture of 150 KB each",
    prepare: async (stage) => {
      const { sql, stack } = stage;
      await addNumbers(stage, 30, "connected");
      await sql`
        with talks as (
          insert into public.conversations (organization_id, whatsapp_instance_id, remote_jid)
          select i.organization_id, i.id, '55118' || lpad(n::text, 8, '0') || '@s.whatsapp.net'
          from public.whatsapp_instances i, generate_series(1, 10) n
          where i.instance_name like 'limit-%' returning *
        ), held as (
          insert into public.messages (organization_id, conversation_id, whatsapp_instance_id,
            is_from_me, message_type, media_mime_type, status, held_until)
          select ${stack.company.organizationId}, t.id, t.whatsapp_instance_id, true, 'image',
            'image/jpeg', 'held', now() + interval '1 hour' from talks t returning id
        )
        insert into private.message_media (message_id, base64)
        select h.id, repeat('A', 200000) from held h`;
    },
  },
  {
    name: "recover-messages",
    what: "3 numbers with 10,000 missed messages each, as many pages as a call reads",
    prepare: async (stage) => {
      const { sql } = stage;
      await addNumbers(stage, 3, "connected");
      await sql`update ghost_repair.hearing h set heard_since = now() - interval '1 day'
        from public.whatsapp_instances i
        where i.id = h.instance_id and i.instance_name like 'limit-%'`;
      await sql`delete from public.message_gaps`;
      await sql`
        insert into public.message_gaps (instance_id, organization_id, reason, state, gap_from,
          gap_until, due_at, waits_since)
        select i.id, i.organization_id, 'away', 'due', now() - interval '4 hours', now(), now(), now()
        from public.whatsapp_instances i where i.instance_name like 'limit-%'`;
    },
  },
  {
    name: "send-alerts",
    what: "200 alerts to a webhook",
    prepare: async ({ sql, stack, gatewayAfter }) => {
      await sql`
        with channel as (
          insert into private.alert_channels (organization_id, kind, name, url, secret)
          values (${stack.company.organizationId}, 'webhook', 'bench',
            ${`${gatewayAfter(GATEWAY_MS)}/hook`},
            'whsec_' || encode(sha256('bench'), 'base64')) returning id
        )
        insert into ghost_repair.alert_messages (channel_id, numbers, items)
        select c.id, 0, '[]' from channel c, generate_series(1, 200)`;
    },
  },
];
