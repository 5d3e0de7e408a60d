/**
 * `deno task demo [--lang pt] [--ghost KIND]`: the story in a terminal. Exits 0 when the number lives
 * in the end.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { startPostgres } from "../database/postgres.ts";
import { createTemplate } from "../database/template.ts";
import { reportMissingBinary } from "../database/missing-binary.ts";
import { GHOST_KINDS, type GhostKind } from "../evolution/model.ts";
import { closeOnExit, createCleanUp } from "../stack/clean-up.ts";
import { createVirtualWorld } from "../world/virtual-world.ts";
import { createPrinter } from "./printer.ts";
import type { StoryLanguage } from "./sentences.ts";
import { tellStory } from "./story.ts";

function readArguments(): { language: StoryLanguage; kind: GhostKind } {
  const usage = `deno task demo [--lang en|pt] [--ghost ${GHOST_KINDS.join("|")}]`;
  try {
    const { values } = parseArgs({
      args: Deno.args,
      options: {
        lang: { type: "string", default: "en" },
        ghost: { type: "string", default: "A1" },
      },
    });
    const kind = GHOST_KINDS.find((known) => known.toLowerCase() === values.ghost.toLowerCase());
    if (kind === undefined) throw new Error(`unknown ghost: ${values.ghost}`);
    const language = values.lang.toLowerCase().slice(0, 2);
    if (language !== "en" && language !== "pt") throw new Error(`unknown language: ${values.lang}`);
    return { language, kind };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
    Deno.exit(2);
  }
}

const { language, kind } = readArguments();
const started = performance.now();
const cleanUp = createCleanUp();
closeOnExit(cleanUp);
try {
  const server = await startPostgres();
  cleanUp.add("PostgreSQL", () => server.stop());
  await createTemplate(server);
  // A real loop sends five webhooks a second; one is enough to follow, and five times faster.
  const world = await createVirtualWorld(server, { simulator: { reconnectLoopMs: 1_000 } });
  cleanUp.add("world", () => world.close());

  const colours = Deno.stdout.isTerminal() && !Deno.noColor;
  const print = createPrinter(world.clock, language, colours);
  print.title("title");
  print.note("parts");
  const ending = await tellStory(world, kind, print);
  const sentence = {
    cured: "endCured",
    operator: "endOperator",
    not_cured: "endNotCured",
  } as const;
  print.end(sentence[ending.end], {
    ...ending,
    real: ((performance.now() - started) / 1000).toFixed(1),
  });
  await cleanUp.close();
  Deno.exit(ending.end === "not_cured" ? 1 : 0);
} catch (error) {
  await cleanUp.close();
  reportMissingBinary(error);
}
