import assert from "node:assert/strict";
import { mock } from "node:test";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { createLocalAuth, type LocalAuth } from "../../dev/platform/auth/local-auth.ts";
import { createAuthenticator } from "../../supabase/functions/evolution-api/authenticator.ts";
import { systemClock } from "../../supabase/functions/_shared/runtime/clock.ts";

const userId = crypto.randomUUID();

/** No other test has this address: supabase-js keeps key sets by address. */
const address = () => `https://rotation-${crypto.randomUUID()}.supabase.co`;

async function project(options: { readonly legacyKeys?: boolean } = {}) {
  const url = address();
  const auth = await createLocalAuth({ url, ...options });
  const asked: string[] = [];
  const authenticator = createAuthenticator({
    supabaseUrl: url,
    secretKey: auth.secretKey,
    publishableKey: auth.publishableKey,
  }, {
    clock: systemClock,
    fetch: (input, init) => {
      const request = new Request(input, init);
      asked.push(new URL(request.url).pathname.split("/").at(-1)!);
      return auth.handle(request);
    },
  });
  /** "in", or why not. */
  const shows = async (token: string) => {
    const identity = await authenticator.identify(token);
    if (identity.outcome !== "user") return identity.outcome;
    return identity.userId === userId ? "in" : identity.userId;
  };
  return { auth, asked, shows };
}

/** supabase-js keeps a key set for ten minutes of this clock. */
async function minutesLater(minutes: number, run: () => Promise<void>): Promise<void> {
  const now = Date.now();
  const moved = mock.method(Date, "now", () => now + minutes * 60_000);
  try {
    await run();
  } finally {
    moved.mock.restore();
  }
}

Deno.test("the key set is read once for any number of tokens", async () => {
  const { auth, asked, shows } = await project();
  for (let count = 0; count < 3; count++) {
    assert.equal(await shows(await auth.userToken({ userId })), "in");
  }
  assert.deepEqual(asked, ["jwks.json"]);
});

Deno.test("a token of a key that came after the key set was read is accepted at once", async () => {
  const { auth, asked, shows } = await project();
  const old = await auth.userToken({ userId });
  assert.equal(await shows(old), "in");
  await auth.rotate();
  const fresh = await auth.userToken({ userId });
  assert.equal(await shows(fresh), "in");
  assert.equal(await shows(old), "in", "both keys are published");
  assert.deepEqual(asked, ["jwks.json", "jwks.json"]);
});

Deno.test("a removed key's tokens end with the kept key set, or with a fresh key's first token", async () => {
  for (const ends of ["with the key set", "with a fresh token"]) {
    const { auth, shows } = await project();
    const old = await auth.userToken({ userId });
    assert.equal(await shows(old), "in");
    await auth.rotate();
    auth.revokeOldKeys();
    await minutesLater(ends === "with the key set" ? 11 : 0, async () => {
      if (ends === "with a fresh token") await shows(await auth.userToken({ userId }));
      assert.equal(await shows(old), "invalid", ends);
      assert.equal(await shows(await auth.userToken({ userId })), "in");
    });
  }
});

Deno.test("a legacy token is good where the auth server says so, and only there", async () => {
  const legacyToken = ({ jwtSecret }: LocalAuth) =>
    new SignJWT({ aud: "authenticated", role: "authenticated", sub: userId, session_id: "s" })
      .setProtectedHeader({ alg: "HS256" }).setIssuedAt().setExpirationTime("1h")
      .sign(new TextEncoder().encode(jwtSecret));
  const on = await project();
  assert.equal(await on.shows(await legacyToken(on.auth)), "in");
  assert.deepEqual(on.asked, ["user"]);
  const off = await project({ legacyKeys: false });
  assert.equal(await off.shows(await legacyToken(off.auth)), "invalid");
});

const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
const keys = [{ ...await exportJWK(publicKey), kid: "the-project", alg: "ES256", use: "sig" }];

for (
  const [claims, whose] of [
    [{}, "user"],
    [{ aud: ["other", "authenticated"] }, "user"],
    [{ role: "anon" }, "invalid"],
    [{ role: "service_role" }, "invalid"],
    [{ role: undefined }, "invalid"],
    [{ aud: "other" }, "invalid"],
    [{ aud: ["other"] }, "invalid"],
    [{ aud: undefined }, "invalid"],
    [{ sub: "admin" }, "invalid"],
    [{ sub: undefined }, "invalid"],
  ] as readonly (readonly [Record<string, unknown>, "user" | "invalid"])[]
) {
  Deno.test(`a token that the project itself signed with ${JSON.stringify(claims)}: ${whose}`, async () => {
    const fetch = () => Promise.resolve(Response.json({ keys }));
    const project = { supabaseUrl: address(), secretKey: "sb_secret_0" };
    const authenticator = createAuthenticator(project, { fetch, clock: systemClock });
    const ours = { sub: userId, role: "authenticated", aud: "authenticated" };
    const token = await new SignJWT({ ...ours, ...claims })
      .setProtectedHeader({ alg: "ES256", kid: "the-project", typ: "JWT" })
      .setIssuedAt().setExpirationTime("1h").sign(privateKey);
    const identity = await authenticator.identify(token);
    assert.deepEqual(identity, whose === "user" ? { outcome: "user", userId } : { outcome: whose });
  });
}
