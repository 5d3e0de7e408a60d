import assert from "node:assert/strict";
import { mock } from "node:test";
import { SignJWT } from "jose";
import { createLocalAuth, type LocalAuth } from "../../../dev/platform/auth/local-auth.ts";
import { createAuthenticator } from "../../../supabase/functions/_shared/runtime/authenticator.ts";
import { systemClock } from "../../../supabase/functions/_shared/runtime/clock.ts";

const userId = crypto.randomUUID();

/** A project whose address no other test has: supabase-js keeps key sets by address. */
async function project(options: { readonly legacyKeys?: boolean } = {}) {
  const url = `https://rotation-${crypto.randomUUID()}.supabase.co`;
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

Deno.test("a removed key's tokens are refused when the kept key set has ended", async () => {
  const { auth, shows } = await project();
  const old = await auth.userToken({ userId });
  assert.equal(await shows(old), "in");
  await auth.rotate();
  auth.revokeOldKeys();
  await minutesLater(11, async () => {
    assert.equal(await shows(old), "invalid");
    assert.equal(await shows(await auth.userToken({ userId })), "in");
  });
});

Deno.test("a fresh key's token ends the removed key's tokens before that", async () => {
  const { auth, shows } = await project();
  const old = await auth.userToken({ userId });
  assert.equal(await shows(old), "in");
  await auth.rotate();
  auth.revokeOldKeys();
  assert.equal(await shows(await auth.userToken({ userId })), "in");
  assert.equal(await shows(old), "invalid");
});

Deno.test("a stranger's key under any name lets nobody in", async () => {
  const { shows } = await project();
  const stranger = await project();
  assert.equal(await shows(await stranger.auth.userToken({ userId })), "invalid");
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
