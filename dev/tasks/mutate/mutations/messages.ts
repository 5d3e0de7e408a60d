/**
 * Mistakes in what the database does with messages: stored, ended, swept.
 *
 * @module
 */

import type { Mutation } from "../mutation.ts";

const SENDS = "supabase/migrations/20260101000200_send_messages.sql";

/** See {@linkcode Mutation}. */
export const MESSAGE_MUTATIONS: readonly Mutation[] = [
  {
    name: "a conversation is anybody's",
    file: SENDS,
    edits: [["on m.organization_id = c.organization_id and m.user_id = p_user_id", "on true"]],
    tests: ["database/enqueue-target.test.ts"],
  },
  {
    name: "a number is anybody's to send from",
    file: SENDS,
    edits: [["on m.organization_id = i.organization_id and m.user_id = p_user_id", "on true"]],
    tests: ["database/enqueue-target.test.ts"],
  },
  {
    name: "a customer is answered from another number than before",
    file: SENDS,
    edits: [[
      "when v_instance_id <> conversation.whatsapp_instance_id then 'instance_mismatch'",
      "when false then ''",
    ]],
    tests: ["database/enqueue-target.test.ts"],
  },
  {
    name: "a reply quotes a message of another conversation",
    file: SENDS,
    edits: [[
      "where m.id = v_reply_id and m.conversation_id = v_conversation.id;",
      "where m.id = v_reply_id;",
    ]],
    tests: ["database/enqueue-target.test.ts"],
  },
  {
    name: "the same request again is sent again",
    file: SENDS,
    edits: [[
      "jsonb_build_object('result', 'duplicate', 'conversation_id', v_conversation.id)",
      "jsonb_build_object('result', 'queued', 'conversation_id', v_conversation.id)",
    ]],
    tests: ["database/enqueue-messages.test.ts"],
  },
  {
    name: "half a request is kept where the other half's ids are taken",
    file: SENDS,
    edits: [["if v_stored > 0 or exists (", "if exists ("]],
    tests: ["database/enqueue-messages.test.ts"],
  },
  {
    name: "somebody else's message id counts as a duplicate",
    file: SENDS,
    edits: [[
      "on m.id = p.id and m.conversation_id = v_conversation.id and m.is_from_me",
      "on m.id = p.id",
    ]],
    tests: ["database/enqueue-messages.test.ts"],
  },
  {
    name: "a failure is written over the content",
    file: SENDS,
    edits: [[
      "      status = 'failed', failed_at = ghost_repair.now(),\n      error_code",
      "      status = 'failed', failed_at = ghost_repair.now(), content = p_outcome ->> 'error_message',\n      error_code",
    ]],
    tests: ["database/message-outcomes.test.ts"],
  },
  {
    name: "a message that has left is failed afterwards",
    file: SENDS,
    edits: [["where id = p_message_id and status = 'sending';", "where id = p_message_id;"]],
    tests: ["database/message-outcomes.test.ts"],
  },
  {
    name: "an answer that comes after the sweep is lost",
    file: SENDS,
    edits: [[
      "if v_message.status not in ('sending', 'failed') then",
      "if v_message.status not in ('sending') then",
    ]],
    tests: ["database/message-outcomes.test.ts"],
  },
  {
    name: "a message whose webhook was faster is there twice",
    file: SENDS,
    edits: [["and m.whatsapp_message_id = v_whatsapp_id and m.id <> p_message_id", "and false"]],
    tests: ["database/message-outcomes.test.ts"],
  },
  {
    name: "an acknowledgement that was faster than the answer is lost",
    file: SENDS,
    edits: [["case when v_early in ('delivered', 'read') then v_early else 'sent' end", "'sent'"]],
    tests: ["database/message-order.test.ts"],
  },
  {
    name: "an answer and the webhook about it overlook each other",
    file: SENDS,
    edits: [[
      "p_instance_id::text || ':' || p_id, 0)",
      "p_instance_id::text || ':' || p_id || pg_catalog.random(), 0)",
    ]],
    tests: ["database/message-order.test.ts"],
  },
  {
    name: "a repair that is still at work counts as abandoned",
    file: SENDS,
    edits: [[
      "where c.finished_at is null and c.expires_at <= ghost_repair.now()",
      "where c.finished_at is null",
    ]],
    tests: ["database/repair-handover.test.ts"],
  },
  {
    name: "a ghost whose repair was abandoned is nobody's",
    file: SENDS,
    edits: [[
      "    perform public.suspect_session(v_abandoned.instance_id, 'repair_abandoned');",
      "    null;",
    ]],
    tests: ["database/repair-handover.test.ts"],
  },
  {
    name: "the sweeper has interrupted messages sent again",
    file: SENDS,
    edits: [[
      "status = 'failed', failed_at = ghost_repair.now(), error_code = 'interrupted',",
      "status = 'held', held_until = ghost_repair.now() + interval '10 minutes', error_code = 'interrupted',",
    ]],
    tests: ["database/message-outcomes.test.ts"],
  },
  {
    name: "the sweeper gives up on a send that is under way",
    file: SENDS,
    edits: [[
      "m.sending_since < ghost_repair.now() - interval '3 minutes'",
      "m.sending_since < ghost_repair.now() - interval '1 minute'",
    ]],
    tests: ["database/message-outcomes.test.ts"],
  },
  {
    name: "a send is not told its organization's policy",
    file: SENDS,
    edits: [["'policy', ghost_repair.repair_policy(i.id))", "'policy', 'logout-first')"]],
    tests: ["advance-ghost-repairs/ladder/policy.test.ts"],
  },
];
