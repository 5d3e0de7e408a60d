/**
 * Who is calling: a person by JWT, or the scheduler by its secret. A credential that is present but
 * bad is refused; nobody becomes anonymous by mistake.
 *
 * @module
 */

import { AuthRetryableFetchError, isAuthError } from "@supabase/supabase-js";
import { z } from "zod";
import { type Clock, TimeLimitError, withTimeLimit } from "../runtime/clock.ts";
import type { Environment } from "../runtime/environment.ts";
import { ApiError } from "./errors.ts";
import { createProjectClient } from "../runtime/project-client.ts";
import { equalSecrets } from "./secrets.ts";

/** Verifies people. */
export interface Authenticator {
  /**
   * The user of a request's bearer token: signature by the project's JWKS, expiry, audience, role.
   *
   * @returns The user's id.
   * @throws {ApiError} UNAUTHENTICATED, or AUTH_UNAVAILABLE where the keys could not be read.
   */
  user(request: Request): Promise<string>;
}

/** How long the auth server may take, in ms. */
const AUTH_LIMIT_MS = 10_000;

const userClaims = z.object({
  sub: z.uuid(),
  role: z.literal("authenticated"),
  aud: z.union([
    z.literal("authenticated"),
    z.array(z.string()).refine((all) => all.includes("authenticated")),
  ]),
});

/**
 * Verifies against the project's own auth server, by `getClaims` of supabase-js:
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
    user: async (request) => {
      const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(
        request.headers.get("authorization") ?? "",
      )?.[1];
      if (token === undefined) throw new ApiError("UNAUTHENTICATED");
      const { data, error } = await withTimeLimit(
        effects.clock,
        AUTH_LIMIT_MS,
        () => client.auth.getClaims(token),
      ).catch((cause: unknown) => {
        // getClaims throws on tokens that are not even a JWT.
        const late = cause instanceof TimeLimitError;
        throw new ApiError(late ? "AUTH_UNAVAILABLE" : "UNAUTHENTICATED", {}, { cause });
      });
      if (isUnavailable(error)) throw new ApiError("AUTH_UNAVAILABLE", {}, { cause: error });
      const claims = userClaims.safeParse(data?.claims);
      if (error || !claims.success) throw new ApiError("UNAUTHENTICATED");
      return claims.data.sub;
    },
  };
}

/** The server did not judge the token: it was away, or had too much to do. */
function isUnavailable(error: unknown): boolean {
  return error instanceof AuthRetryableFetchError || (isAuthError(error) && error.status === 429);
}

/**
 * Lets the scheduler in by its header `x-cron-secret`. During a rotation two secrets are valid.
 *
 * @throws {ApiError} UNAUTHENTICATED, also where no secret is configured.
 */
export function requireCronSecret(request: Request, accepted: readonly string[]): void {
  const given = request.headers.get("x-cron-secret") ?? "";
  // Each is compared, so that the time does not say which one it was.
  const matches = accepted.map((secret) => equalSecrets(given, secret));
  if (!matches.includes(true)) throw new ApiError("UNAUTHENTICATED");
}
