/**
 * `deno test` in a process of its own, counted.
 *
 * @module
 */

import type { CleanUp } from "../../process/clean-up.ts";
import { readCounts } from "./junit.ts";

/**
 * Runs tests; their output is ours.
 *
 * @param args Options and paths.
 * @param env What they find in their environment besides.
 * @returns How many passed and failed; where a file could not even be loaded, one failed at least.
 * @throws {Error} Where no test ran.
 */
export async function runTests(
  cleanUp: CleanUp,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ readonly passed: number; readonly failed: number }> {
  const report = await Deno.makeTempFile({ suffix: ".xml" });
  cleanUp.add("report", () => Deno.remove(report));
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--allow-all", "--quiet", "--no-check", `--junit-path=${report}`, ...args],
    env,
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn().status;
  const counts = readCounts(await Deno.readTextFile(report));
  // A test file that cannot even be loaded is in no report.
  return success || counts.failed > 0 ? counts : { ...counts, failed: 1 };
}
