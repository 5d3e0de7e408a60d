/**
 * Mistakes in the fight of two sockets of one device.
 *
 * @module
 */

import type { Mutation } from "../mutation.ts";

const CONFLICT = "supabase/migrations/20260101000410_session_conflict.sql";
const WEBHOOK = "supabase/migrations/20260101000400_webhook.sql";

/** See {@linkcode Mutation}. */
export const SESSION_CONFLICT_MUTATIONS: readonly Mutation[] = [
  {
    name: "closes that are hours apart are a fight",
    file: CONFLICT,
    edits: [[
      "case when c.last_at > ghost_repair.now() - interval '1 minute' then c.closes + 1 else 1 end",
      "c.closes + 1",
    ]],
    tests: ["database/session-conflict.test.ts"],
  },
  {
    name: "a fight is told of for a number that a person disconnected",
    file: CONFLICT,
    edits: [[
      "    or p_instance.manual_disconnect or p_instance.status",
      "    or p_instance.status",
    ]],
    tests: ["database/session-conflict.test.ts"],
  },
  {
    name: "a failed send from before the fight still logs out",
    file: CONFLICT,
    edits: [[
      "  update public.whatsapp_instances set connection_epoch = connection_epoch + 1\n  where id = p_instance.id;\n",
      "",
    ]],
    tests: ["database/session-conflict-repair.test.ts"],
  },
  {
    name: "a tick that was at work goes on into the fight",
    file: CONFLICT,
    edits: [[
      "  update private.ghost_repair_leases set expires_at = ghost_repair.now()\n  where repair_id = v_repair.id and expires_at > ghost_repair.now();\n",
      "",
    ]],
    tests: ["database/session-conflict-repair.test.ts"],
  },
  {
    name: "two sockets that fight are only a series of closes",
    file: WEBHOOK,
    edits: [["if p_state = 'close' and p_reason = 440 then", "if false then"]],
    tests: ["database/session-conflict.test.ts"],
  },
  {
    name: "an open report in the middle of a fight connects",
    file: WEBHOOK,
    edits: [[
      "v_fight := ghost_repair.is_session_conflict(p_instance_id)\n      and",
      "v_fight := false and",
    ]],
    tests: ["database/session-conflict.test.ts"],
  },
];
