/**
 * Mistakes in leases: who works on something, for how long, and who may still write.
 *
 * @module
 */

import type { Mutation } from "../mutation.ts";

const LEASES = "supabase/migrations/20261126200400_leases.sql";

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
    tests: ["database/numbers/reconnect-leases.test.ts"],
  },
  {
    name: "a lease that a crash left never ends",
    file: LEASES,
    edits: [[
      "      and (l.expires_at > ghost_repair.now()\n",
      "      and (l.expires_at is not null\n",
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
];
