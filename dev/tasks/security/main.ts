/**
 * `deno task test:security`: everything that was tried against the product, in its long form, then
 * one line with what it came to. Ends with 1 where anything failed, was lost or was doubled.
 *
 * @module
 */

import { z } from "zod";
import { type Counted, COUNTS_VARIABLE, LONG_VARIABLE } from "./counts.ts";
import { reportMissingBinary } from "../../platform/database/binaries.ts";
import { SERVER_VARIABLE, startTemplateServer } from "../../platform/database/template.ts";
import { closeOnExit, createCleanUp } from "../../process/clean-up.ts";
import { runTests } from "../test/run-tests.ts";

/** What it stands on: who may read and call what in the database, and who may send webhooks. */
const BESIDES = [
  "tests/database/function-access.test.ts",
  "tests/database/table-access.test.ts",
  "tests/evolution-api/send/tenancy.test.ts",
  "tests/evolution-webhook/sender.test.ts",
];

const line = z.object({ what: z.string(), by: z.number() });
const cleanUp = createCleanUp();
closeOnExit(cleanUp);

async function runAll(args: readonly string[], countsFile: string): Promise<boolean> {
  const server = await startTemplateServer(cleanUp);
  const files = args.length === 0 ? ["tests/security", ...BESIDES] : args;
  const { failed } = await runTests(cleanUp, ["--parallel", ...files], {
    [SERVER_VARIABLE]: server.adminUrl,
    [COUNTS_VARIABLE]: countsFile,
    [LONG_VARIABLE]: "true",
    DENO_JOBS: "2",
  });
  return failed === 0;
}

async function readCounts(file: string): Promise<ReadonlyMap<string, number>> {
  const totals = new Map<string, number>();
  for (const text of (await Deno.readTextFile(file)).split("\n").filter((each) => each !== "")) {
    const { what, by } = line.parse(JSON.parse(text));
    totals.set(what, (totals.get(what) ?? 0) + by);
  }
  return totals;
}

let passed = false;
let totals: ReadonlyMap<string, number> = new Map();
try {
  const countsFile = await Deno.makeTempFile({ suffix: ".jsonl" });
  cleanUp.add("counts", () => Deno.remove(countsFile));
  passed = await runAll(Deno.args, countsFile);
  totals = await readCounts(countsFile);
} catch (error) {
  await cleanUp.close();
  reportMissingBinary(error);
}
await cleanUp.close();
const total = (what: Counted) => totals.get(what) ?? 0;
console.log(
  `security: ${total("malformed bodies")} malformed bodies, ${total("fault runs")} fault runs`,
);
console.log(
  `security: ${total("access checks")} access checks, ${
    total("canary searches")
  } canary searches, ` +
    `${total("faults")} faults, ${total("lost")} lost, ${total("doubled")} doubled`,
);
const clean = total("lost") === 0 && total("doubled") === 0;
Deno.exit(passed && clean ? 0 : 1);
