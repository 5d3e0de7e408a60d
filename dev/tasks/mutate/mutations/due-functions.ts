/**
 * Mistakes in which functions are called when.
 *
 * @module
 */

import type { Mutation } from "../mutation.ts";

const MIGRATIONS = "supabase/migrations/20261126";
const GATEWAYS = `${MIGRATIONS}200350_gateways.sql`;
const LADDER = `${MIGRATIONS}200600_ghost_ladder.sql`;
const ALERTS = `${MIGRATIONS}200700_alerts.sql`;
const WATCH = `${MIGRATIONS}200850_watch.sql`;
const CRON = `${MIGRATIONS}201500_cron.sql`;
const SCHEDULER_TEST = "database/scheduler.test.ts";

/** See {@linkcode Mutation}. */
export const DUE_FUNCTION_MUTATIONS: readonly Mutation[] = [
  {
    name: "the watch is called although no look is due",
    file: WATCH,
    edits: [[
      "    if exists (select from ghost_repair.watched_numbers w\n      where w.next_look_at <= ghost_repair.now()) then\n",
      "    if true then\n",
    ]],
    tests: [SCHEDULER_TEST],
  },
  {
    name: "a gateway that was never heard of is not asked for its version",
    file: GATEWAYS,
    edits: [[
      "  insert into private.gateways (api_url) values (new.api_url) on conflict do nothing;\n",
      "",
    ]],
    tests: [SCHEDULER_TEST],
  },
  {
    name: "a gateway that nobody has a number at is asked for its version",
    file: GATEWAYS,
    edits: [[
      " and ghost_repair.has_numbers(g.api_url);",
      ";",
    ]],
    tests: ["database/repair/logout-unsafe.test.ts"],
  },
  {
    name: "a gateway whose last number has gone is taken for one that has numbers",
    file: GATEWAYS,
    edits: [["k.api_url >= p_api_url and k.api_url <= p_api_url order", "true order"]],
    tests: ["database/repair/logout-unsafe.test.ts"],
  },
  {
    name: "two who ask at once both read a gateway's version, at every step",
    file: GATEWAYS,
    edits: [[
      "  where coalesce(case when p_instance_id is null then g.version_asked_at",
      "  where true or coalesce(case when p_instance_id is null then g.version_asked_at",
    ]],
    tests: ["database/repair/logout-unsafe.test.ts"],
  },
  {
    name: "a gateway's version is due as soon as it was asked",
    file: GATEWAYS,
    edits: [[
      "version_due_at = case when g.version is null",
      "version_due_at = case when true then '-infinity' when g.version is null",
    ]],
    tests: [SCHEDULER_TEST],
  },
  {
    name: "a gateway that told its version is asked again after ten minutes",
    file: GATEWAYS,
    edits: [[
      "case when p_version is null or p_support = 'unusable' then s.version_retry_after\n        else s.version_read_every end",
      "s.version_retry_after",
    ]],
    tests: ["database/repair/logout-unsafe.test.ts"],
  },
  {
    name: "a repair without a gateway is nobody's work",
    file: LADDER,
    edits: [[
      "  (r.state = 'open' and b.reason = 'no_credentials' and r.next_step_at <= ghost_repair.now())",
      "  false",
    ]],
    tests: [SCHEDULER_TEST],
  },
  {
    name: "notices that were sent are due for ever",
    file: ALERTS,
    edits: [[
      "where n.sent_at is null and n.next_attempt_at <= ghost_repair.now()\n",
      "where true\n",
    ]],
    tests: [SCHEDULER_TEST],
  },
  {
    name: "where there is no hook its notices are due for ever",
    file: ALERTS,
    edits: [[" and s.operator_hook is not false)", ")"]],
    tests: [SCHEDULER_TEST],
  },
  {
    name: "a hook that is set later is never known",
    file: ALERTS,
    edits: [[
      "  where s.operator_hook is distinct from p_has_hook;\n",
      "  where s.operator_hook is null;\n",
    ]],
    tests: ["database/repair/repair-ladder.test.ts"],
  },
  {
    name: "the release is called for messages whose number is away",
    file: CRON,
    edits: [[
      "      where exists (select from ghost_repair.due_releases d where d.instance_id = n.id)\n",
      "      where true\n",
    ]],
    tests: [SCHEDULER_TEST],
  },
];
