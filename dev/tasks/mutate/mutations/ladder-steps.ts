/**
 * Mistakes in the ladder's steps: which call is granted, what its result does, who is told.
 *
 * @module
 */

import { mistakesIn, type Mutation } from "../mutation.ts";

const LADDER = "supabase/migrations/20261126200600_ghost_ladder.sql";
const ALERTS = "supabase/migrations/20261126200700_alerts.sql";

/** See {@linkcode Mutation}. */
export const LADDER_STEP_MUTATIONS: readonly Mutation[] = [
  ...mistakesIn(LADDER, "database/repair/repair-steps.test.ts", {
    "a step is taken with a lease that has ended": [[
      "and ghost_repair.holds_lease('repair', p_repair_id, p_token) then",
      "then",
    ]],
    "a step is granted although a person was told": [[
      "if v_repair.id is null or v_repair.state <> 'open' then",
      "if v_repair.id is null then",
    ]],
    "a connect is granted in an outage": [[
      "  if ghost_repair.is_outage(p_repair_id) then",
      "  if p_step <> 'connect' and ghost_repair.is_outage(p_repair_id) then",
    ]],
    "the ladder logs out within the window of a failed send's repair": [[
      "  if p_step = 'logout' and exists (",
      "  if false and exists (",
    ]],
    "a number whose probe failed stays connected": [[
      "if (p_result ->> 'socket_dead')::boolean and v_status = 'connected' then",
      "if false then",
    ]],
    "a suspicion that proves false counts as a cure": [[
      "perform ghost_repair.close_ghost_repair(v_repair.instance_id, 'false_alarm');",
      "perform ghost_repair.close_ghost_repair(v_repair.instance_id, 'healed');",
    ]],
    "a session that the registry calls closed stays connected in the ladder": [[
      "      if v_status = 'connected' then\n        perform ghost_repair.mark_disconnected(v_repair.instance_id, '{\"source\": \"registry\"}');",
      '      if false then\n        perform ghost_repair.mark_disconnected(v_repair.instance_id, \'{"source": "registry"}\');',
    ]],
    "a loop that was heard once is heard for ever": [[
      "\n      and c.last_at >= ghost_repair.now() - make_interval(secs => p_seconds))",
      ")",
    ]],
    "a number is suspected while repairs are switched off": [[
      "v_session.manual_disconnect or not v_settings.enabled\n",
      "v_session.manual_disconnect\n",
    ]],
    "a number that waits for its scan is suspected": [[
      "    or v_session.status = 'awaiting_qr'\n    or ghost_repair.has_open_repair(p_instance_id)\n    or exists",
      "    or ghost_repair.has_open_repair(p_instance_id)\n    or exists",
    ]],
    "a number is suspected right after its repair": [[
      "      and r.closed_at > ghost_repair.now() - v_settings.repair_window\n",
      "      and false\n",
    ]],
    "what is waited for counts from its last look": [[
      "      when r.waiting_for = v_reason then r.waiting_since else ghost_repair.now() end,",
      "      else ghost_repair.now() end,",
    ]],
    "who was dead and lives is a false alarm": [[
      "      if v_status = 'connected' and not v_detail ? 'step' then",
      "      if not v_detail ? 'step' then",
    ]],
  }),
  ...mistakesIn(LADDER, "database/repair/blocked-repairs.test.ts", {
    "a repair that is put off keeps its lease": [[
      "select ghost_repair.end_lease('repair', p_repair_id, p_token)\n$$;",
      "select ghost_repair.holds_lease('repair', p_repair_id, p_token)\n$$;",
    ]],
    "whatever a person was told, the repair goes on by itself": [[
      "    and r.evidence ->> 'reason' in ('no_credentials', 'webhooks_missing')));",
      "    ));",
    ]],
    "with its credentials back a repair still waits for a person": [[
      "    and r.evidence ->> 'reason' in ('no_credentials', 'webhooks_missing')));",
      "    and r.evidence ->> 'reason' in ('webhooks_missing')));",
    ]],
  }),
  ...mistakesIn(LADDER, "database/repair/repair-ladder.test.ts", {
    "a step is granted twice in one repair's life": [[
      "if v_called_at is not null and (not ghost_repair.may_repeat_step",
      "if false and (not ghost_repair.may_repeat_step",
    ]],
    "the lease that made a call is granted it again": [[
      "and l.leased_at > v_repair.unanswered_since)) then",
      "and true)) then",
    ]],
    "the ladder's logout does not begin the window": [[
      "  if p_step = 'logout' then\n    perform",
      "  if false then\n    perform",
    ]],
    "an open report does not hasten the next look": [[
      "next_step_at = least(r.next_step_at, ghost_repair.now())",
      "next_step_at = r.next_step_at",
    ]],
  }),
  ...mistakesIn(LADDER, "database/repair/session-conflict-repair.test.ts", {
    "a person is told at every probe": [[
      "if v_repair.state not in ('needs_operator', 'restart_requested') then",
      "if true then",
    ]],
  }),
  ...mistakesIn(LADDER, "database/numbers/webhook-connection.test.ts", {
    "connecting webhooks are counted for numbers that nobody looks at": [[
      "  if not ghost_repair.has_open_repair(p_instance_id) then\n    return false;\n  end if;\n",
      "",
    ]],
  }),
  ...mistakesIn(ALERTS, "database/repair/session-conflict-repair.test.ts", {
    "a person who was told of something else is not told again": [[
      "on conflict (repair_id) do update set\n    attempts = 0, next_attempt_at = ghost_repair.now(), last_outcome = null, sent_at = null;",
      "on conflict (repair_id) do nothing;",
    ]],
    "a late answer to one notice counts for the next one": [[
      "where repair_id = p_repair_id and sent_at is null and attempts > 0",
      "where repair_id = p_repair_id and sent_at is null",
    ]],
  }),
  ...mistakesIn(ALERTS, "database/repair/repair-ladder.test.ts", {
    "a person is told of a number that lives again": [[
      "where r.id = n.repair_id and r.closed_at is null);",
      "where r.id = n.repair_id);",
    ]],
    "the operator's hook is called for ever": [[
      "where n.attempts < s.notice_attempts and ",
      "where ",
    ]],
    "a person is called every minute, however often in vain": [[
      "make_interval(mins => (2 ^ least(n.attempts, 6))::int)",
      "interval '1 minute'",
    ]],
  }),
  ...mistakesIn(LADDER, "database/repair/unexpected-qr.test.ts", {
    "the code that a connect of ours brought is doubted": [[
      "  return v_repair.logout_called_at is null and v_repair.connect_called_at is null\n",
      "  return v_repair.logout_called_at is null\n",
    ]],
    "a code under a repair does not hasten its look": [[
      "    and v_repair.restart_called_at is null and ghost_repair.hasten_repair(p_instance_id);",
      "    and v_repair.restart_called_at is null;",
    ]],
  }),
  ...mistakesIn(LADDER, "database/repair/session-conflict.test.ts", {
    "a fight is told of while repairs are switched off": [[
      "  if p_session.manual_disconnect or p_session.status = 'awaiting_qr' or not v_settings.enabled then",
      "  if p_session.manual_disconnect or p_session.status = 'awaiting_qr' then",
    ]],
    "a number that waits for its scan is fought for": [[
      "  if p_session.manual_disconnect or p_session.status = 'awaiting_qr' or not v_settings.enabled then",
      "  if p_session.manual_disconnect or not v_settings.enabled then",
    ]],
  }),
];
