/**
 * Mistakes in who sends a message, and in how it ends.
 *
 * @module
 */

import type { Mutation } from "../../mutation.ts";

const MESSAGES = "supabase/migrations/20261126201100_messages.sql";
const VIEWS = "supabase/migrations/20261126201400_views.sql";

/** See {@linkcode Mutation}. */
export const OUTCOME_MUTATIONS: readonly Mutation[] = [
  {
    name: "a message that has left is failed afterwards",
    file: MESSAGES,
    edits: [["if v_message.status <> 'sending' or (v_token", "if (v_token"]],
    tests: ["database/messages/message-outcomes.test.ts"],
  },
  {
    name: "an answer that comes after the sweep is lost",
    file: MESSAGES,
    edits: [[
      "if v_message.status not in ('sending', 'held', 'failed') then",
      "if v_message.status not in ('sending', 'held') then",
    ]],
    tests: ["database/messages/message-outcomes.test.ts"],
  },
  {
    name: "two senders claim one message",
    file: MESSAGES,
    edits: [[
      "and m.sending_since is null\n    and not ghost_repair.is_behind",
      "and not ghost_repair.is_behind",
    ]],
    tests: ["database/messages/claim-message.test.ts"],
  },
  {
    name: "a message overtakes an earlier one of its conversation",
    file: MESSAGES,
    edits: [["e.position < p_position", "e.position < 0"]],
    tests: ["database/messages/claim-message.test.ts"],
  },
  {
    name: "a message whose sender died blocks its conversation for ever",
    file: MESSAGES,
    edits: [[
      "when e.sending_since is not null then e.sending_since > ghost_repair.now() - s.send_patience",
      "when e.sending_since is not null then true",
    ]],
    tests: ["database/messages/claim-message.test.ts"],
  },
  {
    name: "what nobody tried is called interrupted",
    file: MESSAGES,
    edits: [[
      "where m.status = 'sending' and m.sending_since\n      <",
      "where m.status = 'sending' and coalesce(m.sending_since, m.created_at)\n      <",
    ]],
    tests: ["database/messages/claim-message.test.ts"],
  },
  {
    name: "what was handed over still has its sender",
    file: MESSAGES,
    edits: [[
      "sender_until = least(m.sender_until, ghost_repair.now()), sending_since",
      "sender_until = m.sender_until, sending_since",
    ]],
    tests: ["database/messages/claim-message.test.ts"],
  },
  {
    name: "what another one sends is handed over and sent twice",
    file: MESSAGES,
    edits: [["    and (m.sending_since is null or m.claim_token = p_token)\n", ""]],
    tests: ["database/messages/claim-message.test.ts"],
  },
  {
    name: "the failure of an earlier attempt ends the next one",
    file: MESSAGES,
    edits: [["(v_token is not null and v_message.claim_token is distinct from v_token)", "false"]],
    tests: ["database/messages/claim-message.test.ts"],
  },
  {
    name: "a part that somebody else sends fails with its request",
    file: MESSAGES,
    edits: [["(p_outcome ->> 'untried')::boolean", "false"]],
    tests: ["database/messages/claim-message.test.ts"],
  },
  {
    name: "the end of a send waits for the number's row",
    file: MESSAGES,
    edits: [["lock_session(v_instance_id, true)", "lock_session(v_instance_id)"]],
    tests: ["database/messages/sent-answers.test.ts"],
  },
  {
    name: "an answer that was noted is not stored",
    file: MESSAGES,
    edits: [[
      "from private.sent_answers a\n      order by",
      "from private.sent_answers a where false\n      order by",
    ]],
    tests: ["database/messages/sent-answers.test.ts"],
  },
  {
    name: "an answer is noted for nobody",
    file: MESSAGES,
    edits: [[
      "values (p_message_id, p_whatsapp_message_id) on",
      "values (gen_random_uuid(), p_whatsapp_message_id) on",
    ]],
    tests: ["database/messages/sent-answers.test.ts"],
  },
  {
    name: "a message is shown as unconfirmed right after it was sent",
    file: VIEWS,
    edits: [[
      "select ghost_repair.now() - s.unconfirmed_after from",
      "select ghost_repair.now() from",
    ]],
    tests: ["database/messages/message-outcomes.test.ts"],
  },
  {
    name: "what WhatsApp limits waits for ever",
    file: MESSAGES,
    edits: [[" and m.attempts <= s.rate_limit_waits;", ";"]],
    tests: ["database/messages/sent-answers.test.ts"],
  },
  {
    name: "reasons that nobody can put into words are read for ever",
    file: "supabase/migrations/20261126201100_messages.sql",
    edits: [[
      "\n      and m.failed_at > ghost_repair.now() - (select s.explain_within from ghost_repair.settings s)\n",
      "\n",
    ]],
    tests: ["database/messages/message-outcomes.test.ts"],
  },
  {
    name: "the reason in words is another one's",
    file: MESSAGES,
    edits: [[
      "error_message = p_sentences ->> m.error_code",
      "error_message = p_sentences ->> 'other'",
    ]],
    tests: ["database/messages/message-outcomes.test.ts"],
  },
  {
    name: "the file of a message that waits is let go",
    file: MESSAGES,
    edits: [[
      " and m.status not in ('sending', 'held')\n    where o.created_at",
      "\n    where o.created_at",
    ]],
    tests: ["database/messages/sent-answers.test.ts"],
  },
  {
    name: "an answer and the webhook about it overlook each other",
    file: MESSAGES,
    edits: [[
      "p_instance_id::text || ':' || p_id, 0)",
      "p_instance_id::text || ':' || p_id || pg_catalog.random(), 0)",
    ]],
    tests: ["database/messages/message-order.test.ts"],
  },
  {
    name: "the sweeper gives up on a send that is under way",
    file: MESSAGES,
    edits: [[
      "      < ghost_repair.now() - (select s.send_patience from ghost_repair.settings s)",
      "      < ghost_repair.now() - interval '1 minute'",
    ]],
    tests: ["database/messages/message-outcomes.test.ts"],
  },
  {
    name: "a number is suspected while nobody's messages are confirmed",
    file: MESSAGES,
    edits: [["      and s.api_url in (select living.api_url from living)\n", ""]],
    tests: ["database/messages/webhook-messages.test.ts"],
  },
  {
    name: "a number is suspected for one message though later ones were confirmed",
    file: MESSAGES,
    edits: [["where sent.at >= coalesce((", "where sent.at is not null or sent.at >= coalesce(("]],
    tests: ["database/messages/webhook-messages.test.ts"],
  },
  {
    name: "what was never tried looks as if it were being sent",
    file: VIEWS,
    edits: [["m.status = 'sending' and m.sending_since is null as queued", "false as queued"]],
    tests: ["database/messages/message-outcomes.test.ts"],
  },
  {
    name: "a refusal that was faster than the answer is lost",
    file: MESSAGES,
    edits: [["('delivered', 'read', 'failed') then v_early", "('delivered', 'read') then v_early"]],
    tests: ["database/messages/rejected-sends.test.ts"],
  },
];
