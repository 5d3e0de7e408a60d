/**
 * What an adopted project imports in the place of the global `fetch`: the same, and it watches the
 * sends to the Evolution gateway. `task adopt` writes this module and `repair.ts`, each with all that
 * it imports in one file.
 *
 * @module
 */

import { keepAlive } from "../supabase/functions/_shared/runtime/background.ts";
import { watchSends } from "./watch-sends.ts";

const plainFetch: typeof globalThis.fetch = (input, init) => globalThis.fetch(input, init);

/** As the global `fetch`. */
export const fetch: typeof globalThis.fetch = watchSends({
  fetch: plainFetch,
  monotonicMs: () => performance.now(),
  isConnectionClosed: async (body, words) =>
    (await import("./repair.ts")).isConnectionClosed(body, words),
  repair: async (send, suspect) =>
    await (await import("./repair.ts")).repair(send, suspect, plainFetch),
  keepAlive,
});
