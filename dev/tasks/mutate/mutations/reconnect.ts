/**
 * Mistakes in the reconnection's work list, and in what it writes.
 *
 * @module
 */

import type { Mutation } from "../mutation.ts";

const LEASES = "supabase/migrations/20260101000300_auto_reconnect.sql";
const CRON = "supabase/migrations/20260101000500_auto_reconnect_cron.sql";

/** See {@linkcode Mutation}. */
export const RECONNECT_MUTATIONS: readonly Mutation[] = [
  {
    name: "two ticks lease one number",
    file: LEASES,
    edits: [
      ["    for update of i skip locked\n  ), leased", "  ), leased"],
      [
        "\n      where l.expires_at <= ghost_repair.now() and l.leased_at < coalesce(p_tick_started, ghost_repair.now())\n",
        "\n",
      ],
    ],
    tests: ["database/reconnect-leases.test.ts", "auto-reconnect-instances/ticks-at-once.test.ts"],
  },
  {
    name: "the scheduler reconnects what a person disconnected",
    file: LEASES,
    edits: [["not i.manual_disconnect\n      and (", "true\n      and ("]],
    tests: ["database/reconnect-leases.test.ts"],
  },
  {
    name: "a number that is just connecting is connected again",
    file: LEASES,
    edits: [[
      "coalesce(i.last_reconnect_attempt_at, i.updated_at) <= ghost_repair.now() - interval '1 minute'",
      "true",
    ]],
    tests: ["database/reconnect-leases.test.ts"],
  },
  {
    name: "the scheduler reconnects for ever",
    file: LEASES,
    edits: [["      and i.reconnect_attempts_count < 3\n      and exists", "      and exists"]],
    tests: ["database/reconnect-leases.test.ts"],
  },
  {
    name: "the scheduler reconnects what is being repaired",
    file: LEASES,
    edits: [[
      "        select from public.ghost_repairs g where g.instance_id = i.id and g.closed_at is null)\n      and not exists",
      "        select from public.ghost_repairs g where false)\n      and not exists",
    ]],
    tests: ["database/reconnect-leases.test.ts"],
  },
  {
    name: "a lease that ended still writes",
    file: LEASES,
    edits: [[
      "l.token = p_token and l.expires_at > ghost_repair.now())\n  for update of i",
      "true)\n  for update of i",
    ]],
    tests: ["database/reconnect-leases.test.ts", "database/reconnect-outcomes.test.ts"],
  },
  {
    name: "a disconnection by hand in the middle of a tick does not stop it",
    file: LEASES,
    edits: [[
      "and i.status in ('disconnected', 'connecting') and not i.manual_disconnect\n    and not exists",
      "and i.status in ('disconnected', 'connecting')\n    and not exists",
    ]],
    tests: ["database/reconnect-outcomes.test.ts"],
  },
  {
    name: "a fourth attempt is granted",
    file: LEASES,
    edits: [[
      "where id = p_instance_id and reconnect_attempts_count < 3\n",
      "where id = p_instance_id\n",
    ]],
    tests: ["database/reconnect-outcomes.test.ts"],
  },
  {
    name: "a number that is back has used up its attempts",
    file: LEASES,
    edits: [[
      "disconnected_since = null, reconnect_attempts_count = 0",
      "disconnected_since = null",
    ]],
    tests: ["database/reconnect-outcomes.test.ts"],
  },
  {
    name: "a QR outlives the connection that it made",
    file: LEASES,
    edits: [[
      "  delete from private.instance_qr_codes where instance_id = p_instance_id;\n  perform ghost_repair.add_event(p_instance_id, 'connected'",
      "  perform ghost_repair.add_event(p_instance_id, 'connected'",
    ]],
    tests: ["evolution-webhook/qr.test.ts"],
  },
  {
    name: "a QR can be scanned for ten minutes",
    file: LEASES,
    edits: [[
      "ghost_repair.now(), ghost_repair.now() + interval '45 seconds')",
      "ghost_repair.now(), ghost_repair.now() + interval '10 minutes')",
    ]],
    tests: ["database/reconnect-outcomes.test.ts"],
  },
  {
    name: "a renewed QR is news every 45 seconds",
    file: LEASES,
    edits: [[
      "  where id = p_instance_id and status <> 'awaiting_qr';\n",
      "  where id = p_instance_id;\n",
    ]],
    tests: ["database/webhook-connection.test.ts"],
  },
  {
    name: "an outage is an event a minute",
    file: LEASES,
    edits: [[
      "and v_last.created_at > ghost_repair.now() - interval '10 minutes' then",
      "and false then",
    ]],
    tests: ["database/reconnect-outcomes.test.ts"],
  },
  {
    name: "the second of two attempts that failed alike is not written",
    file: LEASES,
    edits: [["    and p_detail ->> 'outcome' not in ('refused', 'no_qr_yet')\n", ""]],
    tests: ["database/reconnect-outcomes.test.ts", "auto-reconnect-instances/attempts.test.ts"],
  },
  {
    name: "what is unknown is written as connecting",
    file: LEASES,
    edits: [[
      "    when 'no_qr_yet' then\n      update",
      "    when 'no_qr_yet', 'unknown' then\n      update",
    ]],
    tests: ["database/reconnect-outcomes.test.ts"],
  },
  {
    name: "nobody is told after the third attempt",
    file: LEASES,
    edits: [["  if v_last then", "  if false then"]],
    tests: ["database/reconnect-outcomes.test.ts"],
  },
  {
    name: "a person is told of an attempt that is still under way",
    file: LEASES,
    edits: [[
      "    where l.gives_up_at <= ghost_repair.now()\n      and not exists",
      "    where l.gives_up_at is not null\n      and not exists",
    ], ["and l.gives_up_at <= ghost_repair.now();", "and l.gives_up_at is not null;"]],
    tests: ["database/lost-attempts.test.ts"],
  },
  {
    name: "a person is told of a lost attempt that somebody made up for",
    file: LEASES,
    edits: [[
      "      and not v_instance.manual_disconnect and v_instance.reconnect_attempts_count >= 3 then",
      "      and not v_instance.manual_disconnect then",
    ]],
    tests: ["database/lost-attempts.test.ts"],
  },
  {
    name: "the scheduler makes one call, however many are due",
    file: CRON,
    edits: [["greatest(1, ceil(v_due / 250.0))", "1"]],
    tests: ["database/scheduler.test.ts"],
  },
  {
    name: "the scheduler calls without its secret",
    file: CRON,
    edits: [["'x-cron-secret', v_secret)", "'x-cron-secret', null)"]],
    tests: ["database/scheduler.test.ts"],
  },
];
