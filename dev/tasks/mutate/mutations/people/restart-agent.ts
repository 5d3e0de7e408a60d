/**
 * Mistakes in the program that restarts a gateway's process.
 *
 * @module
 */

import type { Mutation } from "../../mutation.ts";

const DECIDE = "restart-agent/decide.ts";
const HANDLER = "restart-agent/handler.ts";
const CALL = "restart-agent/call.ts";

/** See {@linkcode Mutation}. */
export const RESTART_AGENT_MUTATIONS: readonly Mutation[] = [
  {
    name: "the agent restarts for whatever reason",
    file: DECIDE,
    edits: [['  if (!CURABLE.has(request.reason)) return { result: "not_curable" };\n', ""]],
    tests: ["restart-agent/decide.test.ts"],
  },
  {
    name: "the agent restarts another gateway's process",
    file: DECIDE,
    edits: [["settings.gatewayUrl !== null && settings.gatewayUrl !== request.gateway", "false"]],
    tests: ["restart-agent/decide.test.ts"],
  },
  {
    name: "the agent forgets its interval",
    file: DECIDE,
    edits: [["last + settings.minIntervalMs, oldest", "oldest, oldest"]],
    tests: ["restart-agent/decide.test.ts"],
  },
  {
    name: "the agent forgets how often it may in a day",
    file: DECIDE,
    edits: [["settings.minIntervalMs, oldest + LIMIT_PERIOD_MS)", "settings.minIntervalMs)"]],
    tests: ["restart-agent/decide.test.ts"],
  },
  {
    name: "the agent waits for its window though half of the numbers are dead",
    file: DECIDE,
    edits: [[" && request.share < settings.quorum", ""]],
    tests: ["restart-agent/decide.test.ts"],
  },
  {
    name: "the agent's window is in another time zone",
    file: DECIDE,
    edits: [["    timeZone,\n", '    timeZone: timeZone === "" ? timeZone : "UTC",\n']],
    tests: ["restart-agent/decide.test.ts"],
  },
  {
    name: "two calls at once restart twice",
    file: HANDLER,
    edits: [["const mine = turn.then(work);", "const mine = work();"]],
    tests: ["restart-agent/handler.test.ts"],
  },
  {
    name: "a call that was taken before is taken again",
    file: HANDLER,
    edits: [["if (!await history.takeCall(id, now())) {", "if (false) {"]],
    tests: ["restart-agent/handler.test.ts"],
  },
  {
    name: "a restart is written down after it was made",
    file: HANDLER,
    edits: [
      [
        "    await history.addRestart(began);\n    const ended = await restart();\n",
        "    const ended = await restart();\n    await history.addRestart(began);\n",
      ],
    ],
    tests: ["restart-agent/handler.test.ts"],
  },
  {
    name: "the secret before today's is refused during a rotation",
    file: CALL,
    edits: [["!secrets.some((secret)", "!secrets.slice(0, 1).some((secret)"]],
    tests: ["restart-agent/handler.test.ts"],
  },
];
