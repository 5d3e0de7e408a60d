/**
 * Mistakes in the ladder's database: when a repair is open, due, granted a step, and over; and in
 * the fight of two sockets.
 *
 * @module
 */

import type { Mutation } from "../mutation.ts";

const LADDER = "supabase/migrations/20260101000150_ghost_ladder.sql";

/** See {@linkcode Mutation}. */
export const LADDER_MUTATIONS: readonly Mutation[] = [
  {
    name: "a repair belongs to no organization: nobody sees it",
    file: LADDER,
    edits: [["to_jsonb(p_instance) ->> 'organization_id'", "to_jsonb(p_instance) ->> 'tenant_id'"]],
    tests: ["database/repair-handover.test.ts"],
  },
  {
    name: "an organization's own policy is not asked",
    file: LADDER,
    edits: [["where p.organization_id = (", "where p.organization_id <> ("]],
    tests: ["advance-ghost-repairs/ladder/policy.test.ts"],
  },
  {
    name: "a repair that is over counts as open",
    file: LADDER,
    edits: [[
      "r.instance_id = p_instance_id and r.closed_at is null)\n$$;\nrevoke all on function private.has_open_repair",
      "r.instance_id = p_instance_id)\n$$;\nrevoke all on function private.has_open_repair",
    ]],
    tests: ["database/repair-steps.test.ts"],
  },
  {
    name: "two sockets that throw each other out are not recognised",
    file: LADDER,
    edits: [["c.closes >= 6 and c.last_at", "false and c.last_at"]],
    tests: ["database/session-conflict.test.ts"],
  },
  {
    name: "a socket that overlaps with its successor counts as a fight",
    file: LADDER,
    edits: [["c.closes >= 6 and c.last_at", "c.closes >= 2 and c.last_at"]],
    tests: ["database/session-conflict.test.ts"],
  },
  {
    name: "a fight of two sockets is never over",
    file: LADDER,
    edits: [["c.closes >= 6 and c.last_at > ghost_repair.now() - p_within", "c.closes >= 6"]],
    tests: ["database/session-conflict-repair.test.ts"],
  },
  {
    name: "a ladder that nobody advances holds every claim up",
    file: LADDER,
    edits: [["and l.leased_at > ghost_repair.now() - interval '10 minutes'", ""]],
    tests: ["database/repair-handover.test.ts"],
  },
  {
    name: "what is new about an open repair replaces what was known",
    file: LADDER,
    edits: [["evidence = r.evidence || excluded.evidence", "evidence = excluded.evidence"]],
    tests: ["database/repair-steps.test.ts"],
  },
  {
    name: "a repair that is opened again waits as before",
    file: LADDER,
    edits: [[
      "next_step_at = least(r.next_step_at, excluded.next_step_at)",
      "next_step_at = r.next_step_at",
    ]],
    tests: ["database/repair-handover.test.ts"],
  },
  {
    name: "a number that a person disconnected is suspected",
    file: LADDER,
    edits: [[
      "v_instance.id is null or v_instance.manual_disconnect or not",
      "v_instance.id is null or not",
    ]],
    tests: ["database/repair-steps.test.ts"],
  },
  {
    name: "a number is suspected right after its repair",
    file: LADDER,
    edits: [["r.closed_at > ghost_repair.now() - v_settings.repair_window", "false"]],
    tests: ["database/repair-steps.test.ts"],
  },
  {
    name: "a disconnection by hand leaves the repair open",
    file: LADDER,
    edits: [["  if new.manual_disconnect then", "  if false then"]],
    tests: ["database/repair-handover.test.ts"],
  },
  {
    name: "a fresh QR leaves the repair open",
    file: LADDER,
    edits: [[
      "  elsif new.status = 'awaiting_qr' and old.status is distinct from 'awaiting_qr' then",
      "  elsif false then",
    ]],
    tests: ["database/repair-handover.test.ts"],
  },
  {
    name: "three failing numbers of a hundred are an outage",
    file: LADDER,
    edits: [["f.numbers >= 3 and f.numbers * 2 >= (", "f.numbers >= 3 and f.numbers * 200 >= ("]],
    tests: ["database/repair-steps.test.ts"],
  },
  {
    name: "two failing numbers are an outage",
    file: LADDER,
    edits: [["  select f.numbers >= 3 and", "  select f.numbers >= 2 and"]],
    tests: ["database/repair-steps.test.ts"],
  },
  {
    name: "numbers that failed hours apart are an outage",
    file: LADDER,
    edits: [["mine.opened_at - interval '2 minutes'", "mine.opened_at - interval '2 hours'"]],
    tests: ["database/repair-steps.test.ts"],
  },
  {
    name: "numbers that people disconnected count among those that live",
    file: LADDER,
    edits: [[
      "i.id = k.instance_id and not i.manual_disconnect\n      where f",
      "i.id = k.instance_id\n      where f",
    ]],
    tests: ["database/repair-steps.test.ts"],
  },
  {
    name: "a logout of which no answer is known is made again",
    file: LADDER,
    edits: [["p_step in ('connect', 'restart')\n", "p_step in ('connect', 'restart', 'logout')\n"]],
    tests: ["database/repair-ladder.test.ts"],
  },
  {
    name: "a step of which no answer is known is made again and again",
    file: LADDER,
    edits: [["and not p_step = any (p_repair.repeated_steps)", ""]],
    tests: ["database/repair-ladder.test.ts"],
  },
  {
    name: "a step that the webhooks told of is made again",
    file: LADDER,
    edits: [["and c.last_at >= p_repair.unanswered_since)", "and false)"]],
    tests: ["database/repair-steps.test.ts"],
  },
  {
    name: "a repair is looked at before its time",
    file: LADDER,
    edits: [[
      "where r.closed_at is null and r.next_step_at <= ghost_repair.now()",
      "where r.closed_at is null",
    ]],
    tests: ["database/repair-ladder.test.ts"],
  },
  {
    name: "the ladder probes while two sockets fight",
    file: LADDER,
    edits: [["      and not ghost_repair.is_session_conflict(r.instance_id)\n", ""]],
    tests: ["database/repair-steps.test.ts"],
  },
  {
    name: "two ticks take one repair's step",
    file: LADDER,
    edits: [
      [
        "(l.expires_at > ghost_repair.now() or l.leased_at >= coalesce(p_tick_started, ghost_repair.now()))",
        "false",
      ],
      [
        "      where l.expires_at <= ghost_repair.now() and l.leased_at < coalesce(p_tick_started, ghost_repair.now())\n",
        "",
      ],
    ],
    tests: ["database/repair-ladder.test.ts"],
  },
  {
    name: "a step is taken with a lease that has ended",
    file: LADDER,
    edits: [[
      "l.token = p_token and l.expires_at > ghost_repair.now())\n  for update of r",
      "l.token = p_token)\n  for update of r",
    ]],
    tests: ["database/repair-steps.test.ts"],
  },
  {
    name: "a step is taken for a number that waits for its scan",
    file: LADDER,
    edits: [[
      "and not i.manual_disconnect and i.status <> 'awaiting_qr'",
      "and not i.manual_disconnect",
    ]],
    tests: ["database/repair-steps.test.ts"],
  },
];
