/**
 * Mistakes in what a request to send stores, and in which conversation.
 *
 * @module
 */

import type { Mutation } from "../../mutation.ts";

const MESSAGES = "supabase/migrations/20261126201100_messages.sql";

/** See {@linkcode Mutation}. */
export const REQUEST_MUTATIONS: readonly Mutation[] = [
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
    name: "a person's other address is another person",
    file: MESSAGES,
    edits: [[
      "    and ghost_repair.person_key(c.remote_jid)\n      in (",
      "    and c.remote_jid\n      in (p_jid, ",
    ]],
    tests: ["database/messages/one-person.test.ts"],
  },
  {
    name: "another text under the same id counts as a duplicate",
    file: MESSAGES,
    edits: [["      when m.content is distinct from p.content then 'content'\n", ""]],
    tests: ["database/messages/enqueue-messages.test.ts"],
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
];
