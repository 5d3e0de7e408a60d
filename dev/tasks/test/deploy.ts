/**
 * `deno task test:deploy`: what starts foreign programs: the Supabase CLI, Debian's pg_cron, a project
 * that adopts the patch, tasks and whole stacks as processes of their own. Ends with
 * `N passed, N failed`; what cannot be had here is skipped, and its name says why.
 *
 * @module
 */

import { runTask } from "../shared/run-task.ts";
import { endWithCounts, runTests } from "../shared/run-tests.ts";

/** No `.test.ts`, so that `deno test` leaves them out. */
const FILES = [
  "adopt",
  "agent",
  "commands",
  "database",
  "doctor",
  "functions",
  "metrics",
  "processes",
  "restores",
  "scheduler",
];

// Two files at once: most of them wait for a program, one for the clock's next minute.
await runTask(async (cleanUp) =>
  endWithCounts(
    await runTests(
      cleanUp,
      ["--parallel", ...FILES.map((name) => `tests/deploy/${name}.ts`)],
      { LOG_LEVEL: "error", DENO_JOBS: "2" },
    ),
  )
);
