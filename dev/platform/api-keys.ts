/**
 * What Supabase's gateway does with a project's API keys, before a request reaches anything.
 *
 * @module
 */

import type { ApiRole, LocalKeys } from "./auth/local-keys.ts";

/** Where an API key stands. */
const HEADER = "apikey";

/**
 * The headers that go on. A request that shows no token of its own gets the one of its key's role:
 * a key of today is no JWT, a legacy key is its own token. A key of today as the bearer counts as no
 * token where it is the same as `apikey`, and is no token that anybody can read where it is not.
 *
 * @param query The address's parameters, where `apikey` may stand too; it is taken out.
 * @returns The headers, or why the request goes no further.
 */
export function exchangeApiKey(
  keys: LocalKeys,
  given: Headers,
  query: URLSearchParams,
): { readonly headers: Headers } | { readonly refused: string } {
  const key = given.get(HEADER) ?? query.get(HEADER);
  if (key === null) return { refused: "No API key found in request" };
  const role = roleOf(keys, key);
  if (role === undefined) {
    const isLegacy = key === keys.anonKey || key === keys.serviceRoleKey;
    return { refused: isLegacy ? "Legacy API keys are disabled" : "Invalid API key" };
  }
  query.delete(HEADER);
  const headers = new Headers(given);
  const bearer = headers.get("authorization");
  if (bearer === null || bearer === `Bearer ${key}`) {
    const token = key.startsWith("sb_") ? keys.roleToken(role) : key;
    headers.set("authorization", `Bearer ${token}`);
  }
  return { headers };
}

function roleOf(keys: LocalKeys, key: string): ApiRole | undefined {
  if (key === keys.secretKey) return "service_role";
  if (key === keys.publishableKey) return "anon";
  if (!keys.legacyKeys) return undefined;
  if (key === keys.serviceRoleKey) return "service_role";
  return key === keys.anonKey ? "anon" : undefined;
}
