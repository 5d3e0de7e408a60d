/**
 * Mistakes in which functions are called when.
 *
 * @module
 */

import { mistakesIn, type Mutation } from "../mutation.ts";

const MIGRATIONS = "supabase/migrations/20261126";
const GATEWAYS = `${MIGRATIONS}200350_gateways.sql`;
const LADDER = `${MIGRATIONS}200600_ghost_ladder.sql`;
const ALERTS = `${MIGRATIONS}200700_alerts.sql`;
const WATCH = `${MIGRATIONS}200850_watch.sql`;
const CRON = `${MIGRATIONS}201500_cron.sql`;
const SCHEDULER_TEST = "database/scheduler.test.ts";

/** See {@linkcode Mutation}. */
export const DUE_FUNCTION_MUTATIONS: readonly Mutation[] = [
  ...mistakesIn(WATCH, SCHEDULER_TEST, {
    "the watch is called although no look is due": [[
      "    if exists (select from ghost_repair.watched_numbers w\n      where w.next_look_at <= ghost_repair.now()) then\n",
      "    if true then\n",
    ]],
    "of many looks that are due one counts": [[
      "          order by w.next_look_at limit p_most) w);",
      "          order by w.next_look_at limit 1) w);",
    ]],
  }),
  ...mistakesIn(GATEWAYS, SCHEDULER_TEST, {
    "a gateway that was never heard of is not asked for its version": [[
      "  insert into private.gateways (api_url) values (new.api_url) on conflict do nothing;\n",
      "",
    ]],
    "a gateway's version is due as soon as it was asked": [[
      "version_due_at = case when g.version is null",
      "version_due_at = case when true then '-infinity' when g.version is null",
    ]],
  }),
  ...mistakesIn(GATEWAYS, "database/repair/logout-unsafe.test.ts", {
    "a gateway that nobody has a number at is asked for its version": [[
      " and ghost_repair.has_numbers(g.api_url);",
      ";",
    ]],
    "a gateway whose last number has gone is taken for one that has numbers": [[
      "k.api_url >= p_api_url and k.api_url <= p_api_url order",
      "true order",
    ]],
    "two who ask at once both read a gateway's version, at every step": [[
      "  where coalesce(case when p_instance_id is null then g.version_asked_at",
      "  where true or coalesce(case when p_instance_id is null then g.version_asked_at",
    ]],
    "a gateway that told its version is asked again after ten minutes": [[
      "case when p_version is null or p_support = 'unusable' then s.version_retry_after\n        else s.version_read_every end",
      "s.version_retry_after",
    ]],
  }),
  ...mistakesIn(LADDER, SCHEDULER_TEST, {
    "a repair without a gateway is nobody's work": [[
      "  (r.state = 'open' and b.reason = 'no_credentials' and r.next_step_at <= ghost_repair.now())",
      "  false",
    ]],
  }),
  ...mistakesIn(ALERTS, SCHEDULER_TEST, {
    "notices that were sent are due for ever": [[
      "where n.sent_at is null and n.next_attempt_at <= ghost_repair.now()\n",
      "where true\n",
    ]],
    "where there is no hook its notices are due for ever": [[
      " and s.operator_hook is not false)",
      ")",
    ]],
  }),
  ...mistakesIn(ALERTS, "database/repair/repair-ladder.test.ts", {
    "a hook that is set later is never known": [[
      "  where s.operator_hook is distinct from p_has_hook;\n",
      "  where s.operator_hook is null;\n",
    ]],
  }),
  ...mistakesIn(CRON, SCHEDULER_TEST, {
    "the release is called for messages whose number is away": [[
      "      where exists (select from ghost_repair.due_releases d where d.instance_id = n.id)\n",
      "      where true\n",
    ]],
  }),
];
