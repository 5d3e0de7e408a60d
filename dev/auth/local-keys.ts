/**
 * Supabase Auth's keys and tokens, made at every start: no secret lies in the repository.
 *
 * @module
 */

import {
  base64url,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  type JSONWebKeySet,
  type JWTPayload,
  jwtVerify,
  SignJWT,
} from "jose";

/** Whom a token is for. */
export interface UserTokenOptions {
  readonly userId: string;
  readonly email?: string;
  /** Validity in seconds; an hour unless told. Negative for a token that has expired. */
  readonly expiresIn?: number;
  /** The session that it belongs to; a new one unless told. */
  readonly sessionId?: string;
}

/** The local project's keys. */
export interface LocalKeys {
  /** The project's address (SUPABASE_URL), without a slash at the end. */
  readonly url: string;
  /** What `/auth/v1/.well-known/jwks.json` publishes: the ES256 key that verifies user tokens. */
  readonly publicJwks: JSONWebKeySet;
  /** For PostgREST: the public key and the legacy secret. Not to be published. */
  readonly jwks: JSONWebKeySet;
  /** The legacy HS256 secret. */
  readonly jwtSecret: string;
  /** The legacy `anon` key. */
  readonly anonKey: string;
  /** The legacy `service_role` key. */
  readonly serviceRoleKey: string;
  /** An access token with the claims that Supabase gives. */
  userToken(options: UserTokenOptions): Promise<string>;
  /** A token's claims, or undefined where neither key signed it or its time is over. */
  verify(token: string): Promise<JWTPayload | undefined>;
}

const TEN_YEARS_S = 10 * 365 * 86_400;

/**
 * Makes the keys.
 *
 * @param options `url`: the project's address; `now`: the wall clock unless told (PostgREST and
 * supabase-js judge tokens by theirs, so a virtual clock does not belong here).
 */
export async function createLocalKeys(
  options: { readonly url: string; readonly now?: () => Date },
): Promise<LocalKeys> {
  const { url, now = () => new Date() } = options;
  const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
  const bare = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(bare);
  const publicJwk = { ...bare, kid, alg: "ES256", use: "sig", key_ops: ["verify"] };

  const jwtSecret = base64url.encode(crypto.getRandomValues(new Uint8Array(48)));
  const secret = new TextEncoder().encode(jwtSecret);
  const legacyJwk = { kty: "oct", k: base64url.encode(secret), alg: "HS256" };
  const seconds = () => Math.floor(now().getTime() / 1000);

  const legacyKey = (role: "anon" | "service_role") =>
    new SignJWT({ iss: "supabase", role, iat: seconds(), exp: seconds() + TEN_YEARS_S })
      .setProtectedHeader({ alg: "HS256", typ: "JWT" })
      .sign(secret);

  return {
    url,
    publicJwks: { keys: [publicJwk] },
    jwks: { keys: [publicJwk, legacyJwk] },
    jwtSecret,
    anonKey: await legacyKey("anon"),
    serviceRoleKey: await legacyKey("service_role"),
    userToken: (user) =>
      new SignJWT(userClaims(url, seconds(), user))
        .setProtectedHeader({ alg: "ES256", kid, typ: "JWT" })
        .sign(privateKey),
    verify: async (token) => {
      // Each algorithm with its own key only: the public key is never an HS256 secret.
      for (const [key, alg] of [[publicKey, "ES256"], [secret, "HS256"]] as const) {
        try {
          const checks = { algorithms: [alg], currentDate: now() };
          return (await jwtVerify(token, key, checks)).payload;
        } catch {
          continue;
        }
      }
      return undefined;
    },
  };
}

function userClaims(url: string, iat: number, user: UserTokenOptions): JWTPayload {
  return {
    iss: `${url}/auth/v1`,
    sub: user.userId,
    aud: "authenticated",
    role: "authenticated",
    iat,
    exp: iat + (user.expiresIn ?? 3600),
    email: user.email ?? "",
    phone: "",
    app_metadata: { provider: "email", providers: ["email"] },
    user_metadata: {},
    aal: "aal1",
    amr: [{ method: "password", timestamp: iat }],
    session_id: user.sessionId ?? crypto.randomUUID(),
    is_anonymous: false,
  };
}
