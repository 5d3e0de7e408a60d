/**
 * `/rpc` without PostgREST, where that has no program for the machine: the project's own functions call
 * SQL functions and nothing else. The same roles, tokens, answers and error codes; the same tests are
 * played on both. What a frontend reads (tables, views, filters) it does not know.
 *
 * @module
 */

import { decodeProtectedHeader, errors, importJWK, type JSONWebKeySet, jwtVerify } from "jose";
import postgres from "postgres";
import { z } from "zod";
import { callOf, chooseRoutine, readRoutines } from "./routines.ts";
import { statusOf } from "./rpc-status.ts";

/** A running door; see `startPostgrest`. */
interface RpcDoor {
  readonly url: string;
  stop(): Promise<void>;
}

const args = z.record(z.string(), z.unknown());
const roles = z.object({ role: z.string().default("anon") }).loose();

/** What PostgreSQL said, as the client library has it. */
const refusal = z.object({
  code: z.string(),
  message: z.string(),
  detail: z.string().nullish(),
  hint: z.string().nullish(),
});

/** An answer that is an error, in PostgREST's words. */
class Refused extends Error {
  constructor(readonly status: number, code: string, message: string, hint: string | null = null) {
    super(message);
    this.body = { code, details: null, hint, message };
  }
  readonly body: Readonly<Record<string, string | null>>;
}

/**
 * Serves the functions of schema `public` of one database.
 *
 * @param databaseUrl The database; it is logged in to as `authenticator` whatever user this names.
 * @param jwks The keys of the tokens that are believed.
 */
export function startRpcDoor(
  { databaseUrl, jwks }: { readonly databaseUrl: string; readonly jwks: JSONWebKeySet },
): RpcDoor {
  const address = new URL(databaseUrl);
  address.username = "authenticator";
  const sql = postgres(address.href, { max: 8, onnotice: () => {} });

  const answer = async (request: Request): Promise<Response> => {
    const [, name] = /^\/rpc\/(\w+)$/.exec(new URL(request.url).pathname) ?? [];
    if (name === undefined || request.method !== "POST") {
      throw new Refused(404, "PGRST125", "Only POST /rpc/<function> is served without PostgREST");
    }
    const claims = await readClaims(request.headers, jwks);
    const given = args.parse(JSON.parse(await request.text() || "{}"));
    const names = Object.keys(given);
    const chosen = chooseRoutine(await readRoutines(sql, name), names) ??
      refuseUnknown(name, names);
    const mode = chosen.isStable ? "read only" : "read write";
    try {
      const body = await sql.begin(mode, async (tx) => {
        await tx`select set_config('role', ${claims.role}, true),
          set_config('request.jwt.claims', ${JSON.stringify(claims)}, true)`;
        const text = callOf(chosen, names);
        const [row] = await tx.unsafe<{ body: string | null }[]>(text, [JSON.stringify(given)]);
        return row?.body ?? "null";
      });
      const headers = { "content-type": "application/json; charset=utf-8" };
      return chosen.returns === "void"
        ? new Response(null, { status: 204 })
        : new Response(body, { headers });
    } catch (error) {
      const { data } = refusal.safeParse(error);
      if (data === undefined) throw error;
      const { code, message, detail: details = null, hint = null } = data;
      const status = statusOf(code, claims.role === "anon");
      return Response.json({ code, details, hint, message }, { status });
    }
  };

  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) =>
      answer(request).catch((error: unknown) =>
        error instanceof Refused
          ? Response.json(error.body, { status: error.status })
          : Response.json({ code: "PGRST000", details: null, hint: null, message: `${error}` }, {
            status: 503,
          })
      ),
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    stop: async () => {
      await server.shutdown();
      await sql.end({ timeout: 2 });
    },
  };
}

/** Nobody without a token is `anon`; a token that is not believed is an error. */
async function readClaims(headers: Headers, jwks: JSONWebKeySet) {
  const authorization = headers.get("authorization");
  if (authorization === null) return roles.parse({});
  const token = authorization.replace(/^Bearer /i, "");
  for (const key of keysFor(token, jwks)) {
    try {
      return roles.parse((await jwtVerify(token, await importJWK(key))).payload);
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error;
    }
  }
  throw new Refused(401, "PGRST301", "JWT could not be verified");
}

/** A token of a legacy key names none, and the set holds symmetric ones: each may be it. */
function keysFor(token: string, { keys }: JSONWebKeySet) {
  try {
    const { alg, kid } = decodeProtectedHeader(token);
    return keys.filter((key) => key.alg === alg && (kid === undefined || key.kid === kid));
  } catch {
    return [];
  }
}

/** What PostgREST says where no function takes these arguments. */
function refuseUnknown(name: string, given: readonly string[]): never {
  const list = given.toSorted().join(", ");
  const what = list === "" ? " without parameters" : `(${list})`;
  throw new Refused(
    404,
    "PGRST202",
    `Could not find the function public.${name}${what} in the schema cache`,
  );
}
