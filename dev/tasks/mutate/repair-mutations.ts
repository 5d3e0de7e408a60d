/**
 * Mistakes in the repair and its ladder.
 *
 * @module
 */

import type { Mutation } from "./mutation.ts";

const CLAIM = "supabase/migrations/20260101000100_ghost_repair.sql";
const REPAIR = "supabase/functions/evolution-api/connection-closed.ts";
const LADDER = "supabase/functions/advance-ghost-repairs/decide.ts";

/** See {@linkcode Mutation}. */
export const REPAIR_MUTATIONS: readonly Mutation[] = [
  {
    name: "no claim: every failed send repairs",
    file: CLAIM,
    edits: [["  if v_reason is not null then", "  if false then"]],
    tests: ["database/claim-ghost-repair.test.ts"],
  },
  {
    name: "no window: a finished repair holds nothing back",
    file: CLAIM,
    edits: [["v_instance.last_disconnected_at > now() - v_settings.repair_window", "false"]],
    tests: ["database/claim-ghost-repair.test.ts"],
  },
  {
    name: "the window counts from updated_at",
    file: CLAIM,
    edits: [[
      "v_instance.last_disconnected_at > now() - v_settings.repair_window",
      "v_instance.updated_at > now() - v_settings.repair_window",
    ]],
    tests: ["database/claim-ghost-repair.test.ts"],
  },
  {
    name: "the claim ignores awaiting_qr",
    file: CLAIM,
    edits: [["when v_instance.status = 'awaiting_qr' then 'awaiting_qr'", "when false then ''"]],
    tests: ["database/claim-ghost-repair.test.ts"],
  },
  {
    name: "the claim ignores manual_disconnect",
    file: CLAIM,
    edits: [["when v_instance.manual_disconnect then 'manual_disconnect'", "when false then ''"]],
    tests: ["database/claim-ghost-repair.test.ts"],
  },
  {
    name: "no epoch: a session that came back is marked dead",
    file: CLAIM,
    edits: [[
      "  if v_instance.connection_epoch <> v_claim.connection_epoch\n    or v_instance.status",
      "  if v_instance.status",
    ]],
    tests: ["database/finish-ghost-repair.test.ts"],
  },
  {
    name: "no second look: a session that came back during the probes is logged out",
    file: CLAIM,
    edits: [[
      "when p_instance.connection_epoch <> p_claim.connection_epoch then",
      "when false then",
    ]],
    tests: ["evolution-api/repair/session-came-back.test.ts"],
  },
  {
    name: "logout's status is believed",
    file: REPAIR,
    edits: [[
      "judgeRegistry(registry?.outcome);",
      'logout?.outcome === "accepted" ? "invalidated" : judgeRegistry(registry?.outcome);',
    ]],
    tests: ["evolution-api/connection-closed.test.ts"],
  },
  {
    name: "a probe without an answer counts as alive",
    file: REPAIR,
    edits: [[
      'if (answer.outcome !== "alive") throw',
      'if (answer.outcome !== "alive" && answer.outcome !== "timeout") throw',
    ]],
    tests: ["evolution-api/connection-closed.test.ts"],
  },
  {
    name: "the message fails after the logout: a killed function leaves it behind",
    file: REPAIR,
    edits: [
      [
        '  await attempt("fail_message", effects, effects.failMessage);\n  if (typeof meanwhile',
        "  if (typeof meanwhile",
      ],
      [
        "  await finish({\n    logout:",
        '  await attempt("fail_message", effects, effects.failMessage);\n  await finish({\n    logout:',
      ],
    ],
    tests: ["evolution-api/connection-closed.test.ts"],
  },
  {
    name: "keep-pairing logs out at once",
    file: REPAIR,
    edits: [['suspicion.policy !== "keep-pairing" &&', ""]],
    tests: ["evolution-api/connection-closed.test.ts"],
  },
  {
    name: "the ladder connects twice",
    file: LADDER,
    edits: [["look.webhooksTrusted && !called.connect", "look.webhooksTrusted"]],
    tests: ["unit/ladder"],
  },
  {
    name: "the ladder connects although it hears no webhooks",
    file: LADDER,
    edits: [["look.webhooksTrusted && !called.connect", "!called.connect"]],
    tests: ["unit/ladder"],
  },
  {
    name: "the ladder climbs inside a live loop",
    file: LADDER,
    edits: [["  if (isLiveLoop(look)) return", "  if (false) return"]],
    tests: ["unit/ladder"],
  },
  {
    name: "the outage guard holds nothing",
    file: LADDER,
    edits: [['evidence.policy === "keep-pairing" && evidence.outage', "false"]],
    tests: ["unit/ladder"],
  },
];
