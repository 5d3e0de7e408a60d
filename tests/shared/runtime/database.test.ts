import assert from "node:assert/strict";
import { createLocalAuth } from "../../../dev/platform/auth/local-auth.ts";
import * as z from "zod/mini";
import {
  createDatabase,
  createProjectClient,
  type Database,
} from "../../../supabase/functions/_shared/runtime/database.ts";
import { VirtualClock } from "../../../dev/world/virtual-clock.ts";

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

/** A database that is answered by `fetch`. */
function databaseOf(fetch: typeof globalThis.fetch, clock = new VirtualClock()): Database {
  return createDatabase({ supabaseUrl: project(), secretKey: "sb_secret_x" }, { fetch, clock });
}

Deno.test("an answer is what its schema says, or an error that names the function alone", async () => {
  const answers = (status: number, body: unknown) =>
    databaseOf(() => Promise.resolve(Response.json(body, { status }))).call("prune", {}, z.int());
  assert.equal(await answers(200, 7), 7);
  await assert.rejects(answers(200, "seven"), { name: "$ZodError" });
  const refused = { code: "55P03", message: "row of +5511999998888 is locked", hint: "busy" };
  const named = { name: "DatabaseError", message: "prune: 55P03", code: "55P03", hint: "busy" };
  await assert.rejects(answers(500, refused), named);
  const unreachable = { name: "DatabaseError", message: "prune: unreachable", hint: null };
  const away = databaseOf(() => Promise.reject(new TypeError("refused")));
  await assert.rejects(away.call("prune", {}, z.int()), unreachable);
  const clock = new VirtualClock();
  const silent = databaseOf(() => new Promise(() => {}), clock).call("prune", {}, z.int());
  await assert.rejects(clock.until(silent), unreachable);
});

Deno.test("a wrong name or argument of a SQL function does not compile", () => {
  const wrong = (database: Database) => [
    // @ts-expect-error: no such function
    database.call("prune_everything", {}, z.int()),
    // @ts-expect-error: no such argument
    database.call("prune", { p_limit: 1 }, z.int()),
    // @ts-expect-error: an argument is missing
    database.call("connecting_seen", { p_instance_id: "" }, z.boolean()),
    // @ts-expect-error: a number is asked for
    database.call("connecting_seen", { p_instance_id: "", p_seconds: "1" }, z.boolean()),
    // SQL takes null, and any object as a jsonb.
    database.call("apply_message", { p_instance_id: null, p_message: new Map() }, z.string()),
  ];
  assert.equal(typeof wrong, "function");
});
