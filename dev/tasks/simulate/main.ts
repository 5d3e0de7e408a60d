/**
 * `deno task simulate --runs 200 --seed 1`: whole histories of several companies under faults, each
 * of them chosen by a seed, and what must hold in all of them. `--fleet 1000 --days 30`: a fleet, and
 * how long a death goes unnoticed. See docs/proof.md.
 *
 * @module
 */

import { startTemplateServer } from "../../platform/database/template.ts";
import type { CleanUp } from "../../process/clean-up.ts";
import { type Command, readCommandLine, wholeNumber } from "../../process/command-line.ts";
import { runTask, type TaskEnd } from "../shared/run-task.ts";
import { simulateFleet } from "./fleet/fleet.ts";
import { describe, planOf } from "./plan.ts";
import type { WorkerAnswer, WorkerRequest } from "./worker.ts";

const DAY_MS = 86_400_000;
/** A line of progress so often, in ms. */
const PROGRESS_MS = 10_000;

/** What it may be told. */
interface Options {
  readonly runs: number;
  /** The first run's; each next run's is one more. */
  readonly seed: number;
  /** Runs at once, or shares of a fleet. */
  readonly jobs: number;
  /** Only these actions of the seed's plan, by their numbers. Null: all. */
  readonly only: readonly number[] | null;
  /** Ends at the first seed that fails. */
  readonly first: boolean;
  /** How many numbers, where a fleet is played. Null: histories are. */
  readonly fleet: number | null;
  /** For so many virtual days. */
  readonly days: number;
  /** Whether the fleet's organizations want canaries. */
  readonly canaries: boolean;
}

/** The command line: `--runs 200 --seed 1 --jobs 2 --only 3,7,12`; `--fleet 1000 --days 30`. */
const SIMULATE: Command<Options> = {
  task: "simulate",
  about: "Seeded histories under faults, and what must hold in all of them; see docs/proof.md.",
  options: {
    runs: { takes: "<number>", default: "1", about: "how many histories" },
    seed: {
      takes: "<number>",
      default: "1",
      about: "the first one's; each next one's is one more",
    },
    jobs: {
      takes: "<number>",
      default: "2",
      about: "how many at once; of a fleet, in how many shares it is played",
    },
    only: { takes: "<number,…>", about: "only these actions of the plan, by their numbers" },
    first: { about: "ends at the first history that fails" },
    fleet: {
      takes: "<number>",
      about: "in their place one fleet of so many numbers, in calm days",
    },
    days: { takes: "<number>", default: "30", about: "for so many virtual days" },
    canaries: { about: "of a fleet: its organizations want canaries, and some numbers go deaf" },
  },
  read: ({ value, on }) => ({
    first: on("first"),
    runs: wholeNumber("runs", value("runs"), 1),
    seed: wholeNumber("seed", value("seed"), 0),
    jobs: wholeNumber("jobs", value("jobs"), 1),
    only: value("only")?.split(",").filter((part) => part !== "")
      .map((part) => wholeNumber("only", part, 0)) ?? null,
    fleet: value("fleet") === undefined ? null : wholeNumber("fleet", value("fleet"), 10),
    days: wholeNumber("days", value("days"), 1),
    canaries: on("canaries"),
  }),
};

async function simulate(options: Options, cleanUp: CleanUp): Promise<TaskEnd> {
  const { adminUrl } = await startTemplateServer(cleanUp);
  const seeds = Array.from({ length: options.runs }, (_, index) => options.seed + index).values();
  const sum = { runs: 0, steps: 0, virtualMs: 0, violations: 0 };
  const started = performance.now();
  const progress = setInterval(() => {
    const seconds = Math.round((performance.now() - started) / 1000);
    console.log(`${sum.runs} of ${options.runs} runs, ${sum.steps} steps, ${seconds} s`);
  }, PROGRESS_MS);
  cleanUp.add("progress", () => clearInterval(progress));

  await Promise.all(Array.from({ length: options.jobs }, async () => {
    const worker = new Worker(new URL("worker.ts", import.meta.url), { type: "module" });
    for (const seed of seeds) {
      if (options.first && sum.violations > 0) break;
      const request = { adminUrl, seed, only: options.only };
      let answer = await ask(worker, request);
      if (answer.kind === "broken") {
        // A machine that slept, or ran out of something, says nothing about the product.
        console.log(`seed ${seed} once more: ${answer.error.split("\n")[0]}`);
        answer = await ask(worker, request);
      }
      sum.runs++;
      if (answer.kind !== "broken") {
        sum.steps += answer.report.steps;
        sum.virtualMs += answer.report.virtualMs;
      }
      if (answer.kind === "passed") continue;
      sum.violations++;
      tell(seed, answer);
      if (options.first) break;
    }
    await new Promise((resolve) => {
      worker.onmessage = resolve;
      worker.postMessage("end");
    });
    worker.terminate();
  }));
  const days = (sum.virtualMs / DAY_MS).toFixed(1);
  return {
    passed: sum.violations === 0,
    last: `simulate: ${sum.runs} runs, ${sum.steps} steps, ${days} virtual days, ` +
      `${sum.violations} violations`,
  };
}

function ask(worker: Worker, request: WorkerRequest): Promise<WorkerAnswer> {
  return new Promise((resolve) => {
    worker.onmessage = ({ data }: MessageEvent<WorkerAnswer>) => resolve(data);
    worker.onerror = (event) => {
      event.preventDefault();
      resolve({ kind: "broken", error: event.message });
    };
    worker.postMessage(request);
  });
}

function tell(seed: number, answer: Exclude<WorkerAnswer, { kind: "passed" }>): void {
  if (answer.kind === "broken") {
    console.log(`seed ${seed}: the simulation itself failed: ${answer.error}`);
    return;
  }
  const { actions, policies } = planOf(seed);
  console.log(`seed ${seed}: ${answer.violations.join("; ")}`);
  console.log(`  companies: ${policies.join(", ")}; the shortest history that fails:`);
  for (const number of answer.shortest) {
    console.log(`  ${String(number).padStart(3)}  ${describe(actions[number]!)}`);
  }
  const only = answer.shortest.join(",");
  console.log(`  again: npx -y deno@2 task simulate --runs 1 --seed ${seed} --only "${only}"`);
}

if (import.meta.main) {
  const options = readCommandLine(SIMULATE);
  const { fleet: numbers, days, seed, jobs, canaries } = options;
  await runTask((cleanUp) =>
    numbers === null
      ? simulate(options, cleanUp)
      : simulateFleet({ numbers, days, seed, canaries }, jobs, cleanUp)
  );
}
