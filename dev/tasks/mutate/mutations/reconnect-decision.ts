/**
 * Mistakes in what a tick of the reconnection decides.
 *
 * @module
 */

import type { Mutation } from "../mutation.ts";

const TURNS = "supabase/functions/_shared/runtime/leases.ts";

/** See {@linkcode Mutation}. */
export const RECONNECT_DECISION_MUTATIONS: readonly Mutation[] = [
  {
    name: "unknown is taken for disconnected",
    file: "supabase/functions/_shared/gateway/instance.ts",
    edits: [[
      '    case "close":\n      return { next: "connect" };',
      '    case "close":\n    case "timeout":\n    case "unreachable":\n      return { next: "connect" };',
    ]],
    tests: ["auto-reconnect-instances/decide.test.ts"],
  },
  {
    name: "a number that the registry calls open is connected a second time",
    file: "supabase/functions/_shared/gateway/instance.ts",
    edits: [[
      '    case "open":\n      return { next: "record", record: { result: "registry_open", ...seen } };\n    case "close":',
      '    case "open":\n    case "close":',
    ]],
    tests: ["auto-reconnect-instances/decide.test.ts"],
  },
  {
    name: "a connect without an answer counts as refused",
    file: "supabase/functions/_shared/gateway/instance.ts",
    edits: [[
      'return { result: "unknown", outcome: connect.outcome, ...seen };',
      'return { result: "refused", ...seen };',
    ]],
    tests: ["auto-reconnect-instances/decide.test.ts"],
  },
  {
    name: "a connect is made without a counted attempt",
    file: "supabase/functions/auto-reconnect-instances/handler.ts",
    edits: [[
      'if (decision.next === "connect" && !await workList.beginAttempt(lease)) {',
      'if (decision.next === "connect" && false) {',
    ]],
    tests: ["auto-reconnect-instances/handler.test.ts"],
  },
  {
    name: "a tick works on more at once than it may",
    file: TURNS,
    edits: [["limits.concurrency - running.size", "limits.concurrency"]],
    tests: ["shared/runtime/leases.test.ts"],
  },
  {
    name: "a tick goes on until the platform ends it",
    file: TURNS,
    edits: [["places === 0 || effects.clock.monotonicMs() >= end", "places === 0"]],
    tests: ["shared/runtime/leases.test.ts"],
  },
];
