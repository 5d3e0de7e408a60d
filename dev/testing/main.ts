/**
 * `deno task test`: the gate, then every test, then one line with the counts. Arguments are passed
 * to `deno test`: `deno task test tests/unit --filter repair`.
 *
 * @module
 */

import { reportMissingBinary } from "../database/missing-binary.ts";
import { startPostgres } from "../database/postgres.ts";
import { createTemplate } from "../database/template.ts";
import { closeOnExit, createCleanUp } from "../stack/clean-up.ts";
import { check } from "./check.ts";
import { readCounts } from "./junit.ts";

const cleanUp = createCleanUp();
closeOnExit(cleanUp);

async function runTests(args: readonly string[]): Promise<{ passed: number; failed: number }> {
  const server = await startPostgres();
  cleanUp.add("PostgreSQL", () => server.stop());
  await createTemplate(server);
  const report = await Deno.makeTempFile({ suffix: ".xml" });
  cleanUp.add("report", () => Deno.remove(report));
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: [
      "test",
      "--allow-all",
      "--parallel",
      "--quiet",
      "--no-check",
      `--reporter=${Deno.stdout.isTerminal() ? "dot" : "pretty"}`,
      `--junit-path=${report}`,
      ...(args.length === 0 ? ["tests"] : args),
    ],
    env: { TEST_POSTGRES_ADMIN_URL: server.adminUrl, DENO_JOBS: "2" },
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn().status;
  const counts = readCounts(await Deno.readTextFile(report));
  // A test file that cannot even be loaded is in no report.
  return success || counts.failed > 0 ? counts : { ...counts, failed: 1 };
}

let gate = { passed: 0, failed: 0 };
let tests = { passed: 0, failed: 0 };
try {
  gate = await check();
  if (gate.failed === 0) tests = await runTests(Deno.args);
} catch (error) {
  await cleanUp.close();
  reportMissingBinary(error);
}
await cleanUp.close();
const failed = gate.failed + tests.failed;
console.log(`${gate.passed + tests.passed} passed, ${failed} failed`);
Deno.exit(failed === 0 && tests.passed > 0 ? 0 : 1);
