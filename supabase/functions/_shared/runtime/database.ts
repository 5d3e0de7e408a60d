/**
 * The functions' one way to the database: SQL functions by name, through PostgREST, as service_role;
 * and supabase-js for it, with the key in the header where it belongs.
 *
 * @module
 */

import { createClient } from "@supabase/supabase-js";
import * as z from "zod/mini";
import { type Clock, withTimeLimit } from "./clock.ts";
import type { Database as Schema, Json } from "./database.types.ts";
import type { Environment } from "./environment.ts";

/** How long a query may take, in ms. */
const QUERY_LIMIT_MS = 10_000;

/** The database said no, or did not answer. Its message names the function called, nothing else. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
  /**
   * @param code SQLSTATE or PostgREST code; "unreachable" without an answer.
   * @param hint The SQL function's own word for what is wrong, where it gave one.
   */
  constructor(fn: string, readonly code: string, readonly hint: string | null) {
    super(`${fn}: ${code}`);
  }

  /** Whether the answer is what was lost: it may have been done all the same. */
  get mayBeDone(): boolean {
    return this.code === "unreachable";
  }
}

type Functions = Schema["public"]["Functions"];

/** The name of a SQL function of schema public. */
export type FunctionName = keyof Functions & string;

/** The generated types know no null arguments, no readonly lists, and of jsonb only a closed union. */
type Argument<T> = Json extends T ? object | null
  : T extends readonly (infer Element)[] ? readonly Element[] | null
  : T | null;

/** A SQL function's arguments by name: each may be null, and a jsonb is any object or list. */
export type Arguments<F extends FunctionName> = {
  readonly [Name in keyof Functions[F]["Args"]]: Argument<Functions[F]["Args"][Name]>;
};

/** Calls SQL functions. */
export interface Database {
  /**
   * Calls a function and checks its answer.
   *
   * @param fn Its name in schema public.
   * @param args Its arguments by name.
   * @param answer What it must return: a schema of zod or of zod/mini.
   * @throws {DatabaseError} When it raised, or there was no answer in 10 seconds.
   * @throws {z.core.$ZodError} When the answer has another shape.
   */
  call<F extends FunctionName, T>(
    fn: F,
    args: Arguments<F>,
    answer: z.core.$ZodType<T>,
  ): Promise<T>;
}

/** Connects to the project's own API. `fetch` and `clock` are effects. */
export function createDatabase(
  environment: Pick<Environment, "supabaseUrl" | "secretKey">,
  effects: { readonly fetch: typeof fetch; readonly clock: Clock },
): Database {
  const { supabaseUrl, secretKey } = environment;
  const client = createProjectClient(supabaseUrl, secretKey, effects.fetch);
  return {
    call: async (fn, args, answer) => {
      const { data, error } = await withTimeLimit(
        effects.clock,
        QUERY_LIMIT_MS,
        // The generated type of the arguments is narrower than what SQL takes; see Argument.
        async (signal) =>
          await client.rpc(fn, args as Functions[typeof fn]["Args"]).abortSignal(signal),
      ).catch(() => {
        throw new DatabaseError(fn, "unreachable", null);
      });
      if (error) throw new DatabaseError(fn, error.code || "unreachable", error.hint || null);
      return z.parse(answer, data);
    },
  };
}

/**
 * Makes a client that keeps no session.
 *
 * @param key A key of today (`sb_secret_…`, `sb_publishable_…`) or a legacy one, which is a JWT.
 */
export function createProjectClient(url: string, key: string, fetcher: typeof fetch) {
  return createClient<Schema>(url, key, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    global: { fetch: withKeyInItsHeader(key, fetcher) },
  });
}

/**
 * supabase-js 2.119 sends the key as `apikey` and, to the database and the auth server, as a bearer
 * token as well. A key of today is no JWT: the platform's gateway turns `apikey` into a role, and
 * whoever reads the bearer as a token refuses it. So it leaves in `apikey` alone. A user's token
 * stays, and so does a legacy key, which is its own token.
 */
function withKeyInItsHeader(key: string, fetcher: typeof fetch): typeof fetch {
  if (!/^sb_(secret|publishable)_/.test(key)) return fetcher;
  return (input, init) => {
    const headers = new Headers(init?.headers);
    if (headers.get("authorization") === `Bearer ${key}`) headers.delete("authorization");
    return fetcher(input, { ...init, headers });
  };
}
