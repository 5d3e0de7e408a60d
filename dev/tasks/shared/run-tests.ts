/**
 * `deno test` in a process of its own, counted.
 *
 * @module
 */

import type { CleanUp } from "../../process/clean-up.ts";
import type { TaskEnd } from "./run-task.ts";

/** How many passed and failed; ignored ones are neither. */
interface Counts {
  readonly passed: number;
  readonly failed: number;
}

/**
 * Runs tests; their output is ours.
 *
 * @param args Options and paths.
 * @param env What they find in their environment besides.
 * @returns How many passed and failed; where a file could not even be loaded, one failed at least.
 * @throws {Error} Where no test ran: that is not a success.
 */
export async function runTests(
  cleanUp: CleanUp,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Counts> {
  const report = await Deno.makeTempFile({ suffix: ".xml" });
  cleanUp.add("report", () => Deno.remove(report));
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--allow-all", "--quiet", "--no-check", `--junit-path=${report}`, ...args],
    env,
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn().status;
  const counts = countSuites(await Deno.readTextFile(report));
  // A test file that cannot even be loaded is in no report.
  return success || counts.failed > 0 ? counts : { ...counts, failed: 1 };
}

/**
 * How a task ends that ran tests: with `N passed, N failed`.
 *
 * @param tests Where none passed, the task did not.
 * @param gate What was judged before them.
 */
export function endWithCounts(tests: Counts, gate: Counts = { passed: 0, failed: 0 }): TaskEnd {
  const failed = gate.failed + tests.failed;
  return {
    passed: failed === 0 && tests.passed > 0,
    last: `${gate.passed + tests.passed} passed, ${failed} failed`,
  };
}

/** Adds up the suites of a JUnit report. */
function countSuites(xml: string): Counts {
  const suites = [...xml.matchAll(/<testsuite [^>]*>/g)];
  if (suites.length === 0) throw new Error("no tests ran");
  const sum = (...names: string[]) =>
    suites.reduce(
      (total, [tag]) => total + names.reduce((all, name) => all + read(tag, name), 0),
      0,
    );
  const failed = sum("failures", "errors");
  return { passed: sum("tests") - failed - sum("disabled"), failed };
}

function read(tag: string, attribute: string): number {
  return Number(new RegExp(`\\b${attribute}="(\\d+)"`).exec(tag)?.[1] ?? 0);
}
