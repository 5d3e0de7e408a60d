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
  type JWK,
  type JWTPayload,
  jwtVerify,
  SignJWT,
} from "jose";

/** Whom a token is for. */
interface UserTokenOptions {
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
  /**
   * What `/auth/v1/.well-known/jwks.json` publishes: the ES256 keys that verify user tokens, as they
   * are now.
   */
  readonly publicJwks: JSONWebKeySet;
  /**
   * For PostgREST: the first user key, the gateway's own, and the legacy secret where it is valid.
   * Not to be published.
   */
  readonly jwks: JSONWebKeySet;
  /** `sb_publishable_…`: as the role `anon`. */
  readonly publishableKey: string;
  /** `sb_secret_…`: as the role `service_role`. */
  readonly secretKey: string;
  /** Whether the legacy keys, and tokens of their secret, are valid. */
  readonly legacyKeys: boolean;
  /** The legacy HS256 secret. */
  readonly jwtSecret: string;
  /** The legacy `anon` key. */
  readonly anonKey: string;
  /** The legacy `service_role` key. */
  readonly serviceRoleKey: string;
  /** The token that the platform's gateway puts in an API key's place; PostgREST believes it. */
  roleToken(role: ApiRole): string;
  /** Signs user tokens with a new key from now on; the old ones stay published. */
  rotate(): Promise<void>;
  /** Takes every key but the newest out of the key set. */
  revokeOldKeys(): void;
  /** An access token with the claims that Supabase gives. */
  userToken(options: UserTokenOptions): Promise<string>;
  /** A token's claims, or undefined where no valid key signed it or its time is over. */
  verify(token: string): Promise<JWTPayload | undefined>;
}

/** Whom an API key makes its bearer. */
export type ApiRole = "anon" | "service_role";

/** How to make keys. */
export interface LocalKeysOptions {
  /** The project's address (SUPABASE_URL), without a slash at the end. */
  readonly url: string;
  /** False: the project's legacy keys are switched off. */
  readonly legacyKeys?: boolean;
}

const TEN_YEARS_S = 10 * 365 * 86_400;

/** Makes the keys. */
export async function createLocalKeys(options: LocalKeysOptions): Promise<LocalKeys> {
  const { url, legacyKeys = true } = options;
  const userKeys = [await createSigningKey()];
  const current = () => userKeys.at(-1)!;
  const publicJwks = { keys: [current().jwk] };
  const gatewayKey = createGatewayKey();

  const jwtSecret = base64url.encode(crypto.getRandomValues(new Uint8Array(48)));
  const secret = new TextEncoder().encode(jwtSecret);
  const legacyJwk = { kty: "oct", k: base64url.encode(secret), alg: "HS256" };
  // PostgREST and supabase-js judge tokens by the wall clock.
  const seconds = () => Math.floor(Date.now() / 1000);

  const roleClaims = (role: ApiRole): JWTPayload => ({
    iss: "supabase",
    role,
    iat: seconds(),
    exp: seconds() + TEN_YEARS_S,
  });
  // Short-lived on the platform; it never leaves the stack, and signing one for each request is slow.
  const roleToken = (role: ApiRole) =>
    new SignJWT(roleClaims(role))
      .setProtectedHeader({ alg: "HS256", kid: gatewayKey.jwk.kid, typ: "JWT" })
      .sign(gatewayKey.secret);
  const roleTokens = {
    anon: await roleToken("anon"),
    service_role: await roleToken("service_role"),
  };
  const legacyKey = (role: ApiRole) =>
    new SignJWT(roleClaims(role))
      .setProtectedHeader({ alg: "HS256", typ: "JWT" })
      .sign(secret);

  return {
    url,
    publicJwks,
    jwks: { keys: [current().jwk, gatewayKey.jwk, ...(legacyKeys ? [legacyJwk] : [])] },
    publishableKey: `sb_publishable_${randomPart()}`,
    secretKey: `sb_secret_${randomPart()}`,
    legacyKeys,
    jwtSecret,
    anonKey: await legacyKey("anon"),
    serviceRoleKey: await legacyKey("service_role"),
    userToken: (user) => sign(current(), userClaims(url, seconds(), user)),
    roleToken: (role) => roleTokens[role],
    rotate: async () => {
      userKeys.push(await createSigningKey());
      publicJwks.keys.push(current().jwk);
    },
    revokeOldKeys: () => {
      userKeys.splice(0, userKeys.length - 1);
      publicJwks.keys.splice(0, publicJwks.keys.length - 1);
    },
    verify: async (token) => {
      // Each algorithm with its own keys only: a public key is never an HS256 secret.
      const valid = [
        ...userKeys.map(({ publicKey }) => [publicKey, "ES256"] as const),
        ...(legacyKeys ? [[secret, "HS256"] as const] : []),
      ];
      for (const [key, alg] of valid) {
        try {
          return (await jwtVerify(token, key, { algorithms: [alg] })).payload;
        } catch {
          continue;
        }
      }
      return undefined;
    },
  };
}

interface SigningKey {
  readonly publicKey: CryptoKey;
  readonly privateKey: CryptoKey;
  /** The public half, as it is published. */
  readonly jwk: JWK & { readonly kid: string };
}

async function createSigningKey(): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
  const bare = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(bare);
  const jwk = { ...bare, kid, alg: "ES256", use: "sig", key_ops: ["verify"] };
  return { publicKey, privateKey, jwk };
}

/**
 * Nobody but PostgREST has to know it, and to verify an ES256 signature takes it three times as
 * long as all else.
 */
function createGatewayKey() {
  const secret = crypto.getRandomValues(new Uint8Array(48));
  const kid = `gateway-${randomPart()}`;
  return { secret, jwk: { kty: "oct", k: base64url.encode(secret), kid, alg: "HS256" } };
}

function sign({ privateKey, jwk }: SigningKey, claims: JWTPayload): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: "ES256", kid: jwk.kid, typ: "JWT" }).sign(privateKey);
}

function randomPart(): string {
  return base64url.encode(crypto.getRandomValues(new Uint8Array(24)));
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
