/**
 * The project's database, as the watching `fetch` reaches it: a SQL function by its name, as the
 * service role.
 *
 * @module
 */

import * as z from "zod/mini";
import type { Database } from "../supabase/functions/_shared/runtime/database.ts";
import { keyHeaders, platformKey } from "../supabase/functions/_shared/runtime/platform-keys.ts";

/** Calls a function of `public`; rejects where it was not carried out. */
export type CallDatabase = (
  name: string,
  args: Readonly<Record<string, unknown>>,
) => Promise<unknown>;

/** In ms. A repair is background work, but it must end before its invocation does. */
const LIMIT_MS = 10_000;

/** The same as the product's own parts call it. */
export function asDatabase(call: CallDatabase): Database {
  return { call: async (fn, args, answer) => z.parse(answer, await call(fn, { ...args })) };
}

/** The project's address, and the key that anybody may have; null: it has none. */
export interface OwnProject {
  readonly url: string;
  readonly publicKey: string | null;
}

/** What the database has to know to call a function of its own project. */
export function readOwnProject(read: (name: string) => string | undefined): OwnProject {
  const today = z.safeParse(z.optional(platformKey), read("SUPABASE_PUBLISHABLE_KEYS")).data;
  return {
    url: (read("SUPABASE_URL") ?? "").replace(/\/+$/, ""),
    // The legacy one is a token, which the platform asks for where a function's setting says so.
    publicKey: read("SUPABASE_ANON_KEY") || today || null,
  };
}

/**
 * @param read Reads a variable of the function's environment.
 * @param fetch Not the one that watches.
 * @returns Null where the environment names no project or no key.
 */
export function openProjectDatabase(
  read: (name: string) => string | undefined,
  fetch: typeof globalThis.fetch,
): CallDatabase | null {
  const url = read("SUPABASE_URL");
  const key = z.safeParse(z.optional(platformKey), read("SUPABASE_SECRET_KEYS")).data ??
    read("SUPABASE_SERVICE_ROLE_KEY");
  if (!url || !key) return null;
  const headers = { ...keyHeaders(key), "content-type": "application/json" };
  return async (name, args) => {
    const response = await fetch(`${url.replace(/\/+$/, "")}/rest/v1/rpc/${name}`, {
      method: "POST",
      headers,
      body: JSON.stringify(args),
      signal: AbortSignal.timeout(LIMIT_MS),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${name}: HTTP ${response.status}`);
    return text === "" ? null : JSON.parse(text);
  };
}
