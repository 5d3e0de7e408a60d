/**
 * Mistakes in what a failed send does about a dead session: probes, logout, and what is believed.
 *
 * @module
 */

import type { Mutation } from "../mutation.ts";

const REPAIR = "supabase/functions/evolution-api/connection-closed.ts";

/** See {@linkcode Mutation}. */
export const LOGOUT_MUTATIONS: readonly Mutation[] = [
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
    file: "supabase/functions/evolution-api/connection-closed.ts",
    edits: [[
      '  await attempt("fail_message", effects, effects.failMessage);\n\n  const leave',
      "  const leave",
    ], [
      '  await attempt("record_logout", effects, () =>',
      '  await attempt("fail_message", effects, effects.failMessage);\n  await attempt("record_logout", effects, () =>',
    ]],
    tests: ["evolution-api/connection-closed.test.ts"],
  },
  {
    name: "keep-pairing logs out at once",
    file: "supabase/functions/evolution-api/connection-closed.ts",
    edits: [[
      'evidence.socket === "dead" &&\n    suspicion.policy !== "keep-pairing";',
      'evidence.socket === "dead";',
    ]],
    tests: ["evolution-api/connection-closed.test.ts"],
  },
  {
    name: "a logout that is half a minute late is made",
    file: "supabase/functions/evolution-api/connection-closed.ts",
    edits: [['const allowed = leave === "go" &&', "const allowed ="]],
    tests: ["evolution-api/connection-closed.test.ts"],
  },
  {
    name: "a registry that cannot be read counts as still open",
    file: REPAIR,
    edits: [['  return "unverified";', '  return "not_invalidated";']],
    tests: ["evolution-api/connection-closed.test.ts"],
  },
  {
    name: "a repair that was withdrawn is logged out all the same",
    file: "supabase/functions/evolution-api/connection-closed.ts",
    edits: [[
      '  if (TAKEN_AWAY.has(leave)) return { outcome: "skipped", reason: `${leave}` };\n',
      "",
    ], ['leave === "go" &&', "true &&"]],
    tests: ["evolution-api/connection-closed.test.ts"],
  },
];
