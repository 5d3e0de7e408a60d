/**
 * Mistakes in what a page of the gateway holds, and what of it is stored, changed or deleted.
 *
 * @module
 */

import type { Mutation } from "../../mutation.ts";

const WEBHOOK = "supabase/migrations/20261126201200_webhook.sql";
const RECOVERY = "supabase/migrations/20261126201350_recovery.sql";
const DECIDE = "supabase/functions/recover-messages/decide.ts";
const FIND = "supabase/functions/_shared/gateway/messages.ts";
const RECOVERY_TEST = "database/gaps/recovery.test.ts";
const HISTORY_TEST = "database/gaps/history.test.ts";
const DECIDE_TEST = "recover-messages/decide.test.ts";
const FIND_TEST = "shared/gateway/messages.test.ts";

/** See {@linkcode Mutation}. */
export const MISSED_MESSAGE_MUTATIONS: readonly Mutation[] = [
  {
    name: "what was deleted is not believed of a gateway that nobody has asked for its version",
    file: "supabase/functions/recover-messages/handler.ts",
    edits: [["lease.version ?? await readVersion(lease, effects, log)", "lease.version"]],
    tests: ["recover-messages/handler.test.ts"],
  },
  {
    name: "a send whose answer is still to come is stored twice",
    file: WEBHOOK,
    edits: [["m.is_from_me and m.whatsapp_message_id is null\n", "false\n"]],
    tests: [RECOVERY_TEST],
  },
  {
    name: "old news raise a conversation as if they were new",
    file: WEBHOOK,
    edits: [[
      "      then greatest(c.last_message_at, least(v_sent_at, ghost_repair.now()))\n      else",
      "      then ghost_repair.now() else",
    ]],
    tests: [RECOVERY_TEST],
  },
  {
    name: "a recovered message stands where it was brought in",
    file: WEBHOOK,
    edits: [[
      "    case when p_recovered then least(v_sent_at, ghost_repair.now()) else",
      "    case when false then null else",
    ]],
    tests: [RECOVERY_TEST],
  },
  {
    name: "a recovered message is not marked",
    file: WEBHOOK,
    edits: [["    case when p_recovered then ghost_repair.now() end,\n", "    null,\n"]],
    tests: [RECOVERY_TEST],
  },
  {
    name: "a message that came in is no news of the number",
    file: WEBHOOK,
    edits: [["  if not (p_message ->> 'from_me')::boolean then\n", "  if false then\n"]],
    tests: ["database/messages/webhook-messages.test.ts"],
  },
  {
    name: "what lies outside of the window is stored all the same",
    file: RECOVERY,
    edits: [["(e.message ->> 'sent_at')::timestamptz between p_from and p_until\n", "true\n"]],
    tests: [RECOVERY_TEST, HISTORY_TEST],
  },
  {
    name: "the oldest second of a page is counted twice",
    file: DECIDE,
    edits: [["    if (time !== null && time === again) continue;\n", ""]],
    tests: [DECIDE_TEST],
  },
  {
    name: "a message that its sender deleted is stored",
    file: DECIDE,
    edits: [[
      'if (updates.includes("DELETED") && capabilitiesOf(version).tellsDeletion.is) {',
      "if (false) {",
    ]],
    tests: [DECIDE_TEST],
  },
  {
    name: "what a gateway of an unknown version calls deleted is taken from what is here",
    file: DECIDE,
    edits: [['version === null ? "deleted" :', 'false ? "deleted" :']],
    tests: [DECIDE_TEST],
  },
  {
    name: "what a customer changed is stored as if it had always been so",
    file: DECIDE,
    edits: [['edited: updates.includes("EDITED")', "edited: false"]],
    tests: [DECIDE_TEST],
  },
  {
    name: "every message of a page is rewritten, edited or not",
    file: RECOVERY,
    edits: [["  if (p_message ->> 'edited')::boolean and v_text", "  if v_text"]],
    tests: [RECOVERY_TEST],
  },
  {
    name: "an older change is taken over a newer one",
    file: RECOVERY,
    edits: [[
      "      and (m.edited_at is null or m.edited_at < (p_message ->> 'sent_at')::timestamptz)\n",
      "",
    ]],
    tests: [RECOVERY_TEST],
  },
  {
    name: "what a customer deleted is emptied of everything but its words",
    file: RECOVERY,
    edits: [[
      "deleted_at = ghost_repair.now(), content = null, ",
      "deleted_at = ghost_repair.now(), ",
    ]],
    tests: [RECOVERY_TEST],
  },
  {
    name: "a change brings back what was deleted",
    file: RECOVERY,
    edits: [["      and m.deleted_at is null\n      and (m.edited_at", "      and (m.edited_at"]],
    tests: [RECOVERY_TEST],
  },
  {
    name: "a gateway that does not know bounds is followed through a phone's whole life",
    file: RECOVERY,
    edits: [[" or v_oldest < v_due.window_from - interval '1 second' then", " then"]],
    tests: [RECOVERY_TEST],
  },
  {
    name: "a history too large to be read is lost where it comes after the comparison",
    file: RECOVERY,
    edits: [["  if p_messages = '[]' then", "  if false then"]],
    tests: [HISTORY_TEST],
  },
  {
    name: "a history too large to be read is told to nobody",
    file: "supabase/functions/evolution-webhook/history.ts",
    edits: [["items.length === 0 ? 1 : 0", "0"]],
    tests: ["evolution-webhook/unit/history.test.ts"],
  },
  {
    name: "old gateways' messages count as deleted",
    file: "supabase/functions/_shared/gateway/capabilities.ts",
    edits: [["tellsDeletion: read(false)", "tellsDeletion: read(true)"]],
    tests: [DECIDE_TEST],
  },
  {
    name: "another page than was asked for is taken",
    file: FIND,
    edits: [["if (currentPage !== asked.page || records.length > asked.size) return false;", ""]],
    tests: [FIND_TEST],
  },
  {
    name: "a gateway that repeats its page is followed for ever",
    file: FIND,
    edits: [["(asked.page - 1) * asked.size >= total", "false"]],
    tests: [FIND_TEST],
  },
  {
    name: "a page with its oldest message first passes over what is newer",
    file: FIND,
    edits: [["seconds <= (times[place - 1] ?? Infinity)", "true"]],
    tests: [FIND_TEST],
  },
  {
    name: "a gateway that ignores the bounds hands out a whole history",
    file: FIND,
    edits: [[
      "return ms > asked.from.getTime() - 1000 && ms < asked.until.getTime() + 1000 &&",
      "return ms > 0 &&",
    ]],
    tests: [FIND_TEST],
  },
  {
    name: "of a history everything is handed over, whatever its time",
    file: "supabase/functions/evolution-webhook/history.ts",
    edits: [["    if (at === null || at < from || at > until) return [];\n", ""]],
    tests: ["evolution-webhook/unit/history.test.ts"],
  },
  {
    name: "a history that is too large comes ten times",
    file: "supabase/functions/evolution-webhook/read-body.ts",
    edits: [["if (!HISTORY.test(received.text)) throw", "throw"]],
    tests: ["evolution-webhook/unit/history.test.ts"],
  },
];
