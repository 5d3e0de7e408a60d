/**
 * `deno task demo [--lang pt] [--ghost KIND]`: the story in a terminal. Exits 0 when the number lives
 * in the end.
 *
 * @module
 */

import { oneOf, readCommandLine } from "../../process/command-line.ts";
import { startTemplateServer } from "../../platform/database/template.ts";
import { reportMissingBinary } from "../../platform/database/binaries.ts";
import { GHOST_KINDS, type GhostKind } from "../../evolution/model.ts";
import { closeOnExit, createCleanUp } from "../../process/clean-up.ts";
import { createVirtualWorld } from "../../world/virtual-world.ts";
import { createPrinter } from "./printer.ts";
import type { StoryLanguage } from "./sentences.ts";
import { tellStory } from "./story.ts";

const LANGUAGES: readonly StoryLanguage[] = ["en", "pt"];

const { language, kind } = readCommandLine<{ language: StoryLanguage; kind: GhostKind }>({
  task: "demo",
  about: "A ghost session told in a terminal: before, and after the cure.",
  options: {
    lang: { takes: "en|pt", default: "en", about: "the story's language" },
    ghost: { takes: "<kind>", default: "A1", about: `one of ${GHOST_KINDS.join(", ")}` },
  },
  read: ({ value }) => ({
    // `pt-BR` too.
    language: oneOf("lang", value("lang")?.replace(/^([a-z]{2})[-_].*$/i, "$1"), LANGUAGES),
    kind: oneOf("ghost", value("ghost"), GHOST_KINDS),
  }),
});
const started = performance.now();
const cleanUp = createCleanUp();
closeOnExit(cleanUp);
try {
  const server = await startTemplateServer(cleanUp);
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
