/**
 * Is this webhook from the instance's own gateway?
 *
 * Evolution signs each webhook with the instance's `jwt_key`: a bearer, HS256, that lives for ten
 * minutes. A webhook that is tried again carries the bearer of its first try, also after its end: the
 * last tries come 15 to 20 minutes later, and after a 401 there is none. So a signature counts for
 * {@linkcode RETRIES_S} longer; that ids are stored once makes what is repeated harmless. Gateways
 * that cannot sign send a static token. A bearer that is present decides alone: a bad one is never
 * made good by the token beside it.
 *
 * @module
 */

import { jwtVerify } from "jose";
import { equalSecrets } from "../_shared/http/auth.ts";

/** What the sender showed; null where it showed none. */
export interface Credentials {
  readonly authorization: string | null;
  readonly token: string | null;
}

/** What an instance's webhooks are verified with; during a rotation there are two of these. */
export interface WebhookKeys {
  /** By which the database knows them again. */
  readonly id: string;
  readonly secret: string;
  /** Null: no static token is accepted. */
  readonly token: string | null;
}

/** Whether to believe the sender. The reason is for the log, never for the answer. */
export type SenderVerdict =
  | {
    readonly trusted: true;
    /** Of the keys that it was verified by. */
    readonly keyId: string;
    /** When the webhook was tried first, by the signature: no zone moves it. Null: not signed. */
    readonly signedAt: Date | null;
  }
  | {
    readonly trusted: false;
    readonly reason: "no_credentials" | "unknown_instance" | "bad_bearer" | "bad_token";
  };

/** Evolution's own lifetime of a signature, in seconds; a longer one was not made by it. */
const LIFETIME_S = 600;

/** How long after its token's end a webhook may still be tried again, in seconds. */
const RETRIES_S = 25 * 60;

/** How far apart the two machines' clocks may be, in seconds. */
const CLOCK_TOLERANCE_S = 60;

// What an unknown instance is verified with, so that it takes as long as a known one.
const nobody: readonly WebhookKeys[] = [
  { id: "", secret: crypto.randomUUID(), token: crypto.randomUUID() },
];

/**
 * Reads the credentials of a request: `Authorization` and `x-webhook-token`.
 *
 * @returns Null where there are none: no key has to be looked up to refuse that.
 */
export function credentialsOf(headers: Headers): Credentials | null {
  const authorization = headers.get("authorization");
  const token = headers.get("x-webhook-token");
  return authorization === null && token === null ? null : { authorization, token };
}

/**
 * Verifies a sender. Takes the same steps for an instance that does not exist.
 *
 * @param credentials What was shown.
 * @param keys The instance's; none where there is no such instance.
 * @param now For the signature's times.
 */
export async function verifySender(
  credentials: Credentials,
  keys: readonly WebhookKeys[],
  now: Date,
): Promise<SenderVerdict> {
  const byBearer = credentials.authorization !== null;
  const verdicts = await Promise.all(
    (keys.length === 0 ? nobody : keys).map(async ({ secret, token }) =>
      byBearer
        ? await signedAt(credentials.authorization ?? "", secret, now)
        : isToken(credentials.token, token)
    ),
  );
  if (keys.length === 0) return { trusted: false, reason: "unknown_instance" };
  const place = verdicts.findIndex((verdict) => verdict !== false);
  const shown = verdicts[place];
  if (shown !== undefined && shown !== false) {
    const signedAt = shown === true ? null : new Date(shown * 1000);
    return { trusted: true, keyId: keys[place]?.id ?? "", signedAt };
  }
  return { trusted: false, reason: byBearer ? "bad_bearer" : "bad_token" };
}

/** When it was signed, in seconds; false where it does not count. */
async function signedAt(
  authorization: string,
  secret: string,
  now: Date,
): Promise<number | false> {
  const bearer = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization)?.[1];
  if (bearer === undefined || secret === "") return false;
  try {
    const { payload } = await jwtVerify(bearer, new TextEncoder().encode(secret), {
      algorithms: ["HS256"],
      requiredClaims: ["iat", "exp"],
      clockTolerance: RETRIES_S + CLOCK_TOLERANCE_S,
      currentDate: now,
    });
    const { iat, exp } = payload;
    if (iat === undefined || exp === undefined || exp - iat > LIFETIME_S) return false;
    // The tolerance above is for the end alone: nothing was signed in the future.
    return iat <= now.getTime() / 1000 + CLOCK_TOLERANCE_S ? iat : false;
  } catch {
    return false;
  }
}

function isToken(given: string | null, expected: string | null): boolean {
  const same = equalSecrets(given ?? "", expected ?? "no token configured");
  return same && expected !== null && expected !== "";
}
