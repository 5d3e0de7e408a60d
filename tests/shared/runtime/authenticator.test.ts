import assert from "node:assert/strict";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { createAuthenticator } from "../../../supabase/functions/_shared/runtime/authenticator.ts";
import { systemClock } from "../../../supabase/functions/_shared/runtime/clock.ts";

const USER = "0b0e7c1e-0000-4000-8000-000000000001";
const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
const keys = [{ ...await exportJWK(publicKey), kid: "the-project", alg: "ES256", use: "sig" }];

/** The user of a token that the project itself has signed; these are no user's claims unless told. */
async function identify(claims: Readonly<Record<string, unknown>>) {
  const authenticator = createAuthenticator({
    supabaseUrl: "https://project.example",
    secretKey: "sb_secret_0",
  }, { fetch: () => Promise.resolve(Response.json({ keys })), clock: systemClock });
  const token = await new SignJWT({
    sub: USER,
    role: "authenticated",
    aud: "authenticated",
    ...claims,
  })
    .setProtectedHeader({ alg: "ES256", kid: "the-project", typ: "JWT" })
    .setIssuedAt().setExpirationTime("1h").sign(privateKey);
  return await authenticator.identify(token);
}

Deno.test("a token that the project signed for a user is that user's", async () => {
  assert.deepEqual(await identify({}), { outcome: "user", userId: USER });
  assert.deepEqual(await identify({ aud: ["other", "authenticated"] }), {
    outcome: "user",
    userId: USER,
  });
});

for (
  const claims of [
    { role: "anon" },
    { role: "service_role" },
    { role: undefined },
    { aud: "other" },
    { aud: ["other"] },
    { aud: undefined },
    { sub: "admin" },
    { sub: undefined },
  ]
) {
  Deno.test(`a token that the project signed with ${JSON.stringify(claims)} is nobody's`, async () => {
    assert.deepEqual(await identify(claims), { outcome: "invalid" });
  });
}
