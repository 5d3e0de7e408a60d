/**
 * Mistakes in what the database does with messages: stored, ended, swept, suspected.
 *
 * @module
 */

import type { Mutation } from "../mutation.ts";

const MESSAGES = "supabase/migrations/20261126201100_messages.sql";

/** See {@linkcode Mutation}. */
export const MESSAGE_MUTATIONS: readonly Mutation[] = [
  {
    name: "a message is stored for a number that was deleted meanwhile",
    file: MESSAGES,
    edits: [[
      "  if not found then\n    return jsonb_build_object(\n      'result', (ghost_repair.resolve",
      "  if false then\n    return jsonb_build_object(\n      'result', (ghost_repair.resolve",
    ]],
    tests: ["database/messages/enqueue-target.test.ts"],
  },
  {
    name: "a message is stored for a conversation that was deleted meanwhile",
    file: MESSAGES,
    edits: [[
      '  if not found then\n    return \'{"result": "conversation_not_found"}\';',
      '  if false then\n    return \'{"result": "conversation_not_found"}\';',
    ]],
    tests: ["database/messages/enqueue-target.test.ts"],
  },
  {
    name: "a conversation is anybody's",
    file: MESSAGES,
    edits: [["on m.organization_id = c.organization_id and m.user_id = p_user_id", "on true"]],
    tests: ["database/messages/enqueue-target.test.ts"],
  },
  {
    name: "a number is anybody's to send from",
    file: MESSAGES,
    edits: [["on m.organization_id = i.organization_id and m.user_id = p_user_id", "on true"]],
    tests: ["database/messages/enqueue-target.test.ts"],
  },
  {
    name: "a reply quotes a message of another conversation",
    file: MESSAGES,
    edits: [[
      "where m.id = v_reply_id and m.conversation_id = v_conversation.id;",
      "where m.id = v_reply_id;",
    ]],
    tests: ["database/messages/enqueue-target.test.ts"],
  },
  {
    name: "the same request again is sent again",
    file: MESSAGES,
    edits: [[
      "'result', 'duplicate', 'conversation_id', v_conversation.id,",
      "'result', 'queued', 'conversation_id', v_conversation.id,",
    ]],
    tests: ["database/messages/enqueue-messages.test.ts"],
  },
  {
    name: "somebody else's message id counts as a duplicate",
    file: MESSAGES,
    edits: [[
      "on m.id = p.id and m.conversation_id = v_conversation.id and m.is_from_me",
      "on m.id = p.id",
    ]],
    tests: ["database/messages/enqueue-messages.test.ts"],
  },
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
    name: "a lost answer is guessed among several messages",
    file: MESSAGES,
    edits: [["select case when count(*) = 1 then", "select case when count(*) > 0 then"]],
    tests: ["database/messages/lost-answers.test.ts"],
  },
  {
    name: "a lost answer is told by whatever was sent to that person",
    file: MESSAGES,
    edits: [[
      "    and ghost_repair.digest_content(m.message_type, m.content, m.caption) = p_report",
      "    and p_report.content_digest is not null and p_report.content_digest = p_report",
    ]],
    tests: ["database/messages/lost-answers.test.ts"],
  },
  {
    name: "a lost answer is told by what was sent before it was asked for",
    file: MESSAGES,
    edits: [["and m.sending_since <= p_report.received_at", "and true"], [
      "    and r.received_at >= p_message.sending_since\n",
      "",
    ]],
    tests: ["database/messages/lost-answers.test.ts"],
  },
  {
    name: "a lost answer is told by what is sent much later",
    file: MESSAGES,
    edits: [[
      "      > p_report.received_at - (select s.report_patience from ghost_repair.settings s)",
      "      > p_report.received_at - interval '1 day'",
    ], [
      "  > ghost_repair.now() - 2 * (select s.report_patience from ghost_repair.settings s);",
      "  > ghost_repair.now() - interval '1 day';",
    ]],
    tests: ["database/messages/lost-answers.test.ts"],
  },
  {
    name: "what is known not to have left is sent by a report",
    file: MESSAGES,
    edits: [
      [
        "where m.status = 'failed' and m.may_have_left and m.sending_since",
        "where m.status = 'failed' and m.sending_since",
      ],
      [
        "(m.status = 'sending' or (m.status = 'failed' and m.may_have_left))",
        "m.status in ('sending', 'failed')",
      ],
    ],
    tests: ["database/messages/lost-answers.test.ts"],
  },
  {
    name: "a reported message is given up on all the same",
    file: MESSAGES,
    edits: [[
      "where u.reported_id is not null limit",
      "where false and u.reported_id is not null limit",
    ]],
    tests: ["database/messages/lost-answers.test.ts"],
  },
  {
    name: "a report tells a message although it may mean another",
    file: MESSAGES,
    edits: [["    and ghost_repair.reported_message(r) = p_message.id\n", ""]],
    tests: ["database/messages/lost-answers.test.ts"],
  },
  {
    name: "a person's other address is another person",
    file: MESSAGES,
    edits: [[
      "    and ghost_repair.person_key(c.remote_jid)\n      in (",
      "    and c.remote_jid\n      in (p_jid, ",
    ]],
    tests: ["database/messages/one-person.test.ts"],
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
    file: "supabase/migrations/20261126201400_views.sql",
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
    name: "another text under the same id counts as a duplicate",
    file: MESSAGES,
    edits: [["      when m.content is distinct from p.content then 'content'\n", ""]],
    tests: ["database/messages/enqueue-messages.test.ts"],
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
    file: "supabase/migrations/20261126201400_views.sql",
    edits: [["m.status = 'sending' and m.sending_since is null as queued", "false as queued"]],
    tests: ["database/messages/message-outcomes.test.ts"],
  },
  {
    name: "one person is two conversations, with and without Brazil's ninth digit",
    file: "supabase/migrations/20261126201100_messages.sql",
    edits: [[
      "'^(55\\d{2})9([6-9]\\d{7})$', '\\1\\2'",
      "'^(55\\d{2})9([6-9]\\d{8})$', '\\1\\2'",
    ]],
    tests: ["database/messages/one-person.test.ts"],
  },
  {
    name: "a landline and a mobile number are one person",
    file: "supabase/migrations/20261126201100_messages.sql",
    edits: [["9([6-9]\\d{7})$', '\\1\\2'", "9(\\d{8})$', '\\1\\2'"]],
    tests: ["database/messages/one-person.test.ts"],
  },
  {
    name: "of split conversations the oldest goes on",
    file: "supabase/migrations/20261126201100_messages.sql",
    edits: [[
      "order by f.last_message_at desc nulls last,",
      "order by f.last_message_at nulls last,",
    ]],
    tests: ["database/messages/one-person.test.ts"],
  },
  {
    name: "a send and a webhook at once begin two conversations",
    file: "supabase/migrations/20261126201100_messages.sql",
    edits: [[
      "    perform pg_advisory_xact_lock(hashtextextended(p_instance_id::text || ' conversations', 0));\n",
      "",
    ]],
    tests: ["database/messages/one-person.test.ts"],
  },
  {
    name: "a refusal that was faster than the answer is lost",
    file: "supabase/migrations/20261126201100_messages.sql",
    edits: [["('delivered', 'read', 'failed') then v_early", "('delivered', 'read') then v_early"]],
    tests: ["database/messages/rejected-sends.test.ts"],
  },
];
