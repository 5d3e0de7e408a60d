/**
 * The same requests to PostgREST and to what stands in for it.
 *
 * @module
 */

import assert from "node:assert/strict";
import { createLocalAuth } from "../../../dev/platform/auth/local-auth.ts";
import { startPostgrest } from "../../../dev/platform/database/postgrest.ts";
import { startRpcDoor } from "../../../dev/platform/database/rpc-door.ts";
import { type CompanyDatabase, ownCompanyTest } from "../../support/database.ts";

const FUNCTIONS = `
  create function public.say(p_word text, p_times int default 2) returns text
    language sql as $$ select repeat(p_word, p_times) $$;
  create function public.told(p_what jsonb) returns jsonb language sql as $$ select p_what $$;
  create function public.rows_of(p_count int) returns table (n int, at timestamptz)
    language sql stable as $$
      select g, timestamptz '2026-01-01T00:00:00Z' from generate_series(1, p_count) g $$;
  create function public.words() returns setof text language sql as $$ values ('a'), ('b') $$;
  create function public.ids(p_ids uuid[]) returns int language sql as $$ select cardinality(p_ids) $$;
  create function public.nothing() returns void language sql as $$ select $$;
  create function public.none() returns text language sql as $$ select null::text $$;
  create function public.whoami() returns jsonb language sql stable as $$
    select jsonb_build_object('user', auth.uid(), 'role', current_user) $$;
  create function public.refuse(p_code text) returns int language plpgsql as $$
    begin raise exception 'no' using errcode = p_code, hint = 'a_word', detail = 'why'; end $$;
  create function public.writes() returns int language sql stable as $$ select 1 $$;
  create function public.secret() returns int language sql as $$ select 1 $$;
  revoke all on function public.secret() from public, anon, authenticated, service_role;
`;

/** Whose request a token makes it; null: nobody's. */
const CALLERS: readonly (readonly [who: string | null, role: string | null])[] = [
  ...[["service_role", "service_role"], ["anon", "anon"], ["user", "authenticated"]] as const,
  ...[["as service", "service_role"], ["as anon", "anon"], [null, "anon"]] as const,
  ...["expired", "stranger", "secret"].map((who) => [who, null] as const),
];

const CASES: readonly (readonly [fn: string, args: unknown, role?: string | null])[] = [
  ["say", { p_word: "a" }],
  ["say", { p_word: "a", p_times: 3 }],
  ["say", { p_word: null }],
  ["say", { p_times: 3 }],
  ["say", {}],
  ["say", { p_word: "a", p_other: 1 }],
  ["say", { p_word: "a", p_times: "three" }],
  ["nobody_knows_it", {}],
  ["told", { p_what: { a: [1, null, "ã"] } }],
  ["told", { p_what: null }],
  ["rows_of", { p_count: 2 }],
  ["rows_of", { p_count: 0 }],
  ["words", {}],
  ["ids", { p_ids: ["00000000-0000-4000-8000-000000000001"] }],
  ["ids", { p_ids: ["x"] }],
  ["nothing", {}],
  ["none", {}],
  ...CALLERS.map(([who]) => ["whoami", {}, who] as const),
  ["secret", {}],
  ["secret", {}, "anon"],
  ...["P0001", "P0002", "23505", "23503", "22023", "55P03", "57014", "42501", "40P01", "53300"]
    .map((code) => ["refuse", { p_code: code }] as const),
  ["webhook_keys", { p_instance_id: "00000000-0000-4000-8000-000000000001" }],
  ["webhook_keys", { p_instance_id: null }, "user"],
];

ownCompanyTest("without PostgREST every rpc answers as with it", async (db: CompanyDatabase) => {
  await db.sql.unsafe(FUNCTIONS);
  const auth = await createLocalAuth({ url: "http://127.0.0.1:54321" });
  const stranger = await createLocalAuth({ url: auth.url });
  const tokens: Readonly<Record<string, string>> = {
    service_role: auth.serviceRoleKey,
    anon: auth.anonKey,
    user: await auth.userToken({ userId: db.company.userId }),
    expired: await auth.userToken({ userId: db.company.userId, expiresIn: -60 }),
    stranger: stranger.serviceRoleKey,
    secret: auth.secretKey,
    // What the gateway makes of a key of today.
    "as anon": auth.roleToken("anon"),
    "as service": auth.roleToken("service_role"),
  };
  const api = { databaseUrl: db.url, jwks: auth.jwks };
  const [real, door] = [await startPostgrest(api), startRpcDoor(api)];
  const ask = async (url: string, [fn, args, role = "service_role"]: typeof CASES[number]) => {
    const response = await fetch(`${url}/rpc/${fn}`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(role === null ? {} : { authorization: `Bearer ${tokens[role]}` }),
      },
      body: JSON.stringify(args),
    });
    const text = await response.text();
    const body = text === "" ? null : JSON.parse(text);
    // What is wrong is told by the code; PostgREST's own sentences are its own.
    const { code } = body ?? {};
    const own = typeof code === "string" && code.startsWith("PGRST");
    return [response.status, own ? code : body];
  };
  try {
    const told: Record<"door" | "real", unknown[]> = { door: [], real: [] };
    for (const each of CASES) {
      told.door.push([each, ...await ask(door.url, each)]);
      told.real.push([each, ...await ask(real.url, each)]);
    }
    assert.deepEqual(told.door, told.real);
    for (const [who, role] of CALLERS) {
      const [, body] = await ask(real.url, ["whoami", {}, who]);
      assert.equal(body.role ?? null, role, `${who}`);
    }
    const table = await fetch(`${door.url}/messages?select=id`);
    assert.equal(table.status, 404);
    assert.match((await table.json()).message, /without PostgREST/);
  } finally {
    await real.stop();
    await door.stop();
  }
});
