/**
 * Mistakes in the ladder's database: when a repair is open, due, and whose it is.
 *
 * @module
 */

import type { Mutation } from "../mutation.ts";

const LADDER = "supabase/migrations/20261126200600_ghost_ladder.sql";
const GATEWAYS = "supabase/migrations/20261126200350_gateways.sql";
const SESSION = "supabase/migrations/20261126200200_session.sql";

/** See {@linkcode Mutation}. */
export const LADDER_MUTATIONS: readonly Mutation[] = [
  {
    name: "an organization's own policy is not asked",
    file: LADDER,
    edits: [["where p.organization_id = (", "where p.organization_id <> ("]],
    tests: ["advance-ghost-repairs/ladder/policy.test.ts"],
  },
  {
    name: "a repair that is over is taken for the open one",
    file: LADDER,
    edits: [[
      "r.instance_id = p_instance_id and r.closed_at is null and r.hearing is null);\nend $$;\n\ncreate or replace function ghost_repair.has_open_repair",
      "r.instance_id = p_instance_id order by r.opened_at limit 1);\nend $$;\n\ncreate or replace function ghost_repair.has_open_repair",
    ]],
    tests: ["database/repair/session-conflict-repair.test.ts"],
  },
  {
    name: "a repair that is over counts as open",
    file: LADDER,
    edits: [[
      "r.instance_id = p_instance_id and r.closed_at is null and r.hearing is null);\nend $$;\n\n-- The patch's place for it: one repair",
      "r.instance_id = p_instance_id and r.hearing is null);\nend $$;\n\n-- The patch's place for it: one repair",
    ]],
    tests: ["database/repair/repair-steps.test.ts"],
  },
  {
    name: "a ladder that nobody advances holds every claim up",
    file: LADDER,
    edits: [[
      "and l.leased_at > ghost_repair.now() - s.advancing_within))",
      "and l.leased_at is not null))",
    ]],
    tests: ["database/repair/repair-handover.test.ts"],
  },
  {
    name: "a failed send logs out while two sockets fight",
    file: LADDER,
    edits: [["ghost_repair.is_session_conflict(p_instance_id, s.advancing_within)", "false"]],
    tests: ["database/repair/session-conflict-repair.test.ts"],
  },
  {
    name: "a logout that was made already is made again",
    file: LADDER,
    edits: [[
      "logout_called_at = coalesce(r.logout_called_at, excluded.logout_called_at)",
      "logout_called_at = r.logout_called_at",
    ]],
    tests: ["database/repair/repair-steps.test.ts"],
  },
  {
    name: "a ladder that took no logout over has none left to make",
    file: LADDER,
    edits: [["p_logout is distinct from 'not_called', (select", "true, (select"]],
    tests: ["database/repair/repair-handover.test.ts"],
  },
  {
    name: "the ladder begins while the registry is still being read",
    file: LADDER,
    edits: [["(select s.handover from ghost_repair.settings s))", "interval '0')"]],
    tests: ["database/repair/repair-handover.test.ts"],
  },
  {
    name: "a registry that says close leaves the ladder at work",
    file: LADDER,
    edits: [["  if p_outcome = 'invalidated' then", "  if false then"]],
    tests: ["database/repair/repair-handover.test.ts"],
  },
  {
    name: "a repair that was withdrawn is said to have healed",
    file: LADDER,
    edits: [[
      "close_ghost_repair(p_instance_id, p_why)",
      "close_ghost_repair(p_instance_id, 'healed')",
    ]],
    tests: ["database/repair/repair-handover.test.ts"],
  },
  {
    name: "a number that a person disconnected is suspected",
    file: LADDER,
    edits: [[
      "v_session.instance_id is null or v_session.manual_disconnect or not",
      "v_session.instance_id is null or not",
    ]],
    tests: ["database/repair/repair-steps.test.ts"],
  },
  {
    name: "a repair that is still at work counts as abandoned",
    file: LADDER,
    edits: [[
      "where c.finished_at is null and c.expires_at <= ghost_repair.now()\n    order",
      "where c.finished_at is null\n    order",
    ], [
      "where c.instance_id = v_id and c.finished_at is null and c.expires_at <= ghost_repair.now();",
      "where c.instance_id = v_id and c.finished_at is null;",
    ]],
    tests: ["database/repair/repair-handover.test.ts"],
  },
  {
    name: "a ghost whose repair was abandoned is nobody's",
    file: LADDER,
    edits: [[
      "if found and public.suspect_session(v_id, 'repair_abandoned') then",
      "if false then",
    ]],
    tests: ["database/repair/repair-handover.test.ts"],
  },
  {
    name: "numbers that failed hours apart are an outage",
    file: LADDER,
    edits: [[
      "between mine.opened_at - s.outage_within and",
      "between mine.opened_at - interval '2 hours' and",
    ]],
    tests: ["database/repair/repair-steps.test.ts"],
  },
  {
    name: "a logout of which no answer is known is made again",
    file: LADDER,
    edits: [[
      "p_step in ('connect', 'restart')\n    and not",
      "p_step in ('connect', 'restart', 'logout')\n    and not",
    ]],
    tests: ["database/repair/repair-ladder.test.ts"],
  },
  {
    name: "a step that the webhooks told of is made again",
    file: LADDER,
    edits: [["and c.last_at >= p_repair.unanswered_since)", "and false)"]],
    tests: ["database/repair/repair-steps.test.ts"],
  },
  {
    name: "a repair is looked at before its time",
    file: LADDER,
    edits: [[
      "r.hearing is null and r.next_step_at <= ghost_repair.now()\n  -- That",
      "r.hearing is null\n  -- That",
    ]],
    tests: ["database/repair/repair-ladder.test.ts"],
  },
  {
    name: "the ladder probes while two sockets fight",
    file: LADDER,
    edits: [["\n  and not ghost_repair.is_session_conflict(r.instance_id);", ";"]],
    tests: ["database/repair/repair-steps.test.ts"],
  },
  {
    name: "a fight that a project's own webhook reports is news of the session",
    file: LADDER,
    edits: [[
      "  if ghost_repair.is_part_of_conflict(p_instance_id, p_state, p_reason) then\n    return true;",
      "  if ghost_repair.is_part_of_conflict(p_instance_id, p_state, p_reason) then\n    return false;",
    ]],
    tests: ["database/repair/blocked-repairs.test.ts"],
  },
  {
    name: "a failed send logs out in an outage",
    file: LADDER,
    edits: [[
      "  select 'outage' from ghost_repair.settings s\n",
      "  select null from ghost_repair.settings s\n",
    ]],
    tests: [
      "database/repair/ghost-repair-verbs.test.ts",
      "advance-ghost-repairs/ladder/outage.test.ts",
    ],
  },
  {
    name: "numbers whose repair has only begun are no part of an outage",
    file: LADDER,
    edits: [[
      "    where c.claimed_at > ghost_repair.now() - s.outage_within\n",
      "    where false\n",
    ]],
    tests: ["database/repair/ghost-repair-verbs.test.ts"],
  },
  {
    name: "a webhook of long ago makes silence count",
    file: GATEWAYS,
    edits: [[
      "g.last_webhook_at\n      > ghost_repair.now() - (select s.webhook_heard_within from ghost_repair.settings s))",
      "true)",
    ]],
    tests: ["database/repair/blocked-repairs.test.ts"],
  },
  {
    name: "a webhook that is delivered is not noted",
    file: GATEWAYS,
    edits: [[
      "if v_api_url is null or exists (",
      "if true or exists (",
    ]],
    tests: ["database/repair/blocked-repairs.test.ts"],
  },
  {
    name: "a number beside a connected one is taken for the gateway's only one",
    file: SESSION,
    edits: [["select i.status = 'connected' from", "select false from"]],
    tests: ["database/repair/blocked-repairs.test.ts"],
  },
  {
    name: "a repair without credentials is nobody's",
    file: LADDER,
    edits: [["      then 'no_credentials'\n", "      then null\n"]],
    tests: ["database/repair/blocked-repairs.test.ts"],
  },
  {
    name: "a repair that nothing blocks any more stays a person's",
    file: LADDER,
    edits: [[
      "      state = case when v_blocked.reason is null then 'open' else 'needs_operator' end,\n",
      "",
    ]],
    tests: ["database/repair/blocked-repairs.test.ts"],
  },
  {
    name: "a QR code right after a false alarm is believed",
    file: LADDER,
    edits: [["p_reason <> 'unexpected_qr_code' or r.outcome", "true or r.outcome"]],
    tests: ["database/repair/unexpected-qr.test.ts"],
  },
  {
    name: "a QR code right after a call that helped is believed",
    file: LADDER,
    edits: [["or r.outcome <> 'healed' and coalesce(", "or coalesce("]],
    tests: ["database/repair/unexpected-qr.test.ts"],
  },
  {
    name: "a QR code that nobody asked for is shown over a pairing that may live",
    file: LADDER,
    edits: [[
      "    return v_session.status = 'connected'\n",
      "    return false\n",
    ]],
    tests: ["database/repair/unexpected-qr.test.ts"],
  },
  {
    name: "two ticks take one repair's step",
    file: LADDER,
    edits: [[
      "  where l.token is not null\n  order by r.next_step_at",
      "  order by r.next_step_at",
    ]],
    tests: ["database/repair/repair-ladder.test.ts"],
  },
];
