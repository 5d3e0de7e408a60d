/**
 * `deno task test`: the gate, then every test, then one line with the counts. Arguments are passed
 * to `deno test`: `deno task test tests/database --filter repair`.
 *
 * @module
 */

import { readCommandLine, type Told, UsageError } from "../../process/command-line.ts";
import { locatePostgrest } from "../../platform/database/binaries.ts";
import { SERVER_VARIABLE, startTemplateServer } from "../../platform/database/template.ts";
import { check } from "../check/main.ts";
import { runTask } from "../shared/run-task.ts";
import { endWithCounts, runTests } from "../shared/run-tests.ts";
import { groupTests, LANES } from "./groups.ts";

/** What goes on to `deno test`. */
const PASSED_ON = {
  filter: { takes: "<words>", about: "only tests whose name holds this" },
  coverage: { takes: "<folder>", about: "where to write what was run" },
  "fail-fast": { about: "ends with the first failure" },
  shuffle: { about: "in another order" },
  "trace-leaks": { about: "says where what was left open came from" },
};

interface Asked {
  readonly options: readonly string[];
  readonly paths: readonly string[];
}

function readAsked({ on, value, words }: Told): Asked {
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
  return { options, paths: words.length === 0 ? ["tests"] : words };
}

const { options, paths } = readCommandLine({
  task: "test",
  about: "The gate, then every test; ends with `N passed, N failed`.",
  options: PASSED_ON,
  words: "[path …]",
  read: readAsked,
});
await runTask(async (cleanUp) => {
  // Where there is none it says so now, not once for every test that needs it.
  await locatePostgrest();
  // The types are judged on one processor; meanwhile the other makes the server and begins.
  const judging = check();
  const server = await startTemplateServer(cleanUp);
  const reporter = Deno.stdout.isTerminal() ? "dot" : "pretty";
  const folder = await Deno.makeTempDir({ prefix: "tests-" });
  cleanUp.add("groups of tests", () => Deno.remove(folder, { recursive: true }));
  const groups = await groupTests(paths, folder);
  const args = ["--parallel", `--reporter=${reporter}`, ...options, ...groups];
  const tests = await runTests(cleanUp, args, {
    [SERVER_VARIABLE]: server.adminUrl,
    DENO_JOBS: String(LANES),
  });
  return endWithCounts(tests, await judging);
});
