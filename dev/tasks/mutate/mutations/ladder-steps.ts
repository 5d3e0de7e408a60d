/**
 * Mistakes in the ladder's steps: which call is granted, what its result does, who is told.
 *
 * @module
 */

import type { Mutation } from "../mutation.ts";

const LADDER = "supabase/migrations/20261126200600_ghost_ladder.sql";
const ALERTS = "supabase/migrations/20261126200700_alerts.sql";

/** See {@linkcode Mutation}. */
export const LADDER_STEP_MUTATIONS: readonly Mutation[] = [
  {
    name: "a step is taken with a lease that has ended",
    file: LADDER,
    edits: [["and ghost_repair.holds_lease('repair', p_repair_id, p_token) then", "then"]],
    tests: ["database/repair/repair-steps.test.ts"],
  },
  {
    name: "a step is granted although a person was told",
    file: LADDER,
    edits: [[
      "if v_repair.id is null or v_repair.state <> 'open' then",
      "if v_repair.id is null then",
    ]],
    tests: ["database/repair/repair-steps.test.ts"],
  },
  {
    name: "a connect is granted in an outage",
    file: LADDER,
    edits: [[
      "  if ghost_repair.is_outage(p_repair_id) then",
      "  if p_step <> 'connect' and ghost_repair.is_outage(p_repair_id) then",
    ]],
    tests: ["database/repair/repair-steps.test.ts"],
  },
  {
    name: "the ladder logs out within the window of a failed send's repair",
    file: LADDER,
    edits: [["  if p_step = 'logout' and exists (", "  if false and exists ("]],
    tests: ["database/repair/repair-steps.test.ts"],
  },
  {
    name: "a repair that is put off keeps its lease",
    file: LADDER,
    edits: [[
      "select ghost_repair.end_lease('repair', p_repair_id, p_token)\n$$;",
      "select ghost_repair.holds_lease('repair', p_repair_id, p_token)\n$$;",
    ]],
    tests: ["database/repair/blocked-repairs.test.ts"],
  },
  {
    name: "a step is granted twice in one repair's life",
    file: LADDER,
    edits: [[
      "if v_called_at is not null and (not ghost_repair.may_repeat_step",
      "if false and (not ghost_repair.may_repeat_step",
    ]],
    tests: ["database/repair/repair-ladder.test.ts"],
  },
  {
    name: "the lease that made a call is granted it again",
    file: LADDER,
    edits: [["and l.leased_at > v_repair.unanswered_since)) then", "and true)) then"]],
    tests: ["database/repair/repair-ladder.test.ts"],
  },
  {
    name: "the ladder's logout does not begin the window",
    file: LADDER,
    edits: [["  if p_step = 'logout' then\n    perform", "  if false then\n    perform"]],
    tests: ["database/repair/repair-ladder.test.ts"],
  },
  {
    name: "a number whose probe failed stays connected",
    file: LADDER,
    edits: [[
      "if (p_result ->> 'socket_dead')::boolean and v_status = 'connected' then",
      "if false then",
    ]],
    tests: ["database/repair/repair-steps.test.ts"],
  },
  {
    name: "a suspicion that proves false counts as a cure",
    file: LADDER,
    edits: [[
      "perform ghost_repair.close_ghost_repair(v_repair.instance_id, 'false_alarm');",
      "perform ghost_repair.close_ghost_repair(v_repair.instance_id, 'healed');",
    ]],
    tests: ["database/repair/repair-steps.test.ts"],
  },
  {
    name: "a session that the registry calls closed stays connected in the ladder",
    file: LADDER,
    edits: [[
      "      if v_status = 'connected' then\n        perform ghost_repair.mark_disconnected(v_repair.instance_id, '{\"source\": \"registry\"}');",
      '      if false then\n        perform ghost_repair.mark_disconnected(v_repair.instance_id, \'{"source": "registry"}\');',
    ]],
    tests: ["database/repair/repair-steps.test.ts"],
  },
  {
    name: "a person is told at every probe",
    file: LADDER,
    edits: [[
      "if v_repair.state not in ('needs_operator', 'restart_requested') then",
      "if true then",
    ]],
    tests: ["database/repair/session-conflict-repair.test.ts"],
  },
  {
    name: "an open report does not hasten the next look",
    file: LADDER,
    edits: [[
      "next_step_at = least(r.next_step_at, ghost_repair.now())",
      "next_step_at = r.next_step_at",
    ]],
    tests: ["database/repair/repair-ladder.test.ts"],
  },
  {
    name: "connecting webhooks are counted for numbers that nobody looks at",
    file: LADDER,
    edits: [[
      "  if not ghost_repair.has_open_repair(p_instance_id) then\n    return false;\n  end if;\n",
      "",
    ]],
    tests: ["database/numbers/webhook-connection.test.ts"],
  },
  {
    name: "a loop that was heard once is heard for ever",
    file: LADDER,
    edits: [[
      "\n      and c.last_at >= ghost_repair.now() - make_interval(secs => p_seconds))",
      ")",
    ]],
    tests: ["database/repair/repair-steps.test.ts"],
  },
  {
    name: "a person who was told of something else is not told again",
    file: ALERTS,
    edits: [[
      "on conflict (repair_id) do update set\n    attempts = 0, next_attempt_at = ghost_repair.now(), last_outcome = null, sent_at = null;",
      "on conflict (repair_id) do nothing;",
    ]],
    tests: ["database/repair/session-conflict-repair.test.ts"],
  },
  {
    name: "a person is told of a number that lives again",
    file: ALERTS,
    edits: [["where r.id = n.repair_id and r.closed_at is null);", "where r.id = n.repair_id);"]],
    tests: ["database/repair/repair-ladder.test.ts"],
  },
  {
    name: "the operator's hook is called for ever",
    file: ALERTS,
    edits: [[
      "where n.attempts < s.notice_attempts and ",
      "where ",
    ]],
    tests: ["database/repair/repair-ladder.test.ts"],
  },
  {
    name: "a person is called every minute, however often in vain",
    file: ALERTS,
    edits: [["make_interval(mins => (2 ^ least(n.attempts, 6))::int)", "interval '1 minute'"]],
    tests: ["database/repair/repair-ladder.test.ts"],
  },
  {
    name: "a late answer to one notice counts for the next one",
    file: ALERTS,
    edits: [[
      "where repair_id = p_repair_id and sent_at is null and attempts > 0",
      "where repair_id = p_repair_id and sent_at is null",
    ]],
    tests: ["database/repair/session-conflict-repair.test.ts"],
  },
];
