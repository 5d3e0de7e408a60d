/**
 * What an adopted project imports in the place of the global `fetch`: the same, and it watches the
 * sends to the Evolution gateway. `task adopt` writes this module and all that it imports into one
 * file of that project.
 *
 * @module
 */

import { systemClock } from "../supabase/functions/_shared/runtime/clock.ts";
import { openProjectDatabase } from "./project-database.ts";
import { repairNumber } from "./repair-number.ts";
import { watchSends } from "./watch-sends.ts";

const plainFetch: typeof globalThis.fetch = (input, init) => globalThis.fetch(input, init);
const log = (line: string) => console.log(line);

/** As the global `fetch`. */
export const fetch: typeof globalThis.fetch = watchSends({
  fetch: plainFetch,
  monotonicMs: systemClock.monotonicMs,
  repair: async (send, suspect) => {
    const database = openProjectDatabase((name) => Deno.env.get(name), plainFetch);
    if (database === null) return log("ghost repair: no SUPABASE_URL or no secret key here");
    await repairNumber(send, suspect, { fetch: plainFetch, clock: systemClock, database, log });
  },
  keepAlive: (work) => {
    const { EdgeRuntime } = globalThis as {
      EdgeRuntime?: { waitUntil?(work: Promise<void>): void };
    };
    EdgeRuntime?.waitUntil?.(work);
  },
});
