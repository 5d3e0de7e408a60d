import assert from "node:assert/strict";
import { base64url, exportJWK, exportSPKI, generateKeyPair, importJWK, SignJWT } from "jose";
import type { JWK } from "jose";
import { createLocalAuth } from "../../dev/platform/auth/local-auth.ts";
import { CRON_SECRET, SUPABASE_URL } from "../../dev/world/virtual-world.ts";
import { requireCronSecret } from "../../supabase/functions/_shared/http/auth.ts";
import { databaseContent } from "../support/database-content.ts";
import { count, isLong } from "../../dev/tasks/security/counts.ts";
import {
  bareTest,
  type BareWorld,
  CRON_FUNCTIONS,
  knownActions,
  OLD_CRON_SECRET,
} from "./support/bare-world.ts";

const json = (value: unknown) => base64url.encode(JSON.stringify(value));

/** Authorization that is nobody's, by what is wrong with it. Null: no header at all. */
async function strangers({ world }: BareWorld): Promise<Record<string, string | null>> {
  const { auth, company, userToken } = world;
  const [header, claims, signature] = userToken.split(".") as [string, string, string];
  const good = JSON.parse(new TextDecoder().decode(base64url.decode(claims)));
  const publicJwk = auth.publicJwks.keys[0] as JWK & { kid: string };
  const asSecret = (text: string) => new TextEncoder().encode(text);
  const hs256 = (secret: Uint8Array, claims: Record<string, unknown>, kid?: string) =>
    new SignJWT(claims).setProtectedHeader({ alg: "HS256", ...(kid && { kid }) }).sign(secret);
  const publicPem = await exportSPKI(await importJWK(publicJwk, "ES256") as CryptoKey);
  const rsa = await generateKeyPair("RS256");
  const other = await createLocalAuth({ url: SUPABASE_URL });
  const own = await generateKeyPair("ES256");
  const ownKey = await exportJWK(own.publicKey);
  const legacy = asSecret(auth.jwtSecret);
  const es256 = (kid: string, more: Record<string, unknown> = {}) =>
    new SignJWT(good).setProtectedHeader({ alg: "ES256", kid, ...more }).sign(own.privateKey);
  const bearers: Record<string, string> = {
    "an empty token": "",
    "garbage": "garbage",
    "three dots": "a.b.c",
    "an expired token": await auth.userToken({ userId: company.userId, expiresIn: -60 }),
    "the anon key": auth.anonKey,
    "the service key": auth.serviceRoleKey,
    "the publishable key": auth.publishableKey,
    "the secret key": auth.secretKey,
    "what the platform makes of the secret key": auth.roleToken("service_role"),
    "role anon": await hs256(legacy, { ...good, role: "anon" }),
    "role service_role": await hs256(legacy, { ...good, role: "service_role" }),
    "no role": await hs256(legacy, { ...good, role: undefined }),
    "another audience": await hs256(legacy, { ...good, aud: "somewhere" }),
    "no audience": await hs256(legacy, { ...good, aud: undefined }),
    "no subject": await hs256(legacy, { ...good, sub: undefined }),
    "a subject that is no id": await hs256(legacy, { ...good, sub: "admin" }),
    "alg none": `${json({ alg: "none", typ: "JWT" })}.${claims}.`,
    "alg none, signed": `${json({ alg: "none", typ: "JWT" })}.${claims}.${signature}`,
    "alg None with our kid": `${json({ alg: "None", kid: publicJwk.kid })}.${claims}.${signature}`,
    "no algorithm": `${json({ kid: publicJwk.kid })}.${claims}.${signature}`,
    "an algorithm that is a number": `${json({ alg: 256 })}.${claims}.${signature}`,
    "HS256 with the public key as secret": await hs256(asSecret(publicPem), good, publicJwk.kid),
    "HS256 with the key set as secret": await hs256(asSecret(JSON.stringify(publicJwk)), good),
    "HS256 with the point as secret": await hs256(base64url.decode(publicJwk.x!), good),
    "HS256 with an empty-looking secret": await hs256(new Uint8Array(32), good),
    "another project's token": await other.userToken({ userId: company.userId }),
    "an own key under our kid": await es256(publicJwk.kid),
    "an own key brought along": await es256(publicJwk.kid, { jwk: ownKey }),
    "an own key by address": await es256("x", { jku: "https://evil.example/jwks.json" }),
    "RS256 under our kid": await new SignJWT(good)
      .setProtectedHeader({ alg: "RS256", kid: publicJwk.kid }).sign(rsa.privateKey),
    "another user written in": `${header}.${
      json({ ...good, sub: crypto.randomUUID() })
    }.${signature}`,
    "a longer life written in": `${header}.${json({ ...good, exp: good.exp + 1 })}.${signature}`,
    "a signature cut off": `${header}.${claims}.`,
    "a signature with a bit changed": `${header}.${claims}.${flip(signature)}`,
    "two tokens": `${userToken} ${userToken}`,
    "the token in quotes": `"${userToken}"`,
  };
  return {
    ...Object.fromEntries(Object.entries(bearers).map(([what, it]) => [what, `Bearer ${it}`])),
    "no token": null,
    "another scheme": `Basic ${userToken}`,
    "a scheme that is none": `Token ${userToken}`,
    "no scheme": userToken,
  };
}

function flip(signature: string): string {
  const bytes = base64url.decode(signature);
  bytes[5]! ^= 1;
  return base64url.encode(bytes);
}

bareTest(
  "every action refuses every stranger itself, and does nothing for them",
  async (bare) => {
    const { world } = bare;
    const { conversationId, instanceId } = world.company;
    const actions = await knownActions(bare);
    assert.ok(actions.includes("send_message_async"), actions.join());
    const before = await databaseContent(world);
    const [queries, calls] = [bare.queries.length, world.gateway.calls.length];
    const everybody = Object.entries(await strangers(bare));
    for (const [at, action] of actions.entries()) {
      // The short form shows the first action everybody, each other one its share of them.
      const some = everybody.filter((_, index) =>
        isLong || at === 0 || index % actions.length === at
      );
      const body = JSON.stringify({ action, conversationId, instanceId, message: "let me in" });
      for (const [what, bearer] of some) {
        // The project's public key opens the platform's door, not ours.
        const apikey = world.auth.publishableKey;
        const headers = bearer === null ? { apikey } : { apikey, authorization: bearer };
        const told = await bare.ask("evolution-api", { body, headers });
        assert.equal(told.status, 401, `${action}: ${what}`);
        assert.equal(JSON.parse(told.text).errorCode, "UNAUTHENTICATED", what);
        count("access checks");
      }
    }
    await bare.settle();
    assert.deepEqual(await databaseContent(world), before);
    assert.deepEqual([bare.queries.length, world.gateway.calls.length], [queries, calls]);
  },
);

const authFaults: Readonly<Record<string, () => Promise<Response>>> = {
  "refuses connections": () => Promise.reject(new TypeError("connection refused")),
  "answers 500": () => Promise.resolve(Response.json({ msg: "broken" }, { status: 500 })),
  "answers 503 with a page": () => Promise.resolve(new Response("<html>", { status: 503 })),
  "answers 429": () => Promise.resolve(Response.json({ msg: "slow down" }, { status: 429 })),
  "answers a page": () => Promise.resolve(new Response("<html>")),
  "hangs": () => new Promise<never>(() => {}),
};

let answer = authFaults["hangs"]!;

bareTest(
  "where the auth server cannot say who it is, nobody gets in and everybody may try again",
  async (bare) => {
    const { company, auth, userToken } = bare.world;
    const user = { aud: "authenticated", role: "authenticated", sub: company.userId };
    const legacy = await new SignJWT(user)
      .setProtectedHeader({ alg: "HS256" }).setIssuedAt().setExpirationTime("1h")
      .sign(new TextEncoder().encode(auth.jwtSecret));
    const { conversationId } = company;
    const body = JSON.stringify({ action: "send_message_async", conversationId, message: "oi" });
    for (const [what, fault] of Object.entries(authFaults)) {
      answer = fault;
      for (const token of [userToken, legacy]) {
        const headers = { authorization: `Bearer ${token}` };
        const told = await bare.ask("evolution-api", { body, headers });
        assert.equal(told.status, 503, `${what}: ${told.text}`);
        assert.partialDeepStrictEqual(JSON.parse(told.text), {
          errorCode: "AUTH_UNAVAILABLE",
          retryable: true,
        });
        count("access checks");
      }
    }
    assert.equal(bare.queries.length, 0);
  },
  {
    aroundSupabase: (inner) => (input, init) =>
      String(input).includes("/auth/v1/") ? answer() : inner(input, init),
  },
);

bareTest(
  "the scheduler's functions open to its two secrets and to nothing else",
  async (bare) => {
    const { world } = bare;
    const strangers: Record<string, Record<string, string>> = {
      "no secret": {},
      "an empty secret": { "x-cron-secret": "" },
      "a wrong secret": { "x-cron-secret": "wrong" },
      "half the secret": { "x-cron-secret": CRON_SECRET.slice(0, -1) },
      "more than the secret": { "x-cron-secret": `${CRON_SECRET}0` },
      "the secret in capitals": { "x-cron-secret": CRON_SECRET.toUpperCase() },
      "both secrets at once": { "x-cron-secret": `${CRON_SECRET}, ${OLD_CRON_SECRET}` },
      "undefined": { "x-cron-secret": "undefined" },
      "the secret as a bearer": { authorization: `Bearer ${CRON_SECRET}` },
      "a user": { authorization: `Bearer ${world.userToken}` },
      "the anon key": { apikey: world.auth.anonKey, authorization: `Bearer ${world.auth.anonKey}` },
      "the service key": { authorization: `Bearer ${world.auth.serviceRoleKey}` },
      "the secret key": { apikey: world.auth.secretKey },
      "the service key as secret": { "x-cron-secret": world.auth.serviceRoleKey },
    };
    const before = await databaseContent(world);
    for (const name of CRON_FUNCTIONS) {
      for (const [what, headers] of Object.entries(strangers)) {
        const told = await bare.ask(name, { headers });
        assert.equal(told.status, 401, `${name}: ${what}`);
        count("access checks");
      }
    }
    assert.deepEqual(await databaseContent(world), before);
    assert.equal(bare.queries.length, 0);
    for (const name of CRON_FUNCTIONS) {
      for (const secret of [CRON_SECRET, OLD_CRON_SECRET]) {
        const told = await bare.ask(name, { headers: { "x-cron-secret": secret } });
        assert.equal(told.status, 200, told.text);
        count("access checks");
      }
    }
  },
);

Deno.test("where no secret is configured the scheduler's functions refuse everybody", () => {
  for (const given of [null, "", "undefined", "null", CRON_SECRET]) {
    const headers = given === null ? {} : { "x-cron-secret": given };
    const request = new Request("http://supabase.test/", { method: "POST", headers });
    assert.throws(() => requireCronSecret(request, []), { code: "UNAUTHENTICATED" });
    count("access checks");
  }
});
