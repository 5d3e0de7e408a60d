/**
 * `deno task mutate`: breaks the product on purpose, one place at a time, in copies of the project.
 * A mistake that neither tests nor simulation notice has survived: a test is missing.
 *
 * @module
 */

import { readCommandLine, UsageError, wholeNumber } from "../../process/command-line.ts";
import { closeOnExit, createCleanUp } from "../../process/clean-up.ts";
import { FOUND_FAULTS } from "./found-faults.ts";
import { type Lane, openLane, ROOT, type ShortHistory } from "./lane.ts";
import { findStale, type Mutation } from "./mutation.ts";
import { MUTATIONS } from "./mutations.ts";

const AT_ONCE = 2;

const mends = new Set(FOUND_FAULTS.values());

const { mutations, show, asked } = readCommandLine({
  task: "mutate",
  about: "Breaks the product on purpose, one place at a time; some test must notice.",
  options: {
    show: { about: "what the test that noticed said" },
    "tests-only": { about: "asks no simulation where the tests noticed nothing" },
    histories: {
      takes: "<runs>",
      about:
        "asks no test, but so many histories (10 where the tests noticed nothing); without words: of the mends of faults that were found",
    },
  },
  words: "[words of a mutation's name or file]",
  more: ["The mutations:", ...MUTATIONS.map(({ name }) => `  ${name}`)].join("\n"),
  read: ({ words, on, value }) => {
    const wanted = words.join(" ");
    const told = value("histories");
    const found = MUTATIONS.filter(({ name, file }) =>
      wanted === "" && told !== undefined
        ? mends.has(name)
        : name.includes(wanted) || file.includes(wanted)
    );
    if (found.length > 0) {
      const histories = told === undefined ? 10 : wholeNumber("--histories", told, 1);
      const asked = { tests: told === undefined, histories: on("tests-only") ? 0 : histories };
      return { mutations: found, show: on("show"), asked };
    }
    throw new UsageError(`no mutation's name or file holds "${wanted}"; --help names them all`);
  },
});

const stale = await findStale(mutations, ROOT);
if (stale.length > 0) {
  console.log(`${stale.length} out of date, nothing was tried:\n${stale.join("\n")}`);
  Deno.exit(1);
}

const cleanUp = createCleanUp();
closeOnExit(cleanUp);

/** The migrations' mistakes first: between them and the others a database has to be made anew. */
const waiting = mutations.toSorted((one, other) =>
  Number(other.file.endsWith(".sql")) - Number(one.file.endsWith(".sql"))
);

/** What the histories noticed. */
const histories: ShortHistory[] = [];

async function work(lane: Lane): Promise<number> {
  let killed = 0;
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    if (await isKilled(next, lane)) killed++;
  }
  return killed;
}

async function isKilled(mutation: Mutation, lane: Lane): Promise<boolean> {
  const verdict = await lane.attempt(mutation);
  switch (verdict.kind) {
    case "killed":
      console.log(`killed    ${mutation.name} (${verdict.by})`);
      if (show) console.log(verdict.said);
      if (verdict.history !== undefined) histories.push(verdict.history);
      return true;
    case "survived":
      console.log(`SURVIVED  ${mutation.name}`);
      return false;
    case "no_mistake":
      console.log(`NO MISTAKE  ${mutation.name}: ${verdict.why}`);
      return false;
  }
}

const started = performance.now();
let killed = 0;
try {
  const lanes = await Promise.all(
    Array.from({ length: AT_ONCE }, () => openLane(cleanUp, asked)),
  );
  const tests = new Set(asked.tests ? mutations.flatMap((mutation) => mutation.tests) : []);
  const unsound = tests.size === 0 ? null : await lanes[0]?.findUnsound([...tests]) ?? null;
  if (unsound === null) {
    killed = (await Promise.all(lanes.map(work))).reduce((sum, count) => sum + count, 0);
    console.log(`${Math.round((performance.now() - started) / 1000)} s`);
  } else {
    waiting.length = 0;
    console.log(`a test fails without a mistake, mend it first: ${unsound}`);
  }
} finally {
  await cleanUp.close();
}
const survived = mutations.length - killed;
console.log(
  asked.tests
    ? `mutate: ${mutations.length} mutations, ${killed} killed, ${survived} survived`
    : `histories: ${killed} of ${mutations.length} faults found, shortest: ${stepsOf(histories)}`,
);
Deno.exit(survived === 0 && killed > 0 ? 0 : 1);

/** How many steps the shortest histories have, the shortest first. */
function stepsOf(found: readonly ShortHistory[]): string {
  const steps = found.map((history) => history.steps).toSorted((one, other) => one - other);
  return steps.length === 0 ? "none" : `${steps.join(", ")} steps`;
}
