/**
 * Whose token it is, as the project's own auth server says: by supabase-js, which no other function
 * has to load. Only its client of the auth server is used, so that a bundler leaves the rest out.
 *
 * @module
 */

import { AuthClient, AuthRetryableFetchError, isAuthError } from "@supabase/supabase-js";
import * as z from "zod/mini";
import type { Authenticator } from "../_shared/http/auth.ts";
import {
  type Clock,
  systemClock,
  TimeLimitError,
  withTimeLimit,
} from "../_shared/runtime/clock.ts";
import { projectAddress } from "../_shared/runtime/database.ts";
import { keyHeaders } from "../_shared/runtime/platform-keys.ts";
import { createEffects, type Effects, type Replaced } from "../_shared/runtime/effects.ts";
import { type Environment, readEnvironment } from "../_shared/runtime/environment.ts";

/** The effects of a function that people call. */
export interface UserEffects extends Effects {
  readonly authenticator: Authenticator;
}

/** The real effects, from the process's environment unless told. */
export function createUserEffects(
  environment: Environment = readEnvironment(),
  replaced: Replaced = {},
): UserEffects {
  const { supabaseFetch = fetch, clock = systemClock } = replaced;
  const authenticator = createAuthenticator(environment, { fetch: supabaseFetch, clock });
  return { ...createEffects(environment, replaced), authenticator };
}

/** How long the auth server may take, in ms. */
const AUTH_LIMIT_MS = 10_000;

const userClaims = z.object({
  sub: z.uuid(),
  role: z.literal("authenticated"),
  aud: z.union([
    z.literal("authenticated"),
    z.array(z.string()).check(z.refine((all) => all.includes("authenticated"))),
  ]),
});

/**
 * Verifies by `getClaims` of supabase-js:
 *
 * - a token of an asymmetric key is checked here, against the project's key set. That is read once,
 *   kept for ten minutes, and read again at once where a token names a key that it lacks: after a
 *   rotation the new key's tokens are good immediately, and those of a key that was taken out are
 *   refused after ten minutes at the latest;
 * - a token of a symmetric key (HS256, legacy), or of a key that is in no key set, is shown to the
 *   auth server, which knows.
 */
export function createAuthenticator(
  environment: Pick<Environment, "supabaseUrl" | "secretKey" | "publishableKey">,
  effects: { readonly fetch: typeof fetch; readonly clock: Clock },
): Authenticator {
  const url = projectAddress(environment.supabaseUrl, "auth/v1");
  const auth = new AuthClient({
    url,
    // The auth server needs no more than what everybody has.
    headers: keyHeaders(environment.publishableKey ?? environment.secretKey),
    fetch: effects.fetch,
    // The kept key sets' name, too: one for each project.
    storageKey: url,
    // No session to look for.
    persistSession: false,
    autoRefreshToken: false,
    detectSessionInUrl: false,
    skipAutoInitialize: true,
  });
  return {
    identify: async (token) => {
      try {
        const claimed = () => auth.getClaims(token);
        const { data, error } = await withTimeLimit(effects.clock, AUTH_LIMIT_MS, claimed);
        if (isUnavailable(error)) return { outcome: "unavailable" };
        const claims = z.safeParse(userClaims, data?.claims);
        return error || !claims.success
          ? { outcome: "invalid" }
          : { outcome: "user", userId: claims.data.sub };
      } catch (cause) {
        // getClaims throws on tokens that are not even a JWT.
        return { outcome: cause instanceof TimeLimitError ? "unavailable" : "invalid" };
      }
    },
  };
}

/** The server did not judge the token: it was away, or had too much to do. */
function isUnavailable(error: unknown): boolean {
  return error instanceof AuthRetryableFetchError || (isAuthError(error) && error.status === 429);
}
