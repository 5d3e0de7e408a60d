/**
 * `deno task test:security`: everything that was tried against the product, in its long form, then
 * one line with what it came to. Ends with 1 where anything failed, was lost or was doubled.
 *
 * @module
 */

import { z } from "zod";
import { SERVER_VARIABLE, startTemplateServer } from "../../platform/database/template.ts";
import { runTask } from "../shared/run-task.ts";
import { runTests } from "../shared/run-tests.ts";
import { type Counted, COUNTS_VARIABLE, LONG_VARIABLE } from "./counts.ts";

/** What it stands on: who may read and call what in the database, and who may send webhooks. */
const BESIDES = [
  "tests/database/function-access.test.ts",
  "tests/database/table-access.test.ts",
  "tests/evolution-api/send/tenancy.test.ts",
  "tests/evolution-webhook/sender.test.ts",
];

const line = z.object({ what: z.string(), by: z.number() });

async function readTotals(file: string): Promise<(what: Counted) => number> {
  const text = await Deno.readTextFile(file);
  const lines = text.split("\n").filter((each) => each !== "")
    .map((each) => line.parse(JSON.parse(each)));
  return (wanted) => lines.reduce((sum, { what, by }) => what === wanted ? sum + by : sum, 0);
}

await runTask(async (cleanUp) => {
  const countsFile = await Deno.makeTempFile({ suffix: ".jsonl" });
  cleanUp.add("counts", () => Deno.remove(countsFile));
  const server = await startTemplateServer(cleanUp);
  const files = Deno.args.length === 0 ? ["tests/security", ...BESIDES] : Deno.args;
  const { failed } = await runTests(cleanUp, ["--parallel", ...files], {
    [SERVER_VARIABLE]: server.adminUrl,
    [COUNTS_VARIABLE]: countsFile,
    [LONG_VARIABLE]: "true",
    DENO_JOBS: "2",
  });
  const total = await readTotals(countsFile);
  const told = (...what: Counted[]) => what.map((each) => `${total(each)} ${each}`).join(", ");
  return {
    passed: failed === 0 && total("lost") === 0 && total("doubled") === 0,
    last: [
      told("malformed bodies", "fault runs"),
      told("access checks", "canary searches", "faults", "lost", "doubled"),
      told("lock calls", "deadlocks", "foreign-key errors", "lost sweeps"),
    ].map((counts) => `security: ${counts}`).join("\n"),
  };
});
