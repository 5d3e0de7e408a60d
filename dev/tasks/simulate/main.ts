/**
 * `deno task simulate --runs 200 --seed 1`: whole histories of several companies under faults, each
 * of them chosen by a seed, and what must hold in all of them. See docs/proof.md.
 *
 * @module
 */

import { readCommandLine } from "../../process/command-line.ts";
import { reportMissingBinary } from "../../platform/database/binaries.ts";
import { startTemplateServer } from "../../platform/database/template.ts";
import { closeOnExit, createCleanUp } from "../../process/clean-up.ts";
import { describe } from "./actions.ts";
import { type Options, SIMULATE } from "./options.ts";
import { planOf } from "./plan.ts";
import type { WorkerAnswer, WorkerRequest } from "./worker.ts";

const DAY_MS = 86_400_000;
/** A line of progress so often, in ms. */
const PROGRESS_MS = 10_000;

const cleanUp = createCleanUp();
closeOnExit(cleanUp);

async function simulate(options: Options): Promise<number> {
  const server = await startTemplateServer(cleanUp);
  const seeds = Array.from({ length: options.runs }, (_, index) => options.seed + index);
  const sum = { runs: 0, steps: 0, virtualMs: 0, violations: 0 };
  const started = performance.now();
  const progress = setInterval(() => {
    const seconds = Math.round((performance.now() - started) / 1000);
    console.log(`${sum.runs} of ${options.runs} runs, ${sum.steps} steps, ${seconds} s`);
  }, PROGRESS_MS);

  const thread = async () => {
    const worker = new Worker(new URL("worker.ts", import.meta.url), { type: "module" });
    for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
      const request = { adminUrl: server.adminUrl, seed, only: options.only };
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
      if (answer.kind !== "passed") {
        sum.violations++;
        tell(seed, answer);
      }
    }
    await new Promise((resolve) => {
      worker.onmessage = resolve;
      worker.postMessage("end");
    });
    worker.terminate();
  };
  try {
    await Promise.all(Array.from({ length: options.jobs }, thread));
  } finally {
    clearInterval(progress);
  }
  const days = (sum.virtualMs / DAY_MS).toFixed(1);
  console.log(
    `simulate: ${sum.runs} runs, ${sum.steps} steps, ${days} virtual days, ` +
      `${sum.violations} violations`,
  );
  return sum.violations;
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

const options = readCommandLine(SIMULATE);
let violations = 1;
try {
  violations = await simulate(options);
} catch (error) {
  await cleanUp.close();
  reportMissingBinary(error);
}
await cleanUp.close();
Deno.exit(violations === 0 ? 0 : 1);
