/**
 * Mistakes in what a look at a connected number comes to.
 *
 * @module
 */

import type { Mutation } from "../../mutation.ts";

const DECIDE = "supabase/functions/watch-instances/decide.ts";
const LOOK = "supabase/functions/watch-instances/look.ts";
const DECIDE_TEST = "watch-instances/decide.test.ts";

/** See {@linkcode Mutation}. */
export const LOOK_DECISION_MUTATIONS: readonly Mutation[] = [
  {
    name: "a Connection Closed answer to a probe proves nothing",
    file: DECIDE,
    edits: [[
      '    case "connection_closed":\n      return "dead";\n',
      '    case "connection_closed":\n      return "skipped";\n',
    ]],
    tests: [DECIDE_TEST],
  },
  {
    name: "a gateway that is away is its numbers' death",
    file: DECIDE,
    edits: [[
      '    case undefined:\n      return "silent";',
      '    case undefined:\n      return "dead";',
    ]],
    tests: [DECIDE_TEST],
  },
  {
    name: "WhatsApp's limit is a death",
    file: DECIDE,
    edits: [[
      'if (probe.limited) return "limited";',
      'if (probe.limited) return "dead";',
    ]],
    tests: [DECIDE_TEST],
  },
  {
    name: "words that nobody knows are a death",
    file: DECIDE,
    edits: [['return state === "open" ? "probe_refused" : "dead";', 'return "dead";']],
    tests: [DECIDE_TEST],
  },
  {
    name: "a gateway that answers 200 for anything is a death",
    file: DECIDE,
    edits: [['        ? "any_answer"\n', '        ? "dead"\n']],
    tests: [DECIDE_TEST],
  },
  {
    name: "a session that waits for a scan is alive to the watch",
    file: DECIDE,
    edits: [['isNotOpen(registry) ? "dead" : "alive";', 'false ? "dead" : "alive";']],
    tests: [DECIDE_TEST],
  },
  {
    name: "a memory that flickers makes an answered probe a death",
    file: DECIDE,
    edits: [[
      "isNotOpen(memory) && isNotOpen(registry) ?",
      "isNotOpen(memory) ?",
    ]],
    tests: [DECIDE_TEST],
  },
  {
    name: "a session that waits for a scan is healed to the ladder",
    file: "supabase/functions/advance-ghost-repairs/look.ts",
    edits: [['outcome === "alive" && isNotOpen(registry)', "false"]],
    tests: ["advance-ghost-repairs/look.test.ts"],
  },
  {
    name: "a session that waits for a scan is alive to whoever sends",
    file: "supabase/functions/_shared/gateway/prove-life.ts",
    edits: [["  if (!isDoubted) return probe;", "  if (isDoubted || !isDoubted) return probe;"]],
    tests: ["shared/gateway/prove-life.test.ts"],
  },
  {
    name: "a memory that flickers makes an answered probe a dead socket",
    file: "supabase/functions/_shared/gateway/prove-life.ts",
    edits: [["isNotOpen(await gateway.registry());", "true;"]],
    tests: ["shared/gateway/prove-life.test.ts"],
  },
  {
    name: "one silent probe is a death",
    file: LOOK,
    edits: [[
      '    if (verdict === "dead" && probes.length === 1) {',
      '    if (verdict === "dead" && probes.length === 0) {',
    ], ['verdict: verdict === "dead" && probes.length === 1 ? "skipped" : verdict,', "verdict,"]],
    tests: ["watch-instances/look.test.ts"],
  },
];
