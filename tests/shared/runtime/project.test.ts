import assert from "node:assert/strict";
import { createLocalAuth } from "../../../dev/platform/auth/local-auth.ts";
import * as z from "zod/mini";
import {
  createDatabase,
  type Database,
} from "../../../supabase/functions/_shared/runtime/database.ts";
import { readEnvironment } from "../../../supabase/functions/_shared/runtime/environment.ts";
import { createAuthenticator } from "../../../supabase/functions/evolution-api/authenticator.ts";
import { VirtualClock } from "../../../dev/world/virtual-clock.ts";

const project = () => `https://client-${crypto.randomUUID()}.supabase.co`;

/** What leaves for the database and the auth server with a key. */
async function leaves(key: string, userToken: string, supabaseUrl: string) {
  const seen: Record<string, string | null> = {};
  const fetcher: typeof fetch = (input, init) => {
    const { url, headers } = new Request(input, init);
    assert.equal(headers.get("apikey"), key, url);
    seen[new URL(url).pathname] = headers.get("authorization");
    return Promise.resolve(Response.json(url.includes("/rpc/") ? 7 : { keys: [] }));
  };
  const effects = { fetch: fetcher, clock: new VirtualClock() };
  await createDatabase({ supabaseUrl, secretKey: key }, effects).call("prune", {}, z.int());
  // The key set, which has no key of this token's, and then the auth server's own opinion.
  const keys = { supabaseUrl, secretKey: "sb_secret_unused", publishableKey: key };
  await createAuthenticator(keys, effects).identify(userToken);
  return seen;
}

Deno.test("a key of today leaves in `apikey` alone, a legacy one as the bearer too; a user's token is the bearer", async () => {
  const auth = await createLocalAuth({ url: project() });
  const userToken = await auth.userToken({ userId: crypto.randomUUID() });
  for (const key of [auth.secretKey, auth.publishableKey, auth.serviceRoleKey]) {
    const bearer = key === auth.serviceRoleKey ? `Bearer ${key}` : null;
    assert.deepEqual(await leaves(key, userToken, project()), {
      "/rest/v1/rpc/prune": bearer,
      "/auth/v1/.well-known/jwks.json": bearer,
      "/auth/v1/user": `Bearer ${userToken}`,
    });
  }
});

Deno.test("a project's address may have a path, and end with a slash or not", async () => {
  const auth = await createLocalAuth({ url: project() });
  const userToken = await auth.userToken({ userId: crypto.randomUUID() });
  for (const path of ["/supabase", "/supabase/"]) {
    const paths = Object.keys(await leaves(auth.secretKey, userToken, project() + path));
    assert.deepEqual(paths, [
      "/supabase/rest/v1/rpc/prune",
      "/supabase/auth/v1/.well-known/jwks.json",
      "/supabase/auth/v1/user",
    ]);
  }
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
    database.call("save_alert_channel", { p_user_id: null, p_channel: new Map() }, z.unknown()),
  ];
  assert.equal(typeof wrong, "function");
});

const SUPABASE_URL = "https://project.supabase.co";
const today = {
  SUPABASE_SECRET_KEYS: '{"default":"sb_secret_a","billing":"sb_secret_b"}',
  SUPABASE_PUBLISHABLE_KEYS: '{"default":"sb_publishable_a"}',
};
const legacy = { SUPABASE_SERVICE_ROLE_KEY: "ey.service", SUPABASE_ANON_KEY: "ey.anon" };

type Case = readonly [
  what: string,
  variables: Readonly<Record<string, string>>,
  secretKey: string,
  publishableKey?: string,
];

const blank = { SUPABASE_SECRET_KEYS: "", SUPABASE_PUBLISHABLE_KEYS: "" };
const none = { SUPABASE_SECRET_KEYS: "{}", SUPABASE_PUBLISHABLE_KEYS: "{}" };
const noLegacy = { SUPABASE_SERVICE_ROLE_KEY: "", SUPABASE_ANON_KEY: "" };

const CASES: readonly Case[] = [
  ["keys of today alone", today, "sb_secret_a", "sb_publishable_a"],
  ["both kinds", { ...legacy, ...today }, "sb_secret_a", "sb_publishable_a"],
  ["legacy keys alone", legacy, "ey.service", "ey.anon"],
  ["empty maps", { ...legacy, ...none }, "ey.service", "ey.anon"],
  ["empty variables", { ...legacy, ...blank }, "ey.service", "ey.anon"],
  ["empty legacy keys", { ...today, ...noLegacy }, "sb_secret_a", "sb_publishable_a"],
  ["a key of another name", { SUPABASE_SECRET_KEYS: '{"functions":"sb_secret_c"}' }, "sb_secret_c"],
];

for (const [what, variables, secretKey, publishableKey] of CASES) {
  Deno.test(`the project's keys, from ${what}`, () => {
    const read = readEnvironment({ SUPABASE_URL, ...variables });
    assert.deepEqual([read.secretKey, read.publishableKey], [secretKey, publishableKey]);
  });
}

Deno.test("keys that are missing or cannot be read are named, never shown", () => {
  const wrong: readonly (readonly [Record<string, string>, RegExp])[] = [
    [{}, /SUPABASE_SECRET_KEYS/],
    [{ SUPABASE_PUBLISHABLE_KEYS: today.SUPABASE_PUBLISHABLE_KEYS }, /SUPABASE_SECRET_KEYS/],
    [{ SUPABASE_SECRET_KEYS: "sb_secret_bare" }, /SUPABASE_SECRET_KEYS/],
    [{ SUPABASE_SECRET_KEYS: '["sb_secret_listed"]' }, /SUPABASE_SECRET_KEYS/],
    [{ ...legacy, SUPABASE_SECRET_KEYS: '{"default":""}' }, /SUPABASE_SECRET_KEYS/],
    [{ ...legacy, SUPABASE_PUBLISHABLE_KEYS: "{" }, /SUPABASE_PUBLISHABLE_KEYS/],
  ];
  for (const [variables, named] of wrong) {
    assert.throws(() => readEnvironment({ SUPABASE_URL, ...variables }), (error: Error) => {
      assert.match(error.message, named);
      assert.doesNotMatch(error.message, /sb_secret|ey\./);
      return true;
    });
  }
});
