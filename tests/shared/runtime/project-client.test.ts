import assert from "node:assert/strict";
import { createLocalAuth } from "../../../dev/platform/auth/local-auth.ts";
import { createProjectClient } from "../../../supabase/functions/_shared/runtime/database.ts";

const project = () => `https://client-${crypto.randomUUID()}.supabase.co`;

/** What leaves for the database and the auth server with a key. */
async function leaves(key: string, userToken: string) {
  const seen: Record<string, string | null> = {};
  const fetcher: typeof fetch = (input, init) => {
    const { url, headers } = new Request(input, init);
    assert.equal(headers.get("apikey"), key, url);
    seen[new URL(url).pathname] = headers.get("authorization");
    return Promise.resolve(Response.json({ keys: [] }));
  };
  const client = createProjectClient(project(), key, fetcher);
  await client.rpc("sweep");
  // The key set, which has no key of this token's, and then the auth server's own opinion.
  await client.auth.getClaims(userToken);
  return seen;
}

Deno.test("a key of today leaves in `apikey` alone; a user's token is the bearer", async () => {
  const auth = await createLocalAuth({ url: project() });
  const userToken = await auth.userToken({ userId: crypto.randomUUID() });
  for (const key of [auth.secretKey, auth.publishableKey]) {
    assert.deepEqual(await leaves(key, userToken), {
      "/rest/v1/rpc/sweep": null,
      "/auth/v1/.well-known/jwks.json": null,
      "/auth/v1/user": `Bearer ${userToken}`,
    });
  }
});

Deno.test("a legacy key, which is a token, is the bearer as well", async () => {
  const auth = await createLocalAuth({ url: project() });
  const userToken = await auth.userToken({ userId: crypto.randomUUID() });
  assert.deepEqual(await leaves(auth.serviceRoleKey, userToken), {
    "/rest/v1/rpc/sweep": `Bearer ${auth.serviceRoleKey}`,
    "/auth/v1/.well-known/jwks.json": `Bearer ${auth.serviceRoleKey}`,
    "/auth/v1/user": `Bearer ${userToken}`,
  });
});
