/**
 * Mistakes in sending again: by a person's wish, or what was held.
 *
 * @module
 */

import { mistakesIn, type Mutation } from "../../mutation.ts";

const MESSAGES = "supabase/migrations/20261126201100_messages.sql";
const HELD = "supabase/migrations/20261126201300_held_messages.sql";

/** See {@linkcode Mutation}. */
export const SEND_AGAIN_MUTATIONS: readonly Mutation[] = [
  ...mistakesIn(MESSAGES, "evolution-api/actions/tenancy.test.ts", {
    "a message is sent again for somebody else's user": [[
      "on o.organization_id = m.organization_id and o.user_id = p_user_id",
      "on o.user_id = p_user_id",
    ]],
  }),
  ...mistakesIn(MESSAGES, "evolution-api/actions/retry.test.ts", {
    "two clicks on retry send twice": [[
      "elsif v_message.is_from_me and (v_message.status = 'sending'\n    or",
      "elsif v_message.is_from_me and (false\n    or",
    ], [
      "not v_message.is_from_me or v_message.status <> 'failed' then",
      "not v_message.is_from_me then",
    ]],
    "what may have been sent is sent again unasked": [[
      "if v_message.may_have_left and not p_confirm_duplicate",
      "if false",
    ]],
  }),
  ...mistakesIn(HELD, "database/messages/held-messages.test.ts", {
    "whatever failed is held and sent later": [[
      "elsif p_outcome ->> 'error_code' is distinct from 'connection_closed'\n    or",
      "elsif",
    ]],
    "what may have left is held and sent again by itself": [[
      "\n    or (p_outcome ->> 'may_have_left')::boolean then",
      " then",
    ]],
    "what is written behind a held message does not wait with it": [[
      "    if not exists (\n      select from",
      "    if true or not exists (\n      select from",
    ]],
    "a message that fails again waits anew, for ever": [[
      "held_until = coalesce(m.held_until, ghost_repair.now() + s.hold_for),",
      "held_until = ghost_repair.now() + s.hold_for,",
    ]],
    "held messages fail before their time": [[
      "where (m.status = 'held' and m.held_until <= ghost_repair.now())\n",
      "where (m.status = 'held')\n",
    ]],
    "what waits goes out while the session is being repaired": [[
      "\n  and not ghost_repair.has_open_repair(i.id);",
      ";",
    ]],
    "two ticks release one number's messages": [[
      "  from leased l where l.token is not null\n",
      "  from leased l\n",
    ]],
    "numbers that somebody works on count for the limit": [[
      "    where not ghost_repair.is_leased('release', d.instance_id)\n",
      "",
    ]],
    "what waits goes out after its time": [[
      "where (m.status = 'held' and m.held_until > ghost_repair.now())\n",
      "where (m.status = 'held')\n",
    ]],
    "what waits goes out with anybody's lease": [[
      "      and ghost_repair.holds_lease('release', p_instance_id, p_token)\n",
      "",
    ]],
    "one tick's lease on a number's held messages is never given back": [[
      "select from ghost_repair.end_lease('release', p_instance_id, p_token)",
      "select from ghost_repair.is_leased('release', p_instance_id)",
    ]],
    "a claim whose answer was lost takes nothing": [[
      "and m.sending_since is not null and m.claim_token = p_claim\n",
      "and m.sending_since is not null and m.claim_token = p_claim and false\n",
    ]],
    "what waits goes out while its number is away": [[
      "where i.status = 'connected'\n  and exists (select from ghost_repair.due_messages",
      "where exists (select from ghost_repair.due_messages",
    ]],
  }),
  ...mistakesIn(HELD, "database/messages/claim-message.test.ts", {
    "what nobody tried waits for ever": [[
      "        and m.sender_until <= ghost_repair.now() - s.queue_patience)",
      "        and false)",
    ]],
  }),
  ...mistakesIn(HELD, "database/messages/sent-answers.test.ts", {
    "the next message runs into WhatsApp's limit as well": [[
      "m.error_code = 'rate_limited_by_whatsapp' and",
      "false and",
    ]],
  }),
  ...mistakesIn(MESSAGES, "database/messages/sent-answers.test.ts", {
    "a retry sends nothing where the file was let go": [[
      "if v_message.media_digest is not null\n",
      "if false\n",
    ]],
  }),
];
