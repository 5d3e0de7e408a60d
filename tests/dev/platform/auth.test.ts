import assert from "node:assert/strict";
import { createClient } from "@supabase/supabase-js";
import { decodeProtectedHeader, SignJWT } from "jose";
import { createLocalAuth } from "../../../dev/platform/auth/local-auth.ts";

const URL = "http://127.0.0.1:54321";
const ana = { id: crypto.randomUUID(), email: "ana@example.com", password: "correct horse" };
const auth = await createLocalAuth({ url: URL, users: [ana] });

/** supabase-js, talking to the stand-in without a network. */
function client() {
  return createClient(URL, auth.anonKey, {
    auth: { persistSession: false, autoRefreshToken: false },
    global: { fetch: (input, init) => auth.handle(new Request(input, init)) },
  });
}

Deno.test("supabase-js logs a known user in, knows who it is, and verifies the token itself", async () => {
  const supabase = client();
  const { data, error } = await supabase.auth.signInWithPassword(ana);
  assert.equal(error, null);
  assert.equal(data.user?.id, ana.id);
  const { data: seen } = await supabase.auth.getUser();
  assert.equal(seen.user?.email, ana.email);
  const token = await auth.userToken({ userId: ana.id, email: ana.email });
  const { data: own } = await client().auth.getClaims(token);
  assert.deepEqual([own?.header.alg, own?.claims.sub], ["ES256", ana.id]);
});

Deno.test("a wrong password and an unknown address get the same answer", async () => {
  const answers = [];
  for (const tried of [{ ...ana, password: "guess" }, { ...ana, email: "eve@example.com" }]) {
    const { error } = await client().auth.signInWithPassword(tried);
    answers.push([error?.status, error?.code, error?.message]);
  }
  assert.deepEqual(answers[0], [400, "invalid_credentials", "Invalid login credentials"]);
  assert.deepEqual(answers[1], answers[0]);
});

Deno.test("a refresh token works once and keeps the session; logging out ends it", async () => {
  const supabase = client();
  const first = (await supabase.auth.signInWithPassword(ana)).data.session;
  assert.ok(first);
  const second = (await supabase.auth.refreshSession(first)).data.session;
  assert.ok(second);
  const sessionOf = async (token: string) => (await auth.verify(token))?.["session_id"];
  assert.equal(await sessionOf(second.access_token), await sessionOf(first.access_token));

  assert.equal((await client().auth.refreshSession(first)).error?.status, 400);
  assert.equal((await supabase.auth.signOut()).error, null);
  assert.equal((await client().auth.refreshSession(second)).error?.status, 400);
});

Deno.test("user tokens carry the claims that Supabase gives, and the key's id", async () => {
  const { email } = ana;
  const token = await auth.userToken({ userId: ana.id, email, expiresIn: 120 });
  const claims = await auth.verify(token);
  const [iss, authenticated] = [`${URL}/auth/v1`, "authenticated"];
  assert.partialDeepStrictEqual(claims, { iss, aud: authenticated, role: authenticated, email });
  assert.equal(claims!.exp! - claims!.iat!, 120);
  assert.match(String(claims?.["session_id"]), /^[0-9a-f-]{36}$/);
  assert.equal(decodeProtectedHeader(token).kid, auth.publicJwks.keys[0]?.kid);
});

Deno.test("expired, foreign and cleverly signed tokens are not verified", async () => {
  const expired = await auth.userToken({ userId: ana.id, expiresIn: -1 });
  assert.equal(await auth.verify(expired), undefined);

  const stranger = await createLocalAuth({ url: URL });
  assert.equal(await auth.verify(await stranger.userToken({ userId: ana.id })), undefined);
  assert.equal(await auth.verify(stranger.serviceRoleKey), undefined);

  // The public key's bytes as an HS256 secret: accepted by verifiers that trust the header's `alg`.
  const publicBytes = new TextEncoder().encode(JSON.stringify(auth.publicJwks.keys[0]));
  const confused = await new SignJWT({ sub: ana.id, role: "service_role" })
    .setProtectedHeader({ alg: "HS256" }).sign(publicBytes);
  assert.equal(await auth.verify(confused), undefined);
  const [, payload] = auth.serviceRoleKey.split(".");
  const none = btoa('{"alg":"none"}').replaceAll("=", "");
  assert.equal(await auth.verify(`${none}.${payload}.`), undefined);
});

Deno.test("what the server says of itself: its keys without secrets, and who asks, to users", async () => {
  assert.deepEqual(auth.publicJwks.keys.map((key) => [key.kty, "d" in key]), [["EC", false]]);
  const status = async (path: string, headers: Record<string, string> = {}) =>
    (await auth.handle(new Request(`${URL}/auth/v1/${path}`, { headers }))).status;
  assert.equal(await status("user"), 401);
  assert.equal(await status("user", { authorization: `Bearer ${auth.anonKey}` }), 403);
  assert.equal(await status("health"), 200);
  assert.equal(await status("factors"), 404);
});
