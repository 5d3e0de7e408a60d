/**
 * Mistakes in leases, and in the conflict of two sockets of one device.
 *
 * @module
 */

import type { Mutation } from "../mutation.ts";

const RECONNECT = "supabase/migrations/20261126200800_reconnect.sql";
const LEASES = "supabase/migrations/20261126200400_leases.sql";
const CONFLICT = "supabase/migrations/20261126200500_session_conflict.sql";
const LADDER = "supabase/migrations/20261126200600_ghost_ladder.sql";
const WEBHOOK = "supabase/migrations/20261126201200_webhook.sql";

/** See {@linkcode Mutation}. */
export const LEASE_MUTATIONS: readonly Mutation[] = [
  {
    name: "whoever met another one at a lease takes it over",
    file: LEASES,
    edits: [[
      "where p_by_force or (l.expires_at <= ghost_repair.now()\n      and l.leased_at < coalesce(p_tick_started, ghost_repair.now()))",
      "where true",
    ]],
    tests: ["database/repair/repair-ladder.test.ts"],
  },
  {
    name: "a tick takes up again what it has given back",
    file: LEASES,
    edits: [[
      "(l.expires_at > ghost_repair.now()\n        or l.leased_at >= coalesce(p_tick_started, ghost_repair.now()))",
      "l.expires_at > ghost_repair.now()",
    ], [
      "(l.expires_at <= ghost_repair.now()\n      and l.leased_at < coalesce(p_tick_started, ghost_repair.now()))",
      "l.expires_at <= ghost_repair.now()",
    ]],
    tests: ["database/repair/repair-ladder.test.ts"],
  },
  {
    name: "a lease that a crash left never ends",
    file: LEASES,
    edits: [[
      "      and (l.expires_at > ghost_repair.now()\n",
      "      and (l.expires_at is not null\n",
    ]],
    tests: ["database/repair/repair-ladder.test.ts"],
  },
  {
    name: "a tick reconnects again what it has given back",
    file: RECONNECT,
    edits: [[
      "(l.expires_at > ghost_repair.now()\n          or l.leased_at >= coalesce(p_tick_started, ghost_repair.now()))) is null",
      "l.expires_at > ghost_repair.now()) is null",
    ]],
    tests: ["database/numbers/reconnect-leases.test.ts"],
  },
  {
    name: "a number that a crash left leased is never reconnected",
    file: RECONNECT,
    edits: [[
      "l.subject = d.id and (l.expires_at > ghost_repair.now()\n",
      "l.subject = d.id and (l.expires_at is not null\n",
    ]],
    tests: ["database/numbers/reconnect-leases.test.ts"],
  },
  {
    name: "a lease lasts as long as ever, whatever was asked for",
    file: LEASES,
    edits: [["coalesce(p_time, (select", "coalesce((select"]],
    tests: ["database/numbers/reconnect-leases.test.ts"],
  },
  {
    name: "who deletes a number waits for whoever connects it",
    file: LEASES,
    edits: [["where p_by_force or (", "where ("]],
    tests: ["database/instance-pairing.test.ts"],
  },
  {
    name: "whoever lost a lease goes on under it",
    file: LEASES,
    edits: [[
      "and l.token = p_token\n      and l.expires_at > ghost_repair.now())",
      "and l.expires_at > ghost_repair.now())",
    ]],
    tests: ["database/numbers/reconnect-outcomes.test.ts"],
  },
  {
    name: "a lease that has ended is held all the same",
    file: LEASES,
    edits: [[
      "and l.token = p_token\n      and l.expires_at > ghost_repair.now())",
      "and l.token = p_token)",
    ]],
    tests: ["database/numbers/reconnect-outcomes.test.ts"],
  },
  {
    name: "anybody ends a lease",
    file: LEASES,
    edits: [["and l.token = coalesce(p_token, l.token)\n", "and l.token is not null\n"]],
    tests: ["database/messages/held-messages.test.ts"],
  },
  {
    name: "a lease that has ended still writes",
    file: LEASES,
    edits: [[
      "    and l.expires_at > ghost_repair.now();\n",
      "    and l.expires_at is not null;\n",
    ]],
    tests: ["database/instance-pairing.test.ts"],
  },
  {
    name: "a process that starts anew counts as a fight",
    file: CONFLICT,
    edits: [["cardinality(v_counted.reports) >= v_settings.conflict_reports", "true"]],
    tests: ["database/repair/session-conflict.test.ts"],
  },
  {
    name: "a fight of two sockets is never over",
    file: CONFLICT,
    edits: [[
      "\n      and c.reports[cardinality(c.reports)]\n        > ghost_repair.now() - coalesce(p_within, s.conflict_silence))",
      ")",
    ]],
    tests: ["database/repair/session-conflict-repair.test.ts"],
  },
  {
    name: "openings that are hours apart are a fight",
    file: CONFLICT,
    edits: [["\n    and v_counted.reports[1] > v_since then", " then"]],
    tests: ["database/repair/session-conflict.test.ts"],
  },
  {
    name: "a failed send from before the fight still logs out",
    file: LADDER,
    edits: [["  perform ghost_repair.note_open(p_session.instance_id);\n", "  null;\n"]],
    tests: ["database/repair/session-conflict-repair.test.ts"],
  },
  {
    name: "a tick that was at work goes on into the fight",
    file: LADDER,
    edits: [["  perform ghost_repair.end_lease('repair', v_repair.id, null);\n", ""]],
    tests: ["database/repair/session-conflict-repair.test.ts"],
  },
  {
    name: "an open report in the middle of a fight connects",
    file: WEBHOOK,
    edits: [[
      "if ghost_repair.is_part_of_conflict(p_instance_id, p_state, p_reason) then",
      "if ghost_repair.is_part_of_conflict(p_instance_id, p_state, p_reason) and p_state <> 'open' then",
    ]],
    tests: ["database/repair/session-conflict.test.ts"],
  },
  {
    name: "a fight is told by its closes alone, which are hardly ever reported",
    file: LADDER,
    edits: [["if (p_state = 'open' or (p_state = 'close'", "if (false or (p_state = 'close'"]],
    tests: [
      "database/repair/session-conflict.test.ts",
      "advance-ghost-repairs/ladder/two-sockets.test.ts",
    ],
  },
];
