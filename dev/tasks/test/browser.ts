/**
 * `deno task test:browser`: the console page in Chromium, on a stack of its own. Ends with
 * `N passed, N failed`, or says that it was skipped where Chromium is not installed.
 *
 * @module
 */

import { runTask } from "../shared/run-task.ts";
import { endWithCounts, runTests } from "../shared/run-tests.ts";

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
await runTask(async (cleanUp) =>
  endWithCounts(
    await runTests(cleanUp, ["tests/browser/console.ts", "tests/browser/fleet.ts"], {
      CHROMIUM: chromium,
      LOG_LEVEL: "error",
    }),
  )
);
