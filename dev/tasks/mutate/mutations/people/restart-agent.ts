/**
 * Mistakes in the program that restarts a gateway's process.
 *
 * @module
 */

import { mistakesIn, type Mutation } from "../../mutation.ts";

const DECIDE = "restart-agent/decide.ts";
const HANDLER = "restart-agent/handler.ts";
const CALL = "restart-agent/call.ts";

/** See {@linkcode Mutation}. */
export const RESTART_AGENT_MUTATIONS: readonly Mutation[] = [
  ...mistakesIn(DECIDE, "restart-agent/decide.test.ts", {
    "the agent restarts for whatever reason": [[
      '  if (!CURABLE.has(request.reason)) return { result: "not_curable" };\n',
      "",
    ]],
    "the agent restarts another gateway's process": [[
      "settings.gatewayUrl !== null && settings.gatewayUrl !== request.gateway",
      "false",
    ]],
    "the agent forgets its interval": [["last + settings.minIntervalMs, oldest", "oldest, oldest"]],
    "the agent forgets how often it may in a day": [[
      "settings.minIntervalMs, oldest + LIMIT_PERIOD_MS)",
      "settings.minIntervalMs)",
    ]],
    "the agent waits for its window though half of the numbers are dead": [[
      " && request.share < settings.quorum",
      "",
    ]],
    "the agent's window is in another time zone": [[
      "    timeZone,\n",
      '    timeZone: timeZone === "" ? timeZone : "UTC",\n',
    ]],
  }),
  ...mistakesIn(HANDLER, "restart-agent/handler.test.ts", {
    "two calls at once restart twice": [["const mine = turn.then(work);", "const mine = work();"]],
    "a call that was taken before is taken again": [[
      "if (!await history.takeCall(id, now())) {",
      "if (false) {",
    ]],
    "a restart is written down after it was made": [
      [
        "    await history.addRestart(began);\n    const ended = await restart();\n",
        "    const ended = await restart();\n    await history.addRestart(began);\n",
      ],
    ],
    "the agent reads a call of any size": [["    if (size > LARGEST_BODY) return null;\n", ""]],
    "a restart that failed is told as made": [[
      'if (ended === "restarted") {',
      "if (ended !== null) {",
    ]],
    "an agent that cannot remember restarts all the same": [[
      "await history.takeCall(id, now())",
      "await history.takeCall(id, now()).catch(() => true)",
    ], ["await history.addRestart(began);", "await history.addRestart(began).catch(() => {});"]],
  }),
  ...mistakesIn(CALL, "restart-agent/handler.test.ts", {
    "the secret before today's is refused during a rotation": [[
      "!secrets.some((secret)",
      "!secrets.slice(0, 1).some((secret)",
    ]],
    "the agent takes calls that nobody signed": [["return false;", "return true;"]],
    "the agent takes a share of more than all numbers": [[", z.maximum(1)", ""]],
  }),
  ...mistakesIn("restart-agent/history.ts", "restart-agent/handler.test.ts", {
    "the agent writes its memory over somebody else's file": [[
      "throw new Error(`${path} is no file of this agent; move it away`);",
      "return { restarts: [], calls: [] };",
    ]],
  }),
];
