/**
 * Mistakes in what a look at a connected number comes to.
 *
 * @module
 */

import { mistakesIn, type Mutation } from "../../mutation.ts";

const DECIDE = "supabase/functions/watch-instances/decide.ts";
const LOOK = "supabase/functions/watch-instances/look.ts";
const DECIDE_TEST = "watch-instances/decide.test.ts";
const LOOK_FILE = "supabase/functions/advance-ghost-repairs/look.ts";
const PROVE_LIFE = "supabase/functions/_shared/gateway/prove-life.ts";

/** See {@linkcode Mutation}. */
export const LOOK_DECISION_MUTATIONS: readonly Mutation[] = [
  ...mistakesIn(DECIDE, DECIDE_TEST, {
    "a Connection Closed answer to a probe proves nothing": [[
      '    case "connection_closed":\n      return "dead";\n',
      '    case "connection_closed":\n      return "skipped";\n',
    ]],
    "a gateway that is away is its numbers' death": [[
      '    case undefined:\n      return "silent";',
      '    case undefined:\n      return "dead";',
    ]],
    "WhatsApp's limit is a death": [[
      'if (probe.limited) return "limited";',
      'if (probe.limited) return "dead";',
    ]],
    "words that nobody knows are a death": [[
      'return state === "open" ? "probe_refused" : "dead";',
      'return "dead";',
    ]],
    "a gateway that answers 200 for anything is a death": [[
      '        ? "any_answer"\n',
      '        ? "dead"\n',
    ]],
    "a session that waits for a scan is alive to the watch": [[
      'isDoubted(probe, memory, registry) ? "dead" : "alive";',
      'false ? "dead" : "alive";',
    ]],
    "a memory that flickers makes an answered probe a death": [[
      "isDoubted(probe, memory, registry) ?",
      "isDoubted(probe, memory) ?",
    ]],
  }),
  ...mistakesIn(LOOK_FILE, "advance-ghost-repairs/look.test.ts", {}),
  ...mistakesIn(PROVE_LIFE, "shared/gateway/prove-life.test.ts", {}),
  ...mistakesIn(LOOK, "watch-instances/look.test.ts", {
    "one silent probe is a death": [[
      '    if (verdict === "dead" && probes.length === 1) {',
      '    if (verdict === "dead" && probes.length === 0) {',
    ], ['verdict: verdict === "dead" && probes.length === 1 ? "skipped" : verdict,', "verdict,"]],
  }),
  ...mistakesIn(
    "supabase/functions/_shared/gateway/prove-life.ts",
    "shared/gateway/prove-life.test.ts",
    {
      "WhatsApp's limit is doubted where the gateway calls the session closed": [[
        "probe.limited !== true &&\n",
        "true &&\n",
      ]],
      "a session that waits for a scan is alive to whoever sends": [[
        "  return doubted ? {",
        "  return doubted && false ? {",
      ]],
      "a memory that flickers makes an answered probe a dead socket": [[
        "isDoubted(probe, memory, await gateway.registry())",
        "true",
      ]],
    },
  ),
  ...mistakesIn(
    "supabase/functions/advance-ghost-repairs/look.ts",
    "advance-ghost-repairs/look.test.ts",
    {
      "a session that waits for a scan is healed to the ladder": [[
        "isDoubted(probe, registry, await gateway.memory())",
        "false",
      ]],
    },
  ),
];
