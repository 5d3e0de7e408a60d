/**
 * Mistakes in when a number is compared, and in how far one turn goes.
 *
 * @module
 */

import { mistakesIn, type Mutation } from "../../mutation.ts";

const WEBHOOK = "supabase/migrations/20261126201200_webhook.sql";
const RECOVERY = "supabase/migrations/20261126201350_recovery.sql";
const HANDLER = "supabase/functions/recover-messages/handler.ts";
const RECOVERY_TEST = "database/gaps/recovery.test.ts";
const HISTORY_TEST = "database/gaps/history.test.ts";
const HANDLER_TEST = "recover-messages/handler.test.ts";

/** See {@linkcode Mutation}. */
export const RECOVERY_MUTATIONS: readonly Mutation[] = [
  ...mistakesIn(RECOVERY, "database/gaps/gaps.test.ts", {
    "gaps of an organization that wants none are due": [[
      "where o.organization_id = i.organization_id and not o.recover_messages);",
      "where false);",
    ]],
    "nobody tends the gaps": [[
      "  select ghost_repair.add_silence_gaps() + ghost_repair.add_daily_gaps() + ghost_repair.give_up_gaps()",
      "  select 0::bigint",
    ]],
  }),
  ...mistakesIn("supabase/migrations/20261126200850_watch.sql", RECOVERY_TEST, {
    "a number is compared by two at once where it has two gaps": [[
      "    where not exists (\n      select from ghost_repair.leases l\n      where l.kind = p_kind and l.subject = d.id and",
      "    where not exists (\n      select from ghost_repair.leases l\n      where false and",
    ], [
      "    make_interval(secs => p_lease_seconds), p_tick_started) l;\nend $$;",
      "    make_interval(secs => p_lease_seconds), p_tick_started, true) l;\nend $$;",
    ]],
  }),
  ...mistakesIn(RECOVERY, RECOVERY_TEST, {
    "a gap is compared before its time": [[
      "    where g.due_at <= ghost_repair.now()\n    order by g.instance_id",
      "    order by g.instance_id",
    ]],
    "what cannot be had is told to nobody": [[
      "  if p_missing is distinct from 0 then",
      "  if false then",
    ]],
    "whoever lost the lease goes on storing": [[
      "    or not ghost_repair.holds_lease('recover', v_instance.id, p_token) then",
      "    or false then",
    ]],
    "a page of one second is asked for again for ever": [[
      "then 1 else g.page + 1 end,\n      compared_down_to",
      "then 1 else 1 end,\n      compared_down_to",
    ]],
    "a gateway that does not answer is asked every minute": [[
      "v_settings.recover_retry_after * power(2, least(g.attempts - 1, 10))",
      "v_settings.recover_retry_after",
    ]],
    "a gateway that stores nothing has told all it had": [[
      "      if v_gap.read = 0 and exists (",
      "      if false and exists (",
    ]],
    "a number may be read without end in a day": [[
      "    if v_read_today >= v_settings.recover_messages_a_day then",
      "    if false then",
    ]],
    "a gap that nobody can compare waits for ever": [[
      "where g.state = 'due' and g.waits_since <= ghost_repair.now() - v_settings.recover_patience * 2",
      "where false",
    ]],
    "one message that the database cannot take stops a number's recovery": [[
      "    exception when data_exception or integrity_constraint_violation then\n",
      "    exception when null_value_not_allowed then\n",
    ]],
    "all numbers of a gateway are compared at once": [[
      "    (select s.recover_numbers from ghost_repair.settings s),\n    p_limit, p_tick_started, p_lease_seconds) l",
      "    1000,\n    p_limit, p_tick_started, p_lease_seconds) l",
    ]],
    "the gateway is asked for what was before the number was first connected": [[
      "  greatest(g.gap_from - s.recover_margin, h.heard_since) as window_from,",
      "  g.gap_from - s.recover_margin as window_from,",
    ]],
  }),
  ...mistakesIn(RECOVERY, HISTORY_TEST, {
    "a phone's whole history is stored": [[
      "  select greatest(min(g.gap_from) - min(s.recover_margin), min(h.heard_since)),",
      "  select '2020-01-01'::timestamptz,",
    ]],
    "what a history brought in after the comparison is told to nobody": [[
      "  if v_gap.state <> 'due' then",
      "  if false then",
    ]],
    "a history is somebody's long after the pairing": [[
      "    and g.gap_until > ghost_repair.now() - s.history_within\n",
      "    and g.gap_until is not null\n",
    ]],
    "a history is taken where that is switched off": [[
      "    and ghost_repair.recovers_messages(g.instance_id)\n  having",
      "  having",
    ]],
  }),
  ...mistakesIn(RECOVERY, "database/scheduler.test.ts", {
    "the recovery is called while WhatsApp still hands over what it kept": [[
      "from ghost_repair.due_gaps d where d.due_at <= ghost_repair.now());\n",
      "from ghost_repair.due_gaps d);\n",
    ]],
  }),
  ...mistakesIn("supabase/migrations/20261126201500_cron.sql", "database/scheduler.test.ts", {
    "the recovery is called every minute for nothing": [[
      "1 where ghost_repair.is_recovery_due()",
      "1 where true",
    ]],
  }),
  ...mistakesIn(HANDLER, HANDLER_TEST, {
    "a slow gateway keeps a turn for ever": [[" || clock.monotonicMs() >= end;", ";"]],
    "a turn goes on until there is no more": [["pages >= PAGES_OF_A_NUMBER || clock", "clock"]],
  }),
  ...mistakesIn(WEBHOOK, "database/numbers/apply-webhook.test.ts", {
    "a webhook that was tried before is like any other": [[
      "  if v_is_late then\n    perform",
      "  if false then\n    perform",
    ]],
  }),
];
