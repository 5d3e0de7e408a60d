/**
 * Whose token it is, as the project's own auth server says.
 *
 * @module
 */

import { AuthRetryableFetchError, isAuthError } from "@supabase/supabase-js";
import * as z from "zod/mini";
import { type Clock, TimeLimitError, withTimeLimit } from "./clock.ts";
import { createProjectClient } from "./database.ts";
import type { Environment } from "./environment.ts";

/** Whose a token is; `unavailable`: nobody could judge it now. */
export type Identity =
  | { readonly outcome: "user"; readonly userId: string }
  | { readonly outcome: "invalid" | "unavailable" };

/** Verifies people. */
export interface Authenticator {
  /** Judges a JWT: signature by the project's JWKS, expiry, audience, role. Never throws. */
  identify(token: string): Promise<Identity>;
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
  // The auth server needs no more than what everybody has.
  const key = environment.publishableKey ?? environment.secretKey;
  const client = createProjectClient(environment.supabaseUrl, key, effects.fetch);
  return {
    identify: async (token) => {
      try {
        const claimed = () => client.auth.getClaims(token);
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
