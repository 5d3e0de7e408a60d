/**
 * supabase-js for the project's own API, with the key in the header where it belongs.
 *
 * @module
 */

import { createClient } from "@supabase/supabase-js";
import type { Database } from "./database.types.ts";

/**
 * Makes a client that keeps no session.
 *
 * @param key A key of today (`sb_secret_…`, `sb_publishable_…`) or a legacy one, which is a JWT.
 */
export function createProjectClient(url: string, key: string, fetcher: typeof fetch) {
  return createClient<Database>(url, key, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    global: { fetch: withKeyInItsHeader(key, fetcher) },
  });
}

/**
 * supabase-js 2.119 sends the key as `apikey` and, to the database and the auth server, as a bearer
 * token as well. A key of today is no JWT: the platform's gateway turns `apikey` into a role, and
 * whoever reads the bearer as a token refuses it. So it leaves in `apikey` alone. A user's token
 * stays, and so does a legacy key, which is its own token.
 */
function withKeyInItsHeader(key: string, fetcher: typeof fetch): typeof fetch {
  if (!/^sb_(secret|publishable)_/.test(key)) return fetcher;
  return (input, init) => {
    const headers = new Headers(init?.headers);
    if (headers.get("authorization") === `Bearer ${key}`) headers.delete("authorization");
    return fetcher(input, { ...init, headers });
  };
}
