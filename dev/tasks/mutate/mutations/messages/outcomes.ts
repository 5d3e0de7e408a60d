/**
 * Mistakes in who sends a message, and in how it ends.
 *
 * @module
 */

import { mistakesIn, type Mutation } from "../../mutation.ts";

const MESSAGES = "supabase/migrations/20261126201100_messages.sql";
const VIEWS = "supabase/migrations/20261126201400_views.sql";

/** See {@linkcode Mutation}. */
export const OUTCOME_MUTATIONS: readonly Mutation[] = [
  ...mistakesIn(MESSAGES, "database/messages/message-outcomes.test.ts", {
    "a message that has left is failed afterwards": [[
      "if v_message.status <> 'sending' or (v_token",
      "if (v_token",
    ]],
    "an answer that comes after the sweep is lost": [[
      "if v_message.status not in ('sending', 'held', 'failed') then",
      "if v_message.status not in ('sending', 'held') then",
    ]],
    "reasons that nobody can put into words are read for ever": [[
      "\n      and m.failed_at > ghost_repair.now() - (select s.explain_within from ghost_repair.settings s)\n",
      "\n",
    ]],
    "the reason in words is another one's": [[
      "error_message = p_sentences ->> m.error_code",
      "error_message = p_sentences ->> 'other'",
    ]],
    "the sweeper gives up on a send that is under way": [[
      "      < ghost_repair.now() - (select s.send_patience from ghost_repair.settings s)",
      "      < ghost_repair.now() - interval '1 minute'",
    ]],
    "the media of what was sent is kept": [[
      "  delete from private.message_media where message_id = p_message_id;\n  update public.whatsapp_instances set last_sent_at",
      "  update public.whatsapp_instances set last_sent_at",
    ]],
    "a failure does not say why": [[
      "      error_code = p_outcome ->> 'error_code', error_message = p_outcome ->> 'error_message',",
      "      error_code = p_outcome ->> 'error_code',",
    ]],
    "a second answer writes over the first": [[
      "  if v_message.status not in ('sending', 'held', 'failed') then\n    return false;",
      "  if false then\n    return false;",
    ]],
    "acknowledgements that nobody claims are kept for ever": [[
      "    where o.received_at < ghost_repair.now() - (select s.keep_leftovers from ghost_repair.settings s)\n    order by o.received_at limit",
      "    where false\n    order by o.received_at limit",
    ]],
  }),
  ...mistakesIn(MESSAGES, "database/messages/claim-message.test.ts", {
    "two senders claim one message": [[
      "and m.sending_since is null\n    and not ghost_repair.is_behind",
      "and not ghost_repair.is_behind",
    ]],
    "a message overtakes an earlier one of its conversation": [[
      "e.position < p_position",
      "e.position < 0",
    ]],
    "a message whose sender died blocks its conversation for ever": [[
      "when e.sending_since is not null then e.sending_since > ghost_repair.now() - s.send_patience",
      "when e.sending_since is not null then true",
    ]],
    "what nobody tried is called interrupted": [[
      "where m.status = 'sending' and m.sending_since\n      <",
      "where m.status = 'sending' and coalesce(m.sending_since, m.created_at)\n      <",
    ]],
    "what was handed over still has its sender": [[
      "sender_until = least(m.sender_until, ghost_repair.now()), sending_since",
      "sender_until = m.sender_until, sending_since",
    ]],
    "what another one sends is handed over and sent twice": [[
      "    and (m.sending_since is null or m.claim_token = p_token)\n",
      "",
    ]],
    "the failure of an earlier attempt ends the next one": [[
      "(v_token is not null and v_message.claim_token is distinct from v_token)",
      "false",
    ]],
    "a part that somebody else sends fails with its request": [[
      "(p_outcome ->> 'untried')::boolean",
      "false",
    ]],
  }),
  ...mistakesIn(MESSAGES, "database/messages/sent-answers.test.ts", {
    "the end of a send waits for the number's row": [[
      "lock_session(v_instance_id, true)",
      "lock_session(v_instance_id)",
    ]],
    "an answer that was noted is not stored": [[
      "from private.sent_answers a\n      order by",
      "from private.sent_answers a where false\n      order by",
    ]],
    "an answer is noted for nobody": [[
      "values (p_message_id, p_whatsapp_message_id) on",
      "values (gen_random_uuid(), p_whatsapp_message_id) on",
    ]],
    "what WhatsApp limits waits for ever": [[" and m.attempts <= s.rate_limit_waits;", ";"]],
    "the file of a message that waits is let go": [[
      " and m.status not in ('sending', 'held')\n    where o.created_at",
      "\n    where o.created_at",
    ]],
  }),
  ...mistakesIn(VIEWS, "database/messages/message-outcomes.test.ts", {
    "a message is shown as unconfirmed right after it was sent": [[
      "select ghost_repair.now() - s.unconfirmed_after from",
      "select ghost_repair.now() from",
    ]],
    "what was never tried looks as if it were being sent": [[
      "m.status = 'sending' and m.sending_since is null as queued",
      "false as queued",
    ]],
  }),
  ...mistakesIn(MESSAGES, "database/messages/message-order.test.ts", {
    "an answer and the webhook about it overlook each other": [[
      "p_instance_id::text || ':' || p_id, 0)",
      "p_instance_id::text || ':' || p_id || pg_catalog.random(), 0)",
    ]],
  }),
  ...mistakesIn(MESSAGES, "database/messages/webhook-messages.test.ts", {
    "a number is suspected while nobody's messages are confirmed": [[
      "      and s.api_url in (select living.api_url from living)\n",
      "",
    ]],
    "a number is suspected for one message though later ones were confirmed": [[
      "where sent.at >= coalesce((",
      "where sent.at is not null or sent.at >= coalesce((",
    ]],
  }),
  ...mistakesIn(MESSAGES, "database/messages/rejected-sends.test.ts", {
    "a refusal that was faster than the answer is lost": [[
      "('delivered', 'read', 'failed') then v_early",
      "('delivered', 'read') then v_early",
    ]],
  }),
];
