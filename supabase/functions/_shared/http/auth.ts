/**
 * Who is calling: a person by JWT, the scheduler or a Prometheus by its secret. A credential that
 * is present but bad is refused; nobody becomes anonymous by mistake.
 *
 * @module
 */

import { ApiError } from "./errors.ts";

/** Whose a token is; `unavailable`: nobody could judge it now. */
export type Identity =
  | { readonly outcome: "user"; readonly userId: string }
  | { readonly outcome: "invalid" | "unavailable" };

/** Verifies people. */
export interface Authenticator {
  /** Judges a JWT: signature by the project's JWKS, expiry, audience, role. Never throws. */
  identify(token: string): Promise<Identity>;
}

/**
 * The user of a request's bearer token.
 *
 * @returns The user's id.
 * @throws {ApiError} UNAUTHENTICATED, or AUTH_UNAVAILABLE where nobody could judge the token.
 */
export async function requireUser(request: Request, authenticator: Authenticator): Promise<string> {
  const authorization = request.headers.get("authorization") ?? "";
  const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization)?.[1];
  if (token === undefined) throw new ApiError("UNAUTHENTICATED");
  const identity = await authenticator.identify(token);
  if (identity.outcome === "user") return identity.userId;
  throw new ApiError(identity.outcome === "invalid" ? "UNAUTHENTICATED" : "AUTH_UNAVAILABLE");
}

/**
 * Lets the scheduler in by its header `x-cron-secret`. During a rotation two secrets are valid.
 *
 * @throws {ApiError} UNAUTHENTICATED, also where no secret is configured.
 */
export function requireCronSecret(request: Request, accepted: readonly string[]): void {
  requireOneOf(request.headers.get("x-cron-secret") ?? "", accepted);
}

/**
 * Lets somebody in by a bearer token of ours. During a rotation two are valid.
 *
 * @throws {ApiError} UNAUTHENTICATED, also where no token is configured.
 */
export function requireBearer(request: Request, accepted: readonly string[]): void {
  const [, given = ""] = /^Bearer (\S+)$/i.exec(request.headers.get("authorization") ?? "") ?? [];
  requireOneOf(given, accepted);
}

function requireOneOf(given: string, accepted: readonly string[]): void {
  // Each is compared, so that the time does not say which one it was.
  const matches = accepted.map((secret) => equalSecrets(given, secret));
  if (!matches.includes(true)) throw new ApiError("UNAUTHENTICATED");
}

/**
 * Whether two secrets are equal, in a time that says nothing about where they differ: as long as what
 * was given takes. (`node:crypto` would take a third of a function's start.)
 */
export function equalSecrets(given: string, expected: string): boolean {
  let different = given.length ^ expected.length;
  for (let at = 0; at < given.length; at++) {
    // NaN, past the end, counts as 0; the lengths differ there.
    different |= given.charCodeAt(at) ^ expected.charCodeAt(at);
  }
  return different === 0;
}
