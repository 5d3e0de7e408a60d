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
  await postgrest.stop();
  await server.dropDatabase(DATABASE);
});

async function call(path: string, token?: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(postgrest.url + path, {
    headers: token ? { authorization: `Bearer ${token}` } : {},
  });
  return { status: response.status, body: await response.json() };
}

Deno.test("a user's token makes its request that user's", async () => {
  const userId = crypto.randomUUID();
  const { body } = await call("/rpc/whoami", await auth.userToken({ userId }));
  assert.deepEqual(body, { user: userId, role: "authenticated" });
});

Deno.test("what the gateway makes of a key of today is anon's or service_role's request", async () => {
  for (const role of ["anon", "service_role"] as const) {
    const { body } = await call("/rpc/whoami", auth.roleToken(role));
    assert.deepEqual(body, { user: null, role });
  }
  assert.equal((await call("/rpc/whoami", auth.secretKey)).status, 401);
});

Deno.test("the legacy keys make their requests anon's and service_role's", async () => {
  const asAnon = await call("/rpc/whoami", auth.anonKey);
  assert.deepEqual(asAnon.body, { user: null, role: "anon" });
  const asService = await call("/rpc/whoami", auth.serviceRoleKey);
  assert.deepEqual(asService.body, { user: null, role: "service_role" });
});

Deno.test("an expired token and another project's token are refused", async () => {
  const userId = crypto.randomUUID();
  const expired = await call("/rpc/whoami", await auth.userToken({ userId, expiresIn: -60 }));
  assert.equal(expired.status, 401);
  const stranger = await createLocalAuth({ url: auth.url });
  assert.equal((await call("/rpc/whoami", await stranger.userToken({ userId }))).status, 401);
  assert.equal((await call("/rpc/whoami", stranger.serviceRoleKey)).status, 401);
});

Deno.test("no schema but public is served", async () => {
  const response = await fetch(`${postgrest.url}/keys`, {
    headers: { authorization: `Bearer ${auth.serviceRoleKey}`, "accept-profile": "private" },
  });
  assert.equal(response.status, 406);
  await response.body?.cancel();
});

Deno.test("a stopped PostgREST answers nobody", async () => {
  const other = await startPostgrest({ databaseUrl: server.url(DATABASE), jwks: auth.jwks });
  await other.stop();
  await assert.rejects(fetch(other.url), TypeError);
});
