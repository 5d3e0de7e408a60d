import assert from "node:assert/strict";
import { createClient } from "@supabase/supabase-js";
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
