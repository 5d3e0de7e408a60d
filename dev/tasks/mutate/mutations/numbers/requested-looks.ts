/**
 * Mistakes in a look that a person asks for.
 *
 * @module
 */

import type { Mutation } from "../../mutation.ts";

const LOOKS = "supabase/migrations/20261127225100_requested_looks.sql";
const tests = ["database/numbers/requested-looks.test.ts"];

/** See {@linkcode Mutation}. */
export const REQUESTED_LOOK_MUTATIONS: readonly Mutation[] = [
  {
    name: "who was heard of a moment ago is not probed, whoever doubts it",
    file: LOOKS,
    edits: [["set next_look_at = v_now, asked_at = v_now\n", "set next_look_at = v_now\n"]],
    tests,
  },
  {
    name: "a number that waits is not looked at though somebody asked",
    file: LOOKS,
    edits: [["least(w.next_look_at, v_now)", "w.next_look_at"]],
    tests,
  },
  {
    name: "whoever clicks has the gateway asked at each click",
    file: LOOKS,
    edits: [[
      "    where l.requested_at <= v_now - (",
      "    where l.requested_at is not null or v_now < v_now - (",
    ]],
    tests,
  },
  {
    name: "a person who asks wears WhatsApp's patience out",
    file: LOOKS,
    edits: [["where w.instance_id = p_instance_id), 1);", "where false), 1);"]],
    tests,
  },
  {
    name: "a paused project promises a look",
    file: LOOKS,
    edits: [["  if ghost_repair.is_paused() then\n", "  if false then\n"]],
    tests,
  },
  {
    name: "a look is promised where the watch is switched off",
    file: LOOKS,
    edits: [["    if v_watched.every is null then\n", "    if false then\n"]],
    tests,
  },
  {
    name: "what is being probed is called due",
    file: LOOKS,
    edits: [["ghost_repair.is_leased('probe', p_instance.id)", "false"]],
    tests,
  },
  {
    name: "what is being read is called due",
    file: LOOKS,
    edits: [["ghost_repair.is_leased('watch', p_instance.id)", "false"]],
    tests,
  },
  {
    name: "under repair the watch is said to look",
    file: LOOKS,
    edits: [["  elsif ghost_repair.has_open_repair(p_instance.id) then\n", "  elsif false then\n"]],
    tests,
  },
  {
    name: "nobody knows when a repair looks at its number",
    file: LOOKS,
    edits: [["else 'repairing' end, r.next_step_at\n", "else 'repairing' end, null\n"]],
    tests,
  },
];
