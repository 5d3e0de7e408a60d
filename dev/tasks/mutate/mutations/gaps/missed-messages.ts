/**
 * Mistakes in what a page of the gateway holds, and what of it is stored, changed or deleted.
 *
 * @module
 */

import { mistakesIn, type Mutation } from "../../mutation.ts";

const WEBHOOK = "supabase/migrations/20261126201200_webhook.sql";
const RECOVERY = "supabase/migrations/20261126201350_recovery.sql";
const DECIDE = "supabase/functions/recover-messages/decide.ts";
const FIND = "supabase/functions/_shared/gateway/messages.ts";
const RECOVERY_TEST = "database/gaps/recovery.test.ts";
const HISTORY_TEST = "database/gaps/history.test.ts";
const DECIDE_TEST = "recover-messages/decide.test.ts";
const FIND_TEST = "shared/gateway/messages.test.ts";
const RECOVER_MESSAGES = "supabase/functions/recover-messages/handler.ts";
const HISTORY = "supabase/functions/evolution-webhook/history.ts";
const READ_BODY = "supabase/functions/evolution-webhook/read-body.ts";

/** See {@linkcode Mutation}. */
export const MISSED_MESSAGE_MUTATIONS: readonly Mutation[] = [
  ...mistakesIn(RECOVER_MESSAGES, "recover-messages/handler.test.ts", {
    "what was deleted is not believed of a gateway that nobody has asked for its version": [[
      "lease.version ?? await readVersion(lease, effects, log)",
      "lease.version",
    ]],
  }),
  ...mistakesIn(WEBHOOK, RECOVERY_TEST, {
    "a send whose answer is still to come is stored twice": [[
      "m.is_from_me and m.whatsapp_message_id is null\n",
      "false\n",
    ]],
    "old news raise a conversation as if they were new": [[
      "      then greatest(c.last_message_at, least(v_sent_at, ghost_repair.now()))\n      else",
      "      then ghost_repair.now() else",
    ]],
    "a recovered message stands where it was brought in": [[
      "    case when p_recovered then least(v_sent_at, ghost_repair.now()) else",
      "    case when false then null else",
    ]],
    "a recovered message is not marked": [[
      "    case when p_recovered then ghost_repair.now() end,\n",
      "    null,\n",
    ]],
  }),
  ...mistakesIn(WEBHOOK, "database/messages/webhook-messages.test.ts", {
    "a message that came in is no news of the number": [[
      "  if not (p_message ->> 'from_me')::boolean then\n",
      "  if false then\n",
    ]],
  }),
  ...mistakesIn(RECOVERY, [RECOVERY_TEST, HISTORY_TEST], {
    "what lies outside of the window is stored all the same": [[
      "(e.message ->> 'sent_at')::timestamptz between p_from and p_until\n",
      "true\n",
    ]],
  }),
  ...mistakesIn(DECIDE, DECIDE_TEST, {
    "the oldest second of a page is counted twice": [[
      "    if (time !== null && time === again) continue;\n",
      "",
    ]],
    "a message that its sender deleted is stored": [[
      'if (updates.includes("DELETED") && capabilitiesOf(version).tellsDeletion.is) {',
      "if (false) {",
    ]],
    "what a gateway of an unknown version calls deleted is taken from what is here": [[
      'version === null ? "deleted" :',
      'false ? "deleted" :',
    ]],
    "what a customer changed is stored as if it had always been so": [[
      'edited: updates.includes("EDITED")',
      "edited: false",
    ]],
  }),
  ...mistakesIn(RECOVERY, RECOVERY_TEST, {
    "every message of a page is rewritten, edited or not": [[
      "  if (p_message ->> 'edited')::boolean and v_text",
      "  if v_text",
    ]],
    "an older change is taken over a newer one": [[
      "      and (m.edited_at is null or m.edited_at < (p_message ->> 'sent_at')::timestamptz)\n",
      "",
    ]],
    "what a customer deleted is emptied of everything but its words": [[
      "deleted_at = ghost_repair.now(), content = null, ",
      "deleted_at = ghost_repair.now(), ",
    ]],
    "a change brings back what was deleted": [[
      "      and m.deleted_at is null\n      and (m.edited_at",
      "      and (m.edited_at",
    ]],
    "a gateway that does not know bounds is followed through a phone's whole life": [[
      " or v_oldest < v_due.window_from - interval '1 second' then",
      " then",
    ]],
  }),
  ...mistakesIn(RECOVERY, HISTORY_TEST, {
    "a history too large to be read is lost where it comes after the comparison": [[
      "  if p_messages = '[]' then",
      "  if false then",
    ]],
  }),
  ...mistakesIn(HISTORY, "evolution-webhook/unit/history.test.ts", {
    "a history too large to be read is told to nobody": [["items.length === 0 ? 1 : 0", "0"]],
    "of a history everything is handed over, whatever its time": [[
      "    if (at === null || at < from || at > until) return [];\n",
      "",
    ]],
  }),
  ...mistakesIn("supabase/functions/_shared/gateway/capabilities.ts", DECIDE_TEST, {
    "old gateways' messages count as deleted": [[
      "tellsDeletion: read(false)",
      "tellsDeletion: read(true)",
    ]],
  }),
  ...mistakesIn(FIND, FIND_TEST, {
    "another page than was asked for is taken": [[
      "if (currentPage !== asked.page || records.length > asked.size) return false;",
      "",
    ]],
    "a gateway that repeats its page is followed for ever": [[
      "(asked.page - 1) * asked.size >= total",
      "false",
    ]],
    "a page with its oldest message first passes over what is newer": [[
      "seconds <= (times[place - 1] ?? Infinity)",
      "true",
    ]],
    "a gateway that ignores the bounds hands out a whole history": [[
      "return ms > asked.from.getTime() - 1000 && ms < asked.until.getTime() + 1000 &&",
      "return ms > 0 &&",
    ]],
  }),
  ...mistakesIn(READ_BODY, "evolution-webhook/unit/history.test.ts", {
    "a history that is too large comes ten times": [["if (!HISTORY.test(text)) throw", "throw"]],
  }),
];
