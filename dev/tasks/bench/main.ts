/**
 * `deno task bench`: measures the product on the local stack, each figure beside its floor in the
 * same run. `--json` prints one object instead of the tables; `--large` fills ten million messages
 * instead of one; `--only <section>` leaves the others out. Progress goes to standard error. Ends
 * with 1 where a target is missed or a hot path reads a whole table.
 *
 * @module
 */

import { readCommandLine } from "../../process/command-line.ts";
import { runTask } from "../shared/run-task.ts";
import { measureClaims } from "./claim.ts";
import { measureColdStarts } from "./cold-start.ts";
import { drawSection, faultsOf, type Findings, isMissed, toJson } from "./figures.ts";
import { measurePlain } from "./plain/measure.ts";
import { measureGrowth } from "./plans/growth.ts";
import { measureBacklog, measureSweep } from "./reconnect.ts";
import { measureLimits } from "./limits/measure.ts";
import { measureRecovery } from "./recovery.ts";
import { measureAcknowledgement, measureRoundTrips, measureThroughput } from "./sends.ts";
import { type Stage, startStage } from "./stage.ts";
import { measureWatch } from "./watch.ts";
import { measureWebhooks } from "./webhook.ts";

const options = readCommandLine({
  task: "bench",
  about: "Measures the product on the local stack, each figure beside its floor in the same run.",
  options: {
    json: { about: "one object instead of the tables" },
    large: { about: "fills ten million messages instead of one" },
    only: { takes: "<section>", about: "leaves the other sections out" },
  },
  read: ({ on, value }) => ({ json: on("json"), large: on("large"), only: value("only") }),
});

const SIZE = { instances: 100_000, messages: options.large ? 10_000_000 : 1_000_000 };

/** Name, title and measurement of each section. */
const SECTIONS: readonly (readonly [string, string, (stage: Stage) => Promise<Findings>])[] = [
  ["ack", "Acknowledgement of a send", measureAcknowledgement],
  ["trips", "Round trips", measureRoundTrips],
  ["throughput", "Throughput", measureThroughput],
  ["webhook", "Webhooks", measureWebhooks],
  ["claim", "The claim of a repair", measureClaims],
  ["sweep", "Auto-reconnect", measureSweep],
  ["backlog", "A backlog", measureBacklog],
  ["watch", "The watch over 100,000 connected numbers", measureWatch],
  ["recovery", "What was missed, brought in", measureRecovery],
  ["plain", "Beside what people would have otherwise", measurePlain],
  ["limits", "Each function at its largest work", measureLimits],
  ["start", "Cold starts", measureColdStarts],
  [
    "growth",
    `SQL at ${SIZE.instances} numbers and ${SIZE.messages} messages, against 100 and 1,000`,
    ({ server }) => measureGrowth(server, SIZE),
  ],
];

/** What takes minutes is measured where it is asked for. */
const ASKED_FOR = ["watch"];

const chosen = SECTIONS.filter(([name]) =>
  options.only === undefined ? !ASKED_FOR.includes(name) : name === options.only
);
if (chosen.length === 0) {
  console.error(`--only: one of ${SECTIONS.map(([name]) => name).join(", ")}`);
  Deno.exit(2);
}

const print = (text: string) => Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));

await runTask(async (cleanUp) => {
  const started = performance.now();
  const tell = (what: string) =>
    console.error(`${((performance.now() - started) / 1_000).toFixed(0)} s${what}`);
  const stage = await startStage(cleanUp);
  const all: Findings[] = [];
  for (const [name, title, measure] of chosen) {
    tell(`: ${name} …`);
    const findings = await measure(stage);
    all.push(findings);
    if (!options.json) print(drawSection(title, findings));
  }
  tell(" in all");
  if (options.json) print(JSON.stringify(toJson(all)));

  const targets = all.flatMap(({ figures }) => figures).filter(({ atMost }) =>
    atMost !== undefined
  );
  const met = targets.filter((target) => !isMissed(target)).length;
  const faults = faultsOf(all);
  return {
    passed: faults.length === 0,
    last: [
      `bench: ${met} of ${targets.length} targets met, ` +
      `${all.flatMap(({ faults = [] }) => faults).length} faults`,
      ...faults.map((fault) => `not good enough: ${fault}`),
    ].join("\n"),
  };
});
