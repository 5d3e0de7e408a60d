/**
 * Mistakes in the fight of two sockets of one device.
 *
 * @module
 */

import type { Mutation } from "../mutation.ts";

const CONFLICT = "supabase/migrations/20261126200500_session_conflict.sql";
const LADDER = "supabase/migrations/20261126200600_ghost_ladder.sql";
const WEBHOOK = "supabase/migrations/20261126201200_webhook.sql";

/** See {@linkcode Mutation}. */
export const SESSION_CONFLICT_MUTATIONS: readonly Mutation[] = [
  {
    name: "a socket that overlaps with its successor counts as a fight",
    file: CONFLICT,
    edits: [["c.closes >= s.conflict_closes", "c.closes >= 2"]],
    tests: ["database/repair/session-conflict.test.ts"],
  },
  {
    name: "a fight of two sockets is never over",
    file: CONFLICT,
    edits: [[
      "\n      and c.last_at > ghost_repair.now() - coalesce(p_within, s.conflict_silence))",
      ")",
    ]],
    tests: ["database/repair/session-conflict-repair.test.ts"],
  },
  {
    name: "closes that are hours apart are a fight",
    file: CONFLICT,
    edits: [[
      "case when c.last_at > ghost_repair.now() - v_silence then c.closes + 1 else 1 end",
      "c.closes + 1",
    ]],
    tests: ["database/repair/session-conflict.test.ts"],
  },
  {
    name: "the next look comes in the middle of the fight",
    file: LADDER,
    edits: [[
      "      and next_step_at < ghost_repair.now() + v_settings.conflict_silence;",
      "      and false;",
    ]],
    tests: ["database/repair/session-conflict-repair.test.ts"],
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
      "v_fight := ghost_repair.is_session_conflict(p_instance_id)\n      and",
      "v_fight := false and",
    ]],
    tests: ["database/repair/session-conflict.test.ts"],
  },
];
