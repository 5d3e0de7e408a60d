/**
 * `deno task bench`: measures the product on the local stack, each figure beside its floor in the
 * same run. `--json` prints one object instead of the tables; `--large` fills ten million messages
 * instead of one; `--only <section>` leaves the others out. Progress goes to standard error. Ends
 * with 1 where a target is missed or a hot path reads a whole table.
 *
 * @module
 */

import { readCommandLine } from "../../process/command-line.ts";
import { reportMissingBinary } from "../../platform/database/binaries.ts";
import { closeOnExit, createCleanUp } from "../../process/clean-up.ts";
import { faultsOf, type Findings, isMissed, toJson } from "./figures.ts";
import { measureAcknowledgement, measureRoundTrips } from "./load/acknowledge.ts";
import { measureClaims } from "./load/claim.ts";
import { measureBacklog, measureSweep } from "./load/reconnect.ts";
import { measureThroughput } from "./load/throughput.ts";
import { measureWebhooks } from "./load/webhook.ts";
import { measureGrowth } from "./plans/growth.ts";
import { type Stage, startStage } from "./stage.ts";
import { measureColdStarts } from "./start/cold-start.ts";
import { drawSection, type Section } from "./table.ts";

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

const SECTIONS: readonly {
  readonly name: string;
  readonly title: string;
  readonly measure: (stage: Stage) => Promise<Findings>;
}[] = [
  { name: "ack", title: "Acknowledgement of a send", measure: measureAcknowledgement },
  { name: "trips", title: "Round trips", measure: measureRoundTrips },
  { name: "throughput", title: "Throughput", measure: measureThroughput },
  { name: "webhook", title: "Webhooks", measure: measureWebhooks },
  { name: "claim", title: "The claim of a repair", measure: measureClaims },
  { name: "sweep", title: "Auto-reconnect", measure: measureSweep },
  { name: "backlog", title: "A backlog", measure: measureBacklog },
  { name: "start", title: "Cold starts", measure: measureColdStarts },
  {
    name: "growth",
    title: `SQL at ${SIZE.instances} numbers and ${SIZE.messages} messages, against 100 and 1,000`,
    measure: ({ server }) => measureGrowth(server, SIZE),
  },
];

const chosen = SECTIONS.filter(({ name }) => options.only === undefined || name === options.only);
if (chosen.length === 0) {
  console.error(`--only: one of ${SECTIONS.map(({ name }) => name).join(", ")}`);
  Deno.exit(2);
}

const cleanUp = createCleanUp();
closeOnExit(cleanUp);
const print = (text: string) => Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
const sections: Section[] = [];
try {
  const started = performance.now();
  const stage = await startStage(cleanUp);
  for (const { name, title, measure } of chosen) {
    console.error(`${((performance.now() - started) / 1_000).toFixed(0)} s: ${name} …`);
    const section = { title, findings: await measure(stage) };
    sections.push(section);
    if (!options.json) print(drawSection(section));
  }
  console.error(`${((performance.now() - started) / 1_000).toFixed(0)} s in all`);
} catch (error) {
  await cleanUp.close();
  reportMissingBinary(error);
}
await cleanUp.close();

const findings = sections.map((section) => section.findings);
const faults = faultsOf(findings);
if (options.json) print(JSON.stringify(toJson(findings)));
const targets = findings.flatMap(({ figures }) => figures).filter(({ atMost }) =>
  atMost !== undefined
);
console.error(
  `bench: ${targets.length - targets.filter(isMissed).length} of ${targets.length} targets met, ` +
    `${findings.flatMap(({ faults = [] }) => faults).length} faults`,
);
for (const fault of faults) console.error(`not good enough: ${fault}`);
Deno.exit(faults.length === 0 ? 0 : 1);
