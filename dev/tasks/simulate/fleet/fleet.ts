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
import type { FleetReport } from "./run.ts";
import { joinReports, shareOf } from "./shares.ts";
import { summarize } from "./summary.ts";
import type { FleetAnswer, FleetRequest } from "./worker.ts";

/** Violations that are told in full. */
const TOLD = 5;

/** Plays one fleet, in so many shares at once, and says what came of it. */
export async function simulateFleet(
  size: FleetSize,
  jobs: number,
  cleanUp: CleanUp,
): Promise<TaskEnd> {
  const { adminUrl } = await startTemplateServer(cleanUp);
  const started = performance.now();
  const plan = fleetPlanOf(size);
  const shares = Math.min(jobs, plan.gateways);
  const progress = new Progress(shares, (hour, deaths, violations) => {
    const day = (hour / 24).toFixed(1);
    const seconds = Math.round((performance.now() - started) / 1000);
    tellProgress(
      `day ${day} of ${size.days}: ${deaths} deaths, ${violations} violations, ${seconds} s`,
      hour,
    );
  });
  const reports = await Promise.all(
    Array.from(
      { length: shares },
      (_, share) =>
        play({ adminUrl, plan: shareOf(plan, share, shares) }, cleanUp, (answer) => {
          progress.hear(share, answer);
        }),
    ),
  );
  endProgress();
  const report = joinReports(size, reports);
  const { lines, violations, last } = summarize(report);
  for (const line of lines) console.log(line);
  for (const late of report.late.slice(0, TOLD)) console.log(late);
  for (const violation of violations.slice(0, TOLD)) console.log(`seed ${size.seed}: ${violation}`);
  if (violations.length > TOLD) console.log(`… and ${violations.length - TOLD} more`);
  return { passed: violations.length === 0, last };
}

type Hour = Extract<FleetAnswer, { kind: "hour" }>;

/** A share in a thread of its own. @throws {Error} Where it could not be played. */
function play(
  request: FleetRequest,
  cleanUp: CleanUp,
  onHour: (answer: Hour) => void,
): Promise<FleetReport> {
  const worker = new Worker(new URL("worker.ts", import.meta.url), { type: "module" });
  cleanUp.add("thread", () => worker.terminate());
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<FleetAnswer>) => {
      if (data.kind === "hour") onHour(data);
      else if (data.kind === "report") resolve(data.report);
      else reject(new Error(data.error));
    };
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(event.message));
    };
    worker.postMessage(request);
  });
}

/** Tells of every hour that all shares have reached. */
class Progress {
  readonly #heard: (Hour | undefined)[];
  #told = 0;

  constructor(
    shares: number,
    private readonly tell: (hour: number, deaths: number, violations: number) => void,
  ) {
    this.#heard = Array.from({ length: shares }, () => undefined);
  }

  hear(share: number, answer: Hour): void {
    this.#heard[share] = answer;
    const hour = Math.min(...this.#heard.map((heard) => heard?.hour ?? 0));
    if (hour <= this.#told) return;
    this.#told = hour;
    const sum = (of: (heard: Hour) => number) =>
      this.#heard.reduce((all, heard) => all + (heard === undefined ? 0 : of(heard)), 0);
    this.tell(hour, sum(({ deaths }) => deaths), sum(({ violations }) => violations));
  }
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
