/**
 * Mistakes in bringing in what was missed.
 *
 * @module
 */

import type { Mutation } from "../../mutation.ts";

const WEBHOOK = "supabase/migrations/20261126201200_webhook.sql";
const RECOVERY = "supabase/migrations/20261126201350_recovery.sql";
const DECIDE = "supabase/functions/recover-messages/decide.ts";
const HANDLER = "supabase/functions/recover-messages/handler.ts";
const FIND = "supabase/functions/_shared/gateway/messages.ts";
const RECOVERY_TEST = "database/gaps/recovery.test.ts";
const HISTORY_TEST = "database/gaps/history.test.ts";
const DECIDE_TEST = "recover-messages/decide.test.ts";
const HANDLER_TEST = "recover-messages/handler.test.ts";
const FIND_TEST = "shared/gateway/messages.test.ts";

/** See {@linkcode Mutation}. */
export const RECOVERY_MUTATIONS: readonly Mutation[] = [
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
    name: "gaps of an organization that wants none are due",
    file: RECOVERY,
    edits: [[
      "where o.organization_id = i.organization_id and not o.recover_messages);",
      "where false);",
    ]],
    tests: ["database/gaps/gaps.test.ts"],
  },
  {
    name: "a number is compared by two at once where it has two gaps",
    file: "supabase/migrations/20261126200850_watch.sql",
    edits: [[
      "    where not exists (\n      select from ghost_repair.leases l\n      where l.kind = p_kind and l.subject = d.id and",
      "    where not exists (\n      select from ghost_repair.leases l\n      where false and",
    ], [
      "    make_interval(secs => p_lease_seconds), p_tick_started) l;\nend $$;",
      "    make_interval(secs => p_lease_seconds), p_tick_started, true) l;\nend $$;",
    ]],
    tests: [RECOVERY_TEST],
  },
  {
    name: "a gap is compared before its time",
    file: RECOVERY,
    edits: [[
      "    where g.due_at <= ghost_repair.now()\n    order by g.instance_id",
      "    order by g.instance_id",
    ]],
    tests: [RECOVERY_TEST],
  },
  {
    name: "what lies outside of the window is stored all the same",
    file: RECOVERY,
    edits: [["(e.message ->> 'sent_at')::timestamptz between p_from and p_until\n", "true\n"]],
    tests: [RECOVERY_TEST, HISTORY_TEST],
  },
  {
    name: "what cannot be had is told to nobody",
    file: RECOVERY,
    edits: [["  if p_missing is distinct from 0 then", "  if false then"]],
    tests: [RECOVERY_TEST],
  },
  {
    name: "whoever lost the lease goes on storing",
    file: RECOVERY,
    edits: [[
      "    or not ghost_repair.holds_lease('recover', v_instance.id, p_token) then",
      "    or false then",
    ]],
    tests: [RECOVERY_TEST],
  },
  {
    name: "a page of one second is asked for again for ever",
    file: RECOVERY,
    edits: [[
      "then 1 else g.page + 1 end,\n      compared_down_to",
      "then 1 else 1 end,\n      compared_down_to",
    ]],
    tests: [RECOVERY_TEST],
  },
  {
    name: "a gateway that does not answer is asked every minute",
    file: RECOVERY,
    edits: [[
      "v_settings.recover_retry_after * power(2, least(g.attempts - 1, 10))",
      "v_settings.recover_retry_after",
    ]],
    tests: [RECOVERY_TEST],
  },
  {
    name: "a gateway that stores nothing has told all it had",
    file: RECOVERY,
    edits: [["      if v_gap.read = 0 and exists (", "      if false and exists ("]],
    tests: [RECOVERY_TEST],
  },
  {
    name: "a number may be read without end in a day",
    file: RECOVERY,
    edits: [["    if v_read_today >= v_settings.recover_messages_a_day then", "    if false then"]],
    tests: [RECOVERY_TEST],
  },
  {
    name: "a phone's whole history is stored",
    file: RECOVERY,
    edits: [[
      "  select greatest(min(g.gap_from) - min(s.recover_margin), min(h.heard_since)),",
      "  select '2020-01-01'::timestamptz,",
    ]],
    tests: [HISTORY_TEST],
  },
  {
    name: "what a history brought in after the comparison is told to nobody",
    file: RECOVERY,
    edits: [["  if v_gap.state <> 'due' then", "  if false then"]],
    tests: [HISTORY_TEST],
  },
  {
    name: "a gap that nobody can compare waits for ever",
    file: RECOVERY,
    edits: [[
      "where g.state = 'due' and g.waits_since <= ghost_repair.now() - v_settings.recover_patience * 2",
      "where false",
    ]],
    tests: [RECOVERY_TEST],
  },
  {
    name: "nobody tends the gaps",
    file: RECOVERY,
    edits: [[
      "  select ghost_repair.add_silence_gaps() + ghost_repair.add_daily_gaps() + ghost_repair.give_up_gaps()",
      "  select 0::bigint",
    ]],
    tests: ["database/gaps/gaps.test.ts"],
  },
  {
    name: "the recovery is called while WhatsApp still hands over what it kept",
    file: RECOVERY,
    edits: [[
      "from ghost_repair.due_gaps d where d.due_at <= ghost_repair.now());\n",
      "from ghost_repair.due_gaps d);\n",
    ]],
    tests: ["database/scheduler.test.ts"],
  },
  {
    name: "the recovery is called every minute for nothing",
    file: "supabase/migrations/20261126201500_cron.sql",
    edits: [["1 where ghost_repair.is_recovery_due()", "1 where true"]],
    tests: ["database/scheduler.test.ts"],
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
    name: "one message that the database cannot take stops a number's recovery",
    file: RECOVERY,
    edits: [[
      "    exception when data_exception or integrity_constraint_violation then\n",
      "    exception when null_value_not_allowed then\n",
    ]],
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
    name: "a turn goes on until there is no more",
    file: HANDLER,
    edits: [["pages >= limits.pagesOfANumber || clock", "clock"]],
    tests: [HANDLER_TEST],
  },
  {
    name: "a slow gateway keeps a turn for ever",
    file: HANDLER,
    edits: [[" || clock.monotonicMs() >= end;", ";"]],
    tests: [HANDLER_TEST],
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
    edits: [["if (!HISTORY.test(text)) throw", "throw"]],
    tests: ["evolution-webhook/unit/history.test.ts"],
  },
  {
    name: "a webhook that was tried before is like any other",
    file: WEBHOOK,
    edits: [["  if v_is_late then\n    perform", "  if false then\n    perform"]],
    tests: ["database/numbers/apply-webhook.test.ts"],
  },
  {
    name: "everybody may set a number's webhook",
    file: "supabase/migrations/20261126201000_instance_life.sql",
    edits: [[
      "  if v_refusal is not null then\n    return jsonb_build_object('result', v_refusal);\n  end if;\n  update private.instance_credentials k set\n    webhook_token",
      "  update private.instance_credentials k set\n    webhook_token",
    ]],
    tests: ["evolution-api/actions/tenancy.test.ts"],
  },
  {
    name: "a webhook in a private network is set to the public address",
    file: "supabase/functions/evolution-api/actions/update-webhook.ts",
    edits: [["const url = isOurs ? before.url :", "const url = false ? before.url :"]],
    tests: ["evolution-api/actions/update-webhook.test.ts"],
  },
];
