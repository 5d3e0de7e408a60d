/**
 * Mistakes in what a request to send stores, and in which conversation.
 *
 * @module
 */

import { mistakesIn, type Mutation } from "../../mutation.ts";

const MESSAGES = "supabase/migrations/20261126201100_messages.sql";

/** See {@linkcode Mutation}. */
export const REQUEST_MUTATIONS: readonly Mutation[] = [
  ...mistakesIn(MESSAGES, "database/messages/enqueue-target.test.ts", {
    "a message is stored for a number that was deleted meanwhile": [[
      "  if not found then\n    return jsonb_build_object(\n      'result', (ghost_repair.resolve",
      "  if false then\n    return jsonb_build_object(\n      'result', (ghost_repair.resolve",
    ]],
    "a message is stored for a conversation that was deleted meanwhile": [[
      '  if not found then\n    return \'{"result": "conversation_not_found"}\';',
      '  if false then\n    return \'{"result": "conversation_not_found"}\';',
    ]],
    "a conversation is anybody's": [[
      "on m.organization_id = c.organization_id and m.user_id = p_user_id",
      "on true",
    ]],
    "a number is anybody's to send from": [[
      "on m.organization_id = i.organization_id and m.user_id = p_user_id",
      "on true",
    ]],
    "a reply does not say what it quotes": [[
      "    'remote_jid', v_conversation.remote_jid, 'quoted_whatsapp_message_id', v_quoted,\n    'instance', ",
      "    'remote_jid', v_conversation.remote_jid, 'quoted_whatsapp_message_id', null,\n    'instance', ",
    ]],
  }),
  ...mistakesIn(MESSAGES, "database/messages/enqueue-messages.test.ts", {
    "the same request again is sent again": [[
      "'result', 'duplicate', 'conversation_id', v_conversation.id,",
      "'result', 'queued', 'conversation_id', v_conversation.id,",
    ]],
    "another text under the same id counts as a duplicate": [[
      "      when m.content is distinct from p.content then 'content'\n",
      "",
    ]],
  }),
  ...mistakesIn(MESSAGES, "database/messages/enqueue-refused.test.ts", {
    "a reply quotes a message of another conversation": [[
      "where m.id = v_reply_id and m.conversation_id = v_conversation.id;",
      "where m.id = v_reply_id;",
    ]],
    "somebody else's message id counts as a duplicate": [[
      "on m.id = p.id and m.conversation_id = v_conversation.id and m.is_from_me",
      "on m.id = p.id",
    ]],
  }),
  ...mistakesIn(MESSAGES, "database/messages/one-person.test.ts", {
    "a person's other address is another person": [[
      "    and ghost_repair.person_key(c.remote_jid)\n      in (",
      "    and c.remote_jid\n      in (p_jid, ",
    ]],
    "one person is two conversations, with and without Brazil's ninth digit": [[
      "'^(55\\d{2})9([6-9]\\d{7})$', '\\1\\2'",
      "'^(55\\d{2})9([6-9]\\d{8})$', '\\1\\2'",
    ]],
    "a landline and a mobile number are one person": [[
      "9([6-9]\\d{7})$', '\\1\\2'",
      "9(\\d{8})$', '\\1\\2'",
    ]],
    "of split conversations the oldest goes on": [[
      "order by f.last_message_at desc nulls last,",
      "order by f.last_message_at nulls last,",
    ]],
    "a send and a webhook at once begin two conversations": [[
      "    perform pg_advisory_xact_lock(hashtextextended(p_instance_id::text || ' conversations', 0));\n",
      "",
    ]],
  }),
];
