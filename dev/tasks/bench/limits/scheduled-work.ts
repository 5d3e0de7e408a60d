/**
 * The largest work of each function that the scheduler calls, made ready in the database.
 *
 * @module
 */

import { addNumbers, removeNumbers } from "../numbers.ts";
import { addMissing, removeMissing } from "../recovery.ts";
import type { Stage } from "../stage.ts";

/** One function's largest invocation. */
interface Work {
  readonly name: string;
  /** For people. */
  readonly what: string;
  readonly prepare: (stage: Stage) => Promise<void>;
}

const GATEWAY_MS = 100;

/** Of their names. */
const PREFIX = "limit";

/** So many numbers of a gateway that answers after 100 ms. */
function add(stage: Stage, count: number, status: "connected" | "disconnected"): Promise<void> {
  const gateways = [stage.gatewayAfter(GATEWAY_MS)];
  return addNumbers(stage, { prefix: PREFIX, count, status, gateways });
}

/** Takes away what was made ready. */
export async function removeWork(stage: Stage): Promise<void> {
  await removeNumbers(stage, PREFIX);
  await removeMissing(stage);
}

/** Each with the share that the scheduler gives one invocation. */
export const SCHEDULED_WORK: readonly Work[] = [
  {
    name: "auto-reconnect-instances",
    what: "250 due numbers, each with a QR",
    prepare: (stage) => add(stage, 250, "disconnected"),
  },
  {
    name: "watch-instances",
    what: "300 looks",
    prepare: async (stage) => {
      await add(stage, 300, "connected");
      await stage.sql`update ghost_repair.watched_numbers w set next_look_at = case
          when i.instance_name like 'limit-%' then now() else now() + interval '1 hour' end
        from public.whatsapp_instances i where i.id = w.instance_id`;
    },
  },
  {
    name: "advance-ghost-repairs",
    what: "200 repairs that are due",
    prepare: async (stage) => {
      await add(stage, 200, "connected");
      await stage.sql`select public.suspect_session(i.id, 'bench')
        from public.whatsapp_instances i where i.instance_name like 'limit-%'`;
      await stage.sql`update public.ghost_repairs set next_step_at = now()`;
    },
  },
  {
    name: "release-held-messages",
    what: "200 of 300 held messages, with a picture of 150 KB each",
    prepare: async (stage) => {
      const { sql, stack } = stage;
      await add(stage, 30, "connected");
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
    prepare: (stage) => addMissing(stage, 3, GATEWAY_MS),
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
