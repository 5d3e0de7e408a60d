/**
 * Mistakes in the reconnection's work list, in what it writes, and in its clock.
 *
 * @module
 */

import type { Mutation } from "../mutation.ts";

const RECONNECT = "supabase/migrations/20261126200800_reconnect.sql";
const CRON = "supabase/migrations/20261126201500_cron.sql";

/** See {@linkcode Mutation}. */
export const RECONNECT_MUTATIONS: readonly Mutation[] = [
  {
    name: "the scheduler reconnects what a person disconnected",
    file: RECONNECT,
    edits: [[
      "in ('disconnected', 'connecting') and not i.manual_disconnect\n",
      "in ('disconnected', 'connecting')\n",
    ]],
    tests: ["database/numbers/reconnect-leases.test.ts"],
  },
  {
    name: "the scheduler reconnects what is being repaired",
    file: RECONNECT,
    edits: [[
      "r.instance_id = i.id and r.closed_at is null and r.hearing is null) is null;",
      "false) is null;",
    ]],
    tests: ["database/numbers/reconnect-leases.test.ts"],
  },
  {
    name: "a number that is just connecting is connected again",
    file: RECONNECT,
    edits: [["      + (select s.connecting_patience from ghost_repair.settings s)\n", ""]],
    tests: ["database/numbers/reconnect-leases.test.ts"],
  },
  {
    name: "the scheduler reconnects for ever",
    file: RECONNECT,
    edits: [[
      "and l.attempts < (select s.reconnect_attempts from ghost_repair.settings s);",
      "and true;",
    ]],
    tests: ["database/numbers/reconnect-leases.test.ts"],
  },
  {
    name: "a tick waits for whoever has a number locked",
    file: RECONNECT,
    edits: [["    for no key update skip locked\n", "    for no key update\n"]],
    tests: ["database/numbers/reconnect-leases.test.ts"],
  },
  {
    name: "an attempt is made under a lease that is somebody else's",
    file: RECONNECT,
    edits: [[
      "if not ghost_repair.holds_lease('reconnect', p_instance_id, p_token)\n    or not",
      "if not",
    ]],
    tests: ["database/numbers/reconnect-outcomes.test.ts"],
  },
  {
    name: "a disconnection by hand in the middle of a tick does not stop it",
    file: RECONNECT,
    edits: [[
      "\n    or not exists (select from ghost_repair.reconnectable d where d.id = p_instance_id) then",
      " then",
    ]],
    tests: ["database/numbers/reconnect-outcomes.test.ts"],
  },
  {
    name: "a last attempt that nobody came back from is forgotten",
    file: RECONNECT,
    edits: [["set gives_up_at = l.expires_at\n", "set gives_up_at = null\n"]],
    tests: ["database/numbers/lost-attempts.test.ts"],
  },
  {
    name: "a QR outlives the connection that it made",
    file: RECONNECT,
    edits: [[
      "  delete from private.instance_qr_codes where instance_id = p_instance_id;\n  perform ghost_repair.add_event(p_instance_id, 'connected'",
      "  perform ghost_repair.add_event(p_instance_id, 'connected'",
    ]],
    tests: ["database/numbers/webhook-connection.test.ts"],
  },
  {
    name: "a renewed QR is news every 45 seconds",
    file: RECONNECT,
    edits: [["where id = p_instance_id and status <> 'awaiting_qr';", "where id = p_instance_id;"]],
    tests: ["database/numbers/webhook-connection.test.ts"],
  },
  {
    name: "a QR that has expired is shown",
    file: RECONNECT,
    edits: [[
      "where q.instance_id = p_instance_id and q.expires_at > ghost_repair.now()",
      "where q.instance_id = p_instance_id",
    ]],
    tests: ["database/instance-pairing.test.ts"],
  },
  {
    name: "an outage is an event a minute",
    file: RECONNECT,
    edits: [["if v_last.detail ->> 'outcome' = p_detail ->> 'outcome'", "if false"]],
    tests: ["database/numbers/reconnect-outcomes.test.ts"],
  },
  {
    name: "what was found is written by whoever lost the lease",
    file: RECONNECT,
    edits: [["  v_recorded := v_held and v_session", "  v_recorded := v_session"]],
    tests: ["database/instance-pairing.test.ts"],
  },
  {
    name: "a connect that was overtaken by a repair connects",
    file: RECONNECT,
    edits: [[
      "\n    and not ghost_repair.has_open_repair(p_instance_id);\n  if v_recorded",
      ";\n  if v_recorded",
    ]],
    tests: ["database/instance-pairing.test.ts"],
  },
  {
    name: "a tick connects over a QR that is being scanned",
    file: RECONNECT,
    edits: [["and (p_source <> 'tick' or v_session.status <> 'awaiting_qr')", "and true"]],
    tests: ["database/numbers/reconnect-outcomes.test.ts"],
  },
  {
    name: "a gateway that is away is asked at every poll",
    file: RECONNECT,
    edits: [[
      "case when p_source = 'user' and v_result not in ('registry_open', 'open', 'qr')",
      "case when false",
    ]],
    tests: ["database/instance-pairing.test.ts"],
  },
  {
    name: "nobody is told after the third attempt",
    file: RECONNECT,
    edits: [["        if v_last then", "        if false then"]],
    tests: ["database/numbers/reconnect-outcomes.test.ts"],
  },
  {
    name: "a person is told of an attempt that is still under way",
    file: RECONNECT,
    edits: [[
      "l.gives_up_at <= ghost_repair.now()\n      and not",
      "l.gives_up_at is not null\n      and not",
    ], ["l.subject = v_id and l.gives_up_at <= ghost_repair.now();", "l.subject = v_id;"]],
    tests: ["database/numbers/lost-attempts.test.ts"],
  },
  {
    name: "a person is told of a lost attempt that somebody made up for",
    file: RECONNECT,
    edits: [[
      "where l.id = v_id and l.attempts >= s.reconnect_attempts) then",
      "where l.id = v_id) then",
    ]],
    tests: ["database/numbers/lost-attempts.test.ts"],
  },
  {
    name: "a lost attempt is told of in the middle of a repair",
    file: RECONNECT,
    edits: [["\n      and not ghost_repair.has_open_repair(l.subject)\n", "\n"], [
      "continue when v_session.instance_id is null or ghost_repair.has_open_repair(v_id);",
      "continue when v_session.instance_id is null;",
    ]],
    tests: ["database/numbers/lost-attempts.test.ts"],
  },
  {
    name: "the scheduler makes one call, however many are due",
    file: CRON,
    edits: [["greatest(1, ceil(v_due::numeric / v_settings.numbers_a_call))", "1"]],
    tests: ["database/scheduler.test.ts"],
  },
  {
    name: "the scheduler calls without its secret",
    file: CRON,
    edits: [["'x-cron-secret', v_secret)", "'x-cron-secret', null)"]],
    tests: ["database/scheduler.test.ts"],
  },
  {
    name: "one part of a sweep that fails undoes the others",
    file: CRON,
    edits: [[
      "    exception when others then\n      raise warning 'sweep: % failed: %', v_part.name, sqlstate;\n      v_count := null;\n    end;",
      "    end;",
    ]],
    tests: ["database/sweep.test.ts"],
  },
  {
    name: "the timeline is kept for ever",
    file: CRON,
    edits: [["      ('public.instance_events', 'created_at', v_settings.keep_events),\n", ""]],
    tests: ["database/sweep.test.ts"],
  },
  {
    name: "closed repairs are kept for ever",
    file: CRON,
    edits: [["      ('public.ghost_repairs', 'closed_at', v_settings.keep_events),\n", ""]],
    tests: ["database/sweep.test.ts"],
  },
  {
    name: "the scheduler's runs are kept for ever",
    file: CRON,
    edits: [["where d.end_time < $1 order by", "where false order by"]],
    tests: ["database/sweep.test.ts"],
  },
  {
    name: "with old leases goes what a person has to be told",
    file: CRON,
    edits: [[" and o.gives_up_at is null\n", "\n"]],
    tests: ["database/numbers/lost-attempts.test.ts"],
  },
];
