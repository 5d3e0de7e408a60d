/**
 * `deno task simulate --fleet 1000 --days 30 --seed 1`: a fleet with human habits, deaths of every
 * kind and outages, and how long it took to find them. See docs/proof.md.
 *
 * @module
 */

import { startTemplateServer } from "../../../platform/database/template.ts";
import type { CleanUp } from "../../../process/clean-up.ts";
import type { TaskEnd } from "../../shared/run-task.ts";
import { fleetPlanOf, type FleetSize } from "./plan.ts";
import { playFleet } from "./run.ts";
import { summarize } from "./summary.ts";

/** Violations that are told in full. */
const TOLD = 5;

/** Plays one fleet and says what came of it. */
export async function simulateFleet(size: FleetSize, cleanUp: CleanUp): Promise<TaskEnd> {
  const server = await startTemplateServer(cleanUp);
  const started = performance.now();
  const report = await playFleet(server, fleetPlanOf(size), cleanUp, {
    onHour: (hour, { deaths, violations }) => {
      const day = (hour / 24).toFixed(1);
      const seconds = Math.round((performance.now() - started) / 1000);
      tellProgress(
        `day ${day} of ${size.days}: ${deaths} deaths, ${violations} violations, ${seconds} s`,
        hour,
      );
    },
  });
  endProgress();
  const { lines, violations, last } = summarize(report);
  for (const line of lines) console.log(line);
  for (const late of report.late.slice(0, TOLD)) console.log(late);
  for (const violation of violations.slice(0, TOLD)) console.log(`seed ${size.seed}: ${violation}`);
  if (violations.length > TOLD) console.log(`… and ${violations.length - TOLD} more`);
  return { passed: violations.length === 0, last };
}

/** One line, written again and again on a terminal; elsewhere one a day. */
function tellProgress(line: string, hour: number): void {
  if (Deno.stdout.isTerminal()) {
    Deno.stdout.writeSync(new TextEncoder().encode(`\r\x1b[K${line}`));
  } else if (hour % 24 === 0) console.log(line);
}

function endProgress(): void {
  if (Deno.stdout.isTerminal()) Deno.stdout.writeSync(new TextEncoder().encode("\r\x1b[K"));
}
