/**
 * Mistakes in leases, and in the conflict of two sockets of one device.
 *
 * @module
 */

import { mistakesIn, type Mutation } from "../mutation.ts";

const RECONNECT = "supabase/migrations/20261126200800_reconnect.sql";
const LEASES = "supabase/migrations/20261126200400_leases.sql";
const CONFLICT = "supabase/migrations/20261126200500_session_conflict.sql";
const LADDER = "supabase/migrations/20261126200600_ghost_ladder.sql";
const WEBHOOK = "supabase/migrations/20261126201200_webhook.sql";

/** See {@linkcode Mutation}. */
export const LEASE_MUTATIONS: readonly Mutation[] = [
  ...mistakesIn(LEASES, "database/repair/repair-ladder.test.ts", {
    "whoever met another one at a lease takes it over": [[
      "where p_by_force or (l.expires_at <= ghost_repair.now()\n      and l.leased_at < coalesce(p_tick_started, ghost_repair.now()))",
      "where true",
    ]],
    "a tick takes up again what it has given back": [[
      "(l.expires_at > ghost_repair.now()\n        or l.leased_at >= coalesce(p_tick_started, ghost_repair.now()))",
      "l.expires_at > ghost_repair.now()",
    ], [
      "(l.expires_at <= ghost_repair.now()\n      and l.leased_at < coalesce(p_tick_started, ghost_repair.now()))",
      "l.expires_at <= ghost_repair.now()",
    ]],
    "a lease that a crash left never ends": [[
      "      and (l.expires_at > ghost_repair.now()\n",
      "      and (l.expires_at is not null\n",
    ]],
  }),
  ...mistakesIn(RECONNECT, "database/numbers/reconnect-leases.test.ts", {
    "a tick reconnects again what it has given back": [[
      "(l.expires_at > ghost_repair.now()\n          or l.leased_at >= coalesce(p_tick_started, ghost_repair.now()))) is null",
      "l.expires_at > ghost_repair.now()) is null",
    ]],
    "a number that a crash left leased is never reconnected": [[
      "l.subject = d.id and (l.expires_at > ghost_repair.now()\n",
      "l.subject = d.id and (l.expires_at is not null\n",
    ]],
  }),
  ...mistakesIn(LEASES, "database/numbers/reconnect-leases.test.ts", {
    "a lease lasts as long as ever, whatever was asked for": [[
      "coalesce(p_time, (select",
      "coalesce((select",
    ]],
  }),
  ...mistakesIn(LEASES, "database/instance-pairing.test.ts", {
    "who deletes a number waits for whoever connects it": [["where p_by_force or (", "where ("]],
    "a lease that has ended still writes": [[
      "    and l.expires_at > ghost_repair.now();\n",
      "    and l.expires_at is not null;\n",
    ]],
  }),
  ...mistakesIn(LEASES, "database/numbers/reconnect-outcomes.test.ts", {
    "whoever lost a lease goes on under it": [[
      "and l.token = p_token\n      and l.expires_at > ghost_repair.now())",
      "and l.expires_at > ghost_repair.now())",
    ]],
    "a lease that has ended is held all the same": [[
      "and l.token = p_token\n      and l.expires_at > ghost_repair.now())",
      "and l.token = p_token)",
    ]],
  }),
  ...mistakesIn(LEASES, "database/messages/held-messages.test.ts", {
    "anybody ends a lease": [[
      "and l.token = coalesce(p_token, l.token)\n",
      "and l.token is not null\n",
    ]],
  }),
  ...mistakesIn(CONFLICT, "database/repair/session-conflict.test.ts", {
    "a process that starts anew counts as a fight": [[
      "cardinality(v_counted.reports) >= v_settings.conflict_reports",
      "true",
    ]],
    "openings that are hours apart are a fight": [[
      "\n    and v_counted.reports[1] > v_since then",
      " then",
    ]],
  }),
  ...mistakesIn(CONFLICT, "database/repair/session-conflict-repair.test.ts", {
    "a fight of two sockets is never over": [[
      "\n      and c.reports[cardinality(c.reports)]\n        > ghost_repair.now() - coalesce(p_within, s.conflict_silence))",
      ")",
    ]],
  }),
  ...mistakesIn(LADDER, "database/repair/session-conflict-repair.test.ts", {
    "a failed send from before the fight still logs out": [[
      "  perform ghost_repair.note_open(p_session.instance_id);\n",
      "  null;\n",
    ]],
    "a tick that was at work goes on into the fight": [[
      "  perform ghost_repair.end_lease('repair', v_repair.id, null);\n",
      "",
    ]],
  }),
  ...mistakesIn(WEBHOOK, "database/repair/session-conflict.test.ts", {
    "an open report in the middle of a fight connects": [[
      "if ghost_repair.is_part_of_conflict(p_instance_id, p_state, p_reason) then",
      "if ghost_repair.is_part_of_conflict(p_instance_id, p_state, p_reason) and p_state <> 'open' then",
    ]],
  }),
  ...mistakesIn(LADDER, [
    "database/repair/session-conflict.test.ts",
    "advance-ghost-repairs/ladder/two-sockets.test.ts",
  ], {
    "a fight is told by its closes alone, which are hardly ever reported": [[
      "if (p_state = 'open' or (p_state = 'close'",
      "if (false or (p_state = 'close'",
    ]],
  }),
];
