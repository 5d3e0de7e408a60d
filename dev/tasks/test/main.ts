/**
 * `deno task test`: the gate, then every test, then one line with the counts. Arguments are passed
 * to `deno test`: `deno task test tests/database --filter repair`.
 *
 * @module
 */

import { readCommandLine, type Told, UsageError } from "../../process/command-line.ts";
import { reportMissingBinary } from "../../platform/database/binaries.ts";
import { SERVER_VARIABLE, startTemplateServer } from "../../platform/database/template.ts";
import { closeOnExit, createCleanUp } from "../../process/clean-up.ts";
import { check } from "../check/main.ts";
import { runTests } from "./run-tests.ts";

/** What goes on to `deno test`. */
const PASSED_ON = {
  filter: { takes: "<words>", about: "only tests whose name holds this" },
  ignore: { takes: "<path,…>", about: "leaves these files out" },
  coverage: { takes: "<folder>", about: "where to write what was run" },
  "fail-fast": { about: "ends with the first failure" },
  shuffle: { about: "in another order" },
  "trace-leaks": { about: "says where what was left open came from" },
};

function passOn({ on, value, words }: Told): readonly string[] {
  for (const path of words) {
    try {
      Deno.statSync(path);
    } catch {
      throw new UsageError(`there is no ${path}; a path is a test file or a folder of them`);
    }
  }
  const options = Object.keys(PASSED_ON).flatMap((name) => {
    const told = value(name);
    return told === undefined ? on(name) ? [`--${name}`] : [] : [`--${name}=${told}`];
  });
  return [...options, ...(words.length === 0 ? ["tests"] : words)];
}

const args = readCommandLine({
  task: "test",
  about: "The gate, then every test; ends with `N passed, N failed`.",
  options: PASSED_ON,
  words: "[path …]",
  read: passOn,
});
const cleanUp = createCleanUp();
closeOnExit(cleanUp);

async function runAll(): Promise<{ passed: number; failed: number }> {
  const server = await startTemplateServer(cleanUp);
  const reporter = Deno.stdout.isTerminal() ? "dot" : "pretty";
  return await runTests(cleanUp, ["--parallel", `--reporter=${reporter}`, ...args], {
    [SERVER_VARIABLE]: server.adminUrl,
    DENO_JOBS: "2",
  });
}

let gate = { passed: 0, failed: 0 };
let tests = { passed: 0, failed: 0 };
try {
  gate = await check();
  if (gate.failed === 0) tests = await runAll();
} catch (error) {
  await cleanUp.close();
  reportMissingBinary(error);
}
await cleanUp.close();
const failed = gate.failed + tests.failed;
console.log(`${gate.passed + tests.passed} passed, ${failed} failed`);
Deno.exit(failed === 0 && tests.passed > 0 ? 0 : 1);
