/**
 * Mistakes in sending again: by a person's wish, or what was held.
 *
 * @module
 */

import type { Mutation } from "../../mutation.ts";

const MESSAGES = "supabase/migrations/20261126201100_messages.sql";
const HELD = "supabase/migrations/20261126201300_held_messages.sql";

/** See {@linkcode Mutation}. */
export const SEND_AGAIN_MUTATIONS: readonly Mutation[] = [
  {
    name: "a message is sent again for somebody else's user",
    file: MESSAGES,
    edits: [[
      "on o.organization_id = m.organization_id and o.user_id = p_user_id",
      "on o.user_id = p_user_id",
    ]],
    tests: ["evolution-api/actions/tenancy.test.ts"],
  },
  {
    name: "two clicks on retry send twice",
    file: MESSAGES,
    edits: [[
      "elsif v_message.is_from_me and (v_message.status = 'sending'\n    or",
      "elsif v_message.is_from_me and (false\n    or",
    ], [
      "not v_message.is_from_me or v_message.status <> 'failed' then",
      "not v_message.is_from_me then",
    ]],
    tests: ["evolution-api/actions/retry.test.ts"],
  },
  {
    name: "what may have been sent is sent again unasked",
    file: MESSAGES,
    edits: [[
      "if v_message.may_have_left and not p_confirm_duplicate",
      "if false",
    ]],
    tests: ["evolution-api/actions/retry.test.ts"],
  },
  {
    name: "whatever failed is held and sent later",
    file: HELD,
    edits: [[
      "elsif p_outcome ->> 'error_code' is distinct from 'connection_closed'\n    or",
      "elsif",
    ]],
    tests: ["database/messages/held-messages.test.ts"],
  },
  {
    name: "what may have left is held and sent again by itself",
    file: HELD,
    edits: [["\n    or (p_outcome ->> 'may_have_left')::boolean then", " then"]],
    tests: ["database/messages/held-messages.test.ts"],
  },
  {
    name: "what is written behind a held message does not wait with it",
    file: HELD,
    edits: [[
      "    if not exists (\n      select from",
      "    if true or not exists (\n      select from",
    ]],
    tests: ["database/messages/held-messages.test.ts"],
  },
  {
    name: "what nobody tried waits for ever",
    file: HELD,
    edits: [[
      "        and m.sender_until <= ghost_repair.now() - s.queue_patience)",
      "        and false)",
    ]],
    tests: ["database/messages/claim-message.test.ts"],
  },
  {
    name: "the next message runs into WhatsApp's limit as well",
    file: HELD,
    edits: [["m.error_code = 'rate_limited_by_whatsapp' and", "false and"]],
    tests: ["database/messages/sent-answers.test.ts"],
  },
  {
    name: "a retry sends nothing where the file was let go",
    file: MESSAGES,
    edits: [["if v_message.media_digest is not null\n", "if false\n"]],
    tests: ["database/messages/sent-answers.test.ts"],
  },
  {
    name: "a message that fails again waits anew, for ever",
    file: HELD,
    edits: [[
      "held_until = coalesce(m.held_until, ghost_repair.now() + s.hold_for),",
      "held_until = ghost_repair.now() + s.hold_for,",
    ]],
    tests: ["database/messages/held-messages.test.ts"],
  },
  {
    name: "held messages fail before their time",
    file: HELD,
    edits: [[
      "where (m.status = 'held' and m.held_until <= ghost_repair.now())\n",
      "where (m.status = 'held')\n",
    ]],
    tests: ["database/messages/held-messages.test.ts"],
  },
  {
    name: "what waits goes out while the session is being repaired",
    file: HELD,
    edits: [["\n  and not ghost_repair.has_open_repair(i.id);", ";"]],
    tests: ["database/messages/held-messages.test.ts"],
  },
  {
    name: "two ticks release one number's messages",
    file: HELD,
    edits: [["  from leased l where l.token is not null\n", "  from leased l\n"]],
    tests: ["database/messages/held-messages.test.ts"],
  },
  {
    name: "numbers that somebody works on count for the limit",
    file: HELD,
    edits: [["    where not ghost_repair.is_leased('release', d.instance_id)\n", ""]],
    tests: ["database/messages/held-messages.test.ts"],
  },
  {
    name: "what waits goes out after its time",
    file: HELD,
    edits: [[
      "where (m.status = 'held' and m.held_until > ghost_repair.now())\n",
      "where (m.status = 'held')\n",
    ]],
    tests: ["database/messages/held-messages.test.ts"],
  },
  {
    name: "what waits goes out with anybody's lease",
    file: HELD,
    edits: [["      and ghost_repair.holds_lease('release', p_instance_id, p_token)\n", ""]],
    tests: ["database/messages/held-messages.test.ts"],
  },
  {
    name: "one tick's lease on a number's held messages is never given back",
    file: HELD,
    edits: [[
      "select from ghost_repair.end_lease('release', p_instance_id, p_token)",
      "select from ghost_repair.is_leased('release', p_instance_id)",
    ]],
    tests: ["database/messages/held-messages.test.ts"],
  },
];
