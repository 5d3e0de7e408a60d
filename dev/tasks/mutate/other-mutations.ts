/**
 * Mistakes in sending, webhooks and reconnection.
 *
 * @module
 */

import type { Mutation } from "./mutation.ts";

const SENDS = "supabase/migrations/20260101000200_send_messages.sql";
const LEASES = "supabase/migrations/20260101000300_auto_reconnect.sql";
const WEBHOOK = "supabase/migrations/20260101000400_webhook.sql";

/** See {@linkcode Mutation}. */
export const OTHER_MUTATIONS: readonly Mutation[] = [
  {
    name: "a send that took 60 s is sent again",
    file: "supabase/functions/_shared/messages/judge-send.ts",
    edits: [["closed && answer.ms < NOTHING_WRITTEN_MS", "closed"]],
    tests: ["shared/messages/judge-send.test.ts"],
  },
  {
    name: "the sweeper has interrupted messages sent again",
    file: SENDS,
    edits: [[
      "status = 'failed', failed_at = now(), error_code = 'interrupted',",
      "status = 'held', held_until = now() + interval '10 minutes', error_code = 'interrupted',",
    ]],
    tests: ["database/message-outcomes.test.ts"],
  },
  {
    name: "a failure is written over the content",
    file: SENDS,
    edits: [[
      "      status = 'failed', failed_at = now(),\n      error_code",
      "      status = 'failed', failed_at = now(), content = p_outcome ->> 'error_message',\n      error_code",
    ]],
    tests: ["database/message-outcomes.test.ts"],
  },
  {
    name: "a conversation is anybody's",
    file: SENDS,
    edits: [["on m.organization_id = c.organization_id and m.user_id = p_user_id", "on true"]],
    tests: ["database/enqueue-target.test.ts"],
  },
  {
    name: "two ticks lease one number",
    file: LEASES,
    edits: [
      ["    for update of i skip locked\n  ), leased", "  ), leased"],
      [
        "\n      where l.expires_at <= now() and l.leased_at < coalesce(p_tick_started, now())\n",
        "\n",
      ],
    ],
    tests: ["database/reconnect-leases.test.ts", "auto-reconnect-instances/ticks-at-once.test.ts"],
  },
  {
    name: "a lease that ended still writes",
    file: LEASES,
    edits: [[
      "l.token = p_token and l.expires_at > now())\n  for update of i",
      "true)\n  for update of i",
    ]],
    tests: ["database/reconnect-leases.test.ts", "database/reconnect-outcomes.test.ts"],
  },
  {
    name: "the scheduler reconnects what a person disconnected",
    file: LEASES,
    edits: [[
      "where i.status in ('disconnected', 'connecting') and not i.manual_disconnect\n      and (",
      "where i.status in ('disconnected', 'connecting')\n      and (",
    ]],
    tests: ["database/reconnect-leases.test.ts"],
  },
  {
    name: "unknown is taken for disconnected",
    file: "supabase/functions/_shared/gateway/instance.ts",
    edits: [[
      '    case "close":\n      return { next: "connect" };',
      '    case "close":\n    case "timeout":\n    case "unreachable":\n      return { next: "connect" };',
    ]],
    tests: ["auto-reconnect-instances/decide.test.ts"],
  },
  {
    name: "anybody may play the scheduler",
    file: "supabase/functions/auto-reconnect-instances/handler.ts",
    edits: [["    requireCronSecret(request, effects.cronSecrets);\n", ""]],
    tests: ["auto-reconnect-instances/handler.test.ts"],
  },
  {
    name: "late webhooks count",
    file: WEBHOOK,
    edits: [["i.last_connection_event_at is null or i.last_connection_event_at < p_at", "true"]],
    tests: ["database/webhook-connection.test.ts"],
  },
  {
    name: "two sockets that throw each other out are not recognised",
    file: "supabase/migrations/20260101000150_ghost_ladder.sql",
    edits: [["c.closes >= 6 and c.last_at", "false and c.last_at"]],
    tests: ["database/session-conflict.test.ts"],
  },
  {
    name: "acknowledgements go backwards",
    file: WEBHOOK,
    edits: [["(v_rank ->> p_status)::int <= (v_rank ->> v_message.status)::int", "false"]],
    tests: ["database/webhook-messages.test.ts", "evolution-webhook/acknowledgements.test.ts"],
  },
];
