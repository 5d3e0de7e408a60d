/**
 * `deno task demo [--lang pt] [--ghost KIND] [--agent]`: the story in a terminal. Exits 0 when the
 * number lives in the end.
 *
 * @module
 */

import { GHOST_KINDS } from "../../evolution/model/ghost-kinds.ts";
import { startTemplateServer } from "../../platform/database/template.ts";
import { oneOf, readCommandLine } from "../../process/command-line.ts";
import { createRestartAgent } from "../../world/restart-agent.ts";
import { createGround } from "../../world/ground.ts";
import { createVirtualWorld } from "../../world/virtual-world.ts";
import { runTask } from "../shared/run-task.ts";
import { createPrinter } from "./printer.ts";
import { tellStory } from "./story.ts";

const { language, kind, withAgent } = readCommandLine({
  task: "demo",
  about: "A ghost session told in a terminal: before, and after the cure.",
  options: {
    lang: { takes: "en|pt", default: "en", about: "the story's language" },
    ghost: { takes: "<kind>", default: "A1", about: `one of ${GHOST_KINDS.join(", ")}` },
    agent: { about: "a restart agent runs beside the gateway" },
  },
  read: ({ value, on }) => ({
    withAgent: on("agent"),
    // `pt-BR` too.
    language: oneOf("lang", value("lang")?.replace(/^([a-z]{2})[-_].*$/i, "$1"), ["en", "pt"]),
    kind: oneOf("ghost", value("ghost"), GHOST_KINDS),
  }),
});
const started = performance.now();

await runTask(async (cleanUp) => {
  const server = await startTemplateServer(cleanUp);
  // A real loop sends five webhooks a second; one is enough to follow, and five times faster.
  const agent = createRestartAgent();
  let isWithoutPostgrest = false;
  const ground = await createGround(server, { withoutPostgrest: () => isWithoutPostgrest = true });
  cleanUp.add("ground", () => ground.close());
  const world = await createVirtualWorld(server, {
    ground,
    simulator: { reconnectLoopMs: 1_000 },
    aroundGateway: agent.aroundGateway,
  });
  cleanUp.add("world", () => world.close());
  if (withAgent) await agent.join(world);

  const print = createPrinter(world.clock, language, Deno.stdout.isTerminal() && !Deno.noColor);
  print.title("title");
  print.note(isWithoutPostgrest ? "parts_without_postgrest" : "parts");
  const { end, ...figures } = await tellStory(world, kind, print);
  const real = ((performance.now() - started) / 1000).toFixed(1);
  print.end(end, { ...figures, real });
  return { passed: end !== "not_cured" };
});
