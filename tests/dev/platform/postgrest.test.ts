import assert from "node:assert/strict";
import postgres from "postgres";
import { createLocalAuth, type LocalAuth } from "../../../dev/platform/auth/local-auth.ts";
import { type Postgrest, startPostgrest } from "../../../dev/platform/database/postgrest.ts";
import type { PostgresServer } from "../../../dev/platform/database/postgres.ts";
import { runSqlFile } from "../../../dev/platform/database/sql-file.ts";
import { closeServerAfterAll, testServer } from "../../support/server.ts";

const DATABASE = `api_${crypto.randomUUID()}`;
closeServerAfterAll();

let server: PostgresServer;
let postgrest: Postgrest;
let auth: LocalAuth;
let sql: postgres.Sql;

Deno.test.beforeAll(async () => {
  server = await testServer();
  await server.createDatabase(DATABASE);
  const project = new URL("../../../dev/platform/database/supabase-project.sql", import.meta.url);
  await runSqlFile(`${server.adminUrl}/${DATABASE}`, project);
  sql = postgres(server.url(DATABASE), { max: 1, onnotice: () => {} });
  await sql.unsafe(`
    create function public.whoami() returns jsonb language sql as
      $$ select jsonb_build_object('user', auth.uid(), 'role', current_user) $$;
    create schema private;
    create table private.keys (id int);
  `).simple();
  auth = await createLocalAuth({ url: "http://127.0.0.1:54321" });
  const databaseUrl = server.url(DATABASE);
  postgrest = await startPostgrest({ databaseUrl, jwks: auth.jwks });
});

Deno.test.afterAll(async () => {
  await sql.end();
  // Stopping what was stopped is nothing.
  await postgrest.stop();
  await server.dropDatabase(DATABASE);
});

async function call(path: string, token: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(postgrest.url + path, {
    headers: { authorization: `Bearer ${token}` },
  });
  return { status: response.status, body: await response.json() };
}

Deno.test("a token makes its request that user's or that role's, and what is no token nobody's", async () => {
  const userId = crypto.randomUUID();
  const stranger = await createLocalAuth({ url: auth.url });
  const seen: readonly (readonly [token: string, role: string | null])[] = [
    [await auth.userToken({ userId }), "authenticated"],
    // What the gateway makes of a key of today.
    [auth.roleToken("anon"), "anon"],
    [auth.roleToken("service_role"), "service_role"],
    [auth.anonKey, "anon"],
    [auth.serviceRoleKey, "service_role"],
    [auth.secretKey, null],
    [await auth.userToken({ userId, expiresIn: -60 }), null],
    [await stranger.userToken({ userId }), null],
    [stranger.serviceRoleKey, null],
  ];
  for (const [token, role] of seen) {
    const { status, body } = await call("/rpc/whoami", token);
    if (role === null) assert.equal(status, 401);
    else assert.deepEqual(body, { user: role === "authenticated" ? userId : null, role });
  }
});

Deno.test("no schema but public is served, and once it is stopped none", async () => {
  const response = await fetch(`${postgrest.url}/keys`, {
    headers: { authorization: `Bearer ${auth.serviceRoleKey}`, "accept-profile": "private" },
  });
  assert.equal(response.status, 406);
  await response.body?.cancel();
  await postgrest.stop();
  await assert.rejects(fetch(postgrest.url), TypeError);
});
