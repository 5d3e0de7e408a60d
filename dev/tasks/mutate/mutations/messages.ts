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
      "jsonb_build_object('result', 'duplicate', 'conversation_id', v_conversation.id)",
      "jsonb_build_object('result', 'queued', 'conversation_id', v_conversation.id)",
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
    edits: [["where id = p_message_id and status = 'sending';", "where id = p_message_id;"]],
    tests: ["database/messages/message-outcomes.test.ts"],
  },
  {
    name: "an answer that comes after the sweep is lost",
    file: MESSAGES,
    edits: [[
      "if v_message.status not in ('sending', 'failed') then",
      "if v_message.status not in ('sending') then",
    ]],
    tests: ["database/messages/message-outcomes.test.ts"],
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
      "< ghost_repair.now() - (select s.send_patience from ghost_repair.settings s)",
      "< ghost_repair.now() - interval '1 minute'",
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
    name: "one person is two conversations, with and without Brazil's ninth digit",
    file: "supabase/migrations/20261126201100_messages.sql",
    edits: [["'^(55\\d{2})9(\\d{8})$', '\\1\\2'", "'^(55\\d{2})9(\\d{9})$', '\\1\\2'"]],
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
