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
    name: "gateways beyond the first are never asked for their version",
    file: GATEWAYS,
    edits: [[
      "    where k.api_url > a.api_url order by k.api_url limit 1)",
      "    where false limit 1)",
    ]],
    tests: [SCHEDULER_TEST],
  },
  {
    name: "a repair has its gateway's version read at every step",
    file: GATEWAYS,
    edits: [[
      "        or g.version_asked_at < ghost_repair.now() - s.version_read_again)) d\n",
      "        or true)) d\n",
    ]],
    tests: ["database/repair/logout-unsafe.test.ts"],
  },
  {
    name: "a gateway's version is due as soon as it was asked",
    file: GATEWAYS,
    edits: [[
      "when g.version is null then s.version_retry_after else s.version_read_every end;",
      "when true then interval '0' end;",
    ]],
    tests: [SCHEDULER_TEST],
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
