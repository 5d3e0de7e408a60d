import assert from "node:assert/strict";
import { createPrinter } from "../../../dev/tasks/demo/printer.ts";
import { tellStory } from "../../../dev/tasks/demo/story.ts";
import type { GhostKind } from "../../../dev/evolution/model/ghost-kinds.ts";
import { worldTest } from "../../support/world.ts";

/** How the demo ends, and what it must and must not have said on the way. */
const STORIES = [
  ["A1", "cured", [/QR code waits/, /auto-reconnect runs/], [/needs an operator/]],
  ["A2", "cured", [
    /demo: needs an operator/,
    /restarts the Evolution process/,
    /the open repair takes a step/,
  ], [/QR/]],
] as const satisfies readonly (readonly [GhostKind, string, RegExp[], RegExp[]])[];

for (const [kind, end, said, unsaid] of STORIES) {
  worldTest(`the demo's story of ${kind} ends: ${end}`, async (world) => {
    const lines: string[] = [];
    const printer = createPrinter(world.clock, "en", false, (line) => lines.push(line));
    const ending = await tellStory(world, kind, printer);
    const after = lines.slice(lines.findIndex((line) => line.includes("After:"))).join("\n");
    assert.deepEqual([ending.end, ending.lost], [end, 0], after);
    for (const words of said) assert.match(after, words);
    for (const words of unsaid) assert.doesNotMatch(after, words);
    // Auto-reconnect is never said to act on a number that a repair holds.
    if (kind === "A2") assert.doesNotMatch(after, /auto-reconnect|registry says/);
    assert.match(lines.join("\n"), /the loop goes on for ever/);
  });
}
