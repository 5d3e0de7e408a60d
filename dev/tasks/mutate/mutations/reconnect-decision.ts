/**
 * Mistakes in what a tick of the reconnection decides.
 *
 * @module
 */

import { mistakesIn, type Mutation } from "../mutation.ts";

const TURNS = "supabase/functions/_shared/runtime/leases.ts";
const INSTANCE = "supabase/functions/_shared/gateway/instance.ts";
const AUTO_RECONNECT_INSTANCES = "supabase/functions/auto-reconnect-instances/handler.ts";

/** See {@linkcode Mutation}. */
export const RECONNECT_DECISION_MUTATIONS: readonly Mutation[] = [
  ...mistakesIn(INSTANCE, "auto-reconnect-instances/decide.test.ts", {}),
  ...mistakesIn(AUTO_RECONNECT_INSTANCES, "auto-reconnect-instances/handler.test.ts", {}),
  ...mistakesIn(TURNS, "shared/runtime/leases.test.ts", {
    "a tick works on more at once than it may": [[
      "limits.concurrency - running.size",
      "limits.concurrency",
    ]],
    "a tick goes on until the platform ends it": [[
      "places === 0 || clock.monotonicMs() >= end",
      "places === 0",
    ]],
  }),
  ...mistakesIn("supabase/functions/_shared/runtime/leases.ts", [
    "shared/runtime/leases.test.ts",
    "watch-instances/handler.test.ts",
  ], {
    "of several kinds of turns the last one's count stands for all": [[
      "sum[name] = (sum[name] ?? 0) + count;",
      "sum[name] = count;",
    ]],
  }),
  ...mistakesIn(
    "supabase/functions/_shared/gateway/instance.ts",
    "shared/gateway/instance.test.ts",
    {
      "unknown is taken for disconnected": [[
        '    case "close":\n      return { next: "connect" };',
        '    case "close":\n    case "timeout":\n    case "unreachable":\n      return { next: "connect" };',
      ]],
      "a number that the registry calls open is connected a second time": [[
        '    case "open":\n      return { next: "record", record: { result: "registry_open", ...seen } };\n    case "close":',
        '    case "open":\n    case "close":',
      ]],
      "a connect without an answer counts as refused": [[
        'return { result: "unknown", outcome: connect.outcome, ...seen };',
        'return { result: "refused", ...seen };',
      ]],
    },
  ),
  ...mistakesIn(
    "supabase/functions/auto-reconnect-instances/handler.ts",
    "auto-reconnect-instances/handler.test.ts",
    {
      "a connect is made without a counted attempt": [[
        "if (connects && !await workList.beginAttempt(lease))",
        "if (connects && false)",
      ]],
    },
  ),
];
