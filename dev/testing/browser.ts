/**
 * `deno task test:browser`: the console page in Chromium, on a stack of its own. Ends with
 * `N passed, N failed`, or says that it was skipped where Chromium is not installed.
 *
 * @module
 */

import { readCounts } from "./junit.ts";

const CANDIDATES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Where Chromium is; the environment's CHROMIUM unless it is not set. */
async function findChromium(): Promise<string | undefined> {
  const told = Deno.env.get("CHROMIUM");
  for (const path of told === undefined ? CANDIDATES : [told]) {
    try {
      if ((await Deno.stat(path)).isFile) return path;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return undefined;
}

const chromium = await findChromium();
if (chromium === undefined) {
  console.log("skipped: chromium is not installed");
  Deno.exit(0);
}
const report = await Deno.makeTempFile({ suffix: ".xml" });
const { success } = await new Deno.Command(Deno.execPath(), {
  args: [
    "test",
    "--allow-all",
    "--quiet",
    "--no-check",
    `--junit-path=${report}`,
    "tests/browser/console.ts",
  ],
  env: { CHROMIUM: chromium, LOG_LEVEL: "error" },
  stdout: "inherit",
  stderr: "inherit",
}).spawn().status;
const { passed, failed } = readCounts(await Deno.readTextFile(report));
await Deno.remove(report);
// A file that cannot even be loaded is in no report.
const lost = success || failed > 0 ? 0 : 1;
console.log(`${passed} passed, ${failed + lost} failed`);
Deno.exit(failed + lost === 0 && passed > 0 ? 0 : 1);
