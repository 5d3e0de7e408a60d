/**
 * A function's effects without the router, which is in this process: what is counted then is the
 * function's own processor. Gateways, API and database have their own processes.
 *
 * @module
 */

import {
  createEffects,
  type Effects,
} from "../../../supabase/functions/_shared/runtime/effects.ts";
import type { Stage } from "./stage.ts";

/** Makes them; each request to the database goes through `around`. */
export function effectsPastRouter(
  { stack }: Stage,
  around: (path: string, send: () => Promise<Response>) => Promise<Response> = (_, send) => send(),
): Effects {
  const prefix = `${stack.url}/rest/v1`;
  // Past the router, which would change the key into a token.
  const supabaseFetch: typeof fetch = (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set("authorization", `Bearer ${stack.auth.serviceRoleKey}`);
    const url = String(input).replace(prefix, stack.postgrestUrl);
    return around(new URL(url).pathname, () => fetch(url, { ...init, headers }));
  };
  return createEffects(undefined, { supabaseFetch });
}
