/**
 * `deno task mutate`: breaks the product on purpose, one place at a time, in copies of the project.
 * A mistake that neither tests nor simulation notice has survived: a test is missing.
 *
 * @module
 */

import { readCommandLine, UsageError } from "../../process/command-line.ts";
import type { Mutation } from "./mutation.ts";
import { OTHER_MUTATIONS } from "./other-mutations.ts";
import { REPAIR_MUTATIONS } from "./repair-mutations.ts";
import { attempt, isSound } from "./trial.ts";

const AT_ONCE = 2;

const ALL: readonly Mutation[] = [...REPAIR_MUTATIONS, ...OTHER_MUTATIONS];

const mutations = readCommandLine({
  task: "mutate",
  about: "Breaks the product on purpose, one place at a time; some test must notice.",
  options: {},
  words: "[words of a mutation's name]",
  more: ["The mutations:", ...ALL.map(({ name }) => `  ${name}`)].join("\n"),
  read: ({ words }) => {
    const wanted = words.join(" ");
    const found = ALL.filter(({ name }) => name.includes(wanted));
    if (found.length > 0) return found;
    throw new UsageError(`no mutation's name holds "${wanted}"; --help names them all`);
  },
});

if (!await isSound(mutations)) {
  console.log("the tests fail without a mutation: mend them first");
  Deno.exit(1);
}
const waiting = [...mutations];
let killed = 0;
await Promise.all(Array.from({ length: AT_ONCE }, async () => {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const noticed = await attempt(next);
    if (noticed !== "nobody") killed++;
    console.log(
      noticed === "nobody" ? `SURVIVED  ${next.name}` : `killed    ${next.name} (${noticed})`,
    );
  }
}));
const survived = mutations.length - killed;
console.log(`mutate: ${mutations.length} mutations, ${killed} killed, ${survived} survived`);
Deno.exit(survived === 0 && killed > 0 ? 0 : 1);
