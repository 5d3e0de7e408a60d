/**
 * What an adopted project's own webhook loads, by one line, so that the ladder knows of a session that
 * is connecting. `task adopt --ladder` writes it with all that it imports in one file.
 *
 * @module
 */

import { keepAlive } from "../supabase/functions/_shared/runtime/background.ts";
import { openProjectDatabase } from "./project-database.ts";
import { createReporter } from "./report-webhook.ts";

const reporter = createReporter({
  database: openProjectDatabase((name) => Deno.env.get(name), fetch),
  monotonicMs: () => performance.now(),
  log: (line) => console.log(line),
});

/** Reports a webhook of the gateway's, in the background. Never throws. */
export function report(body: unknown): void {
  keepAlive(reporter(body));
}
