/**
 * Mistakes in what a tick of the reconnection decides.
 *
 * @module
 */

import type { Mutation } from "../mutation.ts";

const DECIDE = "supabase/functions/auto-reconnect-instances/decide.ts";
const RECONNECT = "supabase/functions/auto-reconnect-instances/reconnect-instance.ts";
const TURNS = "supabase/functions/_shared/runtime/leases.ts";

/** See {@linkcode Mutation}. */
export const RECONNECT_DECISION_MUTATIONS: readonly Mutation[] = [
  {
    name: "unknown is taken for disconnected",
    file: DECIDE,
    edits: [[
      '    case "connecting":\n      return { next: "connect" };',
      '    case "connecting":\n    case "timeout":\n    case "unreachable":\n      return { next: "connect" };',
    ]],
    tests: ["auto-reconnect-instances/decide.test.ts"],
  },
  {
    name: "a number that the registry calls open is connected a second time",
    file: DECIDE,
    edits: [[
      '    case "open":\n      return { next: "record", record: { result: "registry_open", ...seen } };\n    case "close":',
      '    case "open":\n    case "close":',
    ]],
    tests: ["auto-reconnect-instances/decide.test.ts"],
  },
  {
    name: "a connect without an answer counts as refused",
    file: DECIDE,
    edits: [[
      'return { result: "unknown", outcome: connect.outcome, ...seen };',
      'return { result: "refused", ...seen };',
    ]],
    tests: ["auto-reconnect-instances/decide.test.ts"],
  },
  {
    name: "a connect is made without a counted attempt",
    file: RECONNECT,
    edits: [[
      'if (!await workList.beginAttempt(lease)) return { result: "skipped" };',
      "await workList.beginAttempt(lease);",
    ]],
    tests: ["auto-reconnect-instances/handler.test.ts"],
  },
  {
    name: "a tick works on more at once than it may",
    file: TURNS,
    edits: [["limits.concurrency - running.size", "limits.concurrency"]],
    tests: ["auto-reconnect-instances/tick.test.ts"],
  },
  {
    name: "a tick goes on until the platform ends it",
    file: TURNS,
    edits: [["places === 0 || effects.clock.monotonicMs() >= end", "places === 0"]],
    tests: ["auto-reconnect-instances/tick.test.ts"],
  },
];
