/**
 * The functions' one way to the database: SQL functions by name, through PostgREST, as service_role.
 * By supabase-js's own client of PostgREST: the whole of supabase-js is thirteen times as much to
 * load.
 *
 * @module
 */

import { PostgrestClient } from "@supabase/postgrest-js";
import * as z from "zod/mini";
import { type Clock, withTimeLimit } from "./clock.ts";
import type { Database as Schema, Json } from "./database.types.ts";
import type { Environment } from "./environment.ts";
import { LargeJsonReader, putLargeTexts } from "./large-json.ts";
import { type LargeText, largeTextsIn, onceOnlyBody, writeJson } from "./large-text.ts";
import { type LargeBody, readLimited } from "./limited-body.ts";
import { keyHeaders } from "./platform-keys.ts";

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
   * @param large Where it may return media: its long texts come as {@linkcode LargeText}. Who has to
   * admit it has the query's 10 seconds; what is thrown is an answer that was lost.
   * @throws {DatabaseError} When it raised, or there was no answer in 10 seconds.
   * @throws {z.core.$ZodError} When the answer has another shape.
   */
  call<F extends FunctionName, T>(
    fn: F,
    args: Arguments<F>,
    answer: z.core.$ZodType<T>,
    large?: LargeBody,
  ): Promise<T>;
}

/** Connects to the project's own API. `fetch` and `clock` are effects. */
export function createDatabase(
  { supabaseUrl, secretKey }: Pick<Environment, "supabaseUrl" | "secretKey">,
  effects: { readonly fetch: typeof fetch; readonly clock: Clock },
): Database {
  const connect = (through: typeof fetch) =>
    new PostgrestClient<Schema>(projectAddress(supabaseUrl, "rest/v1"), {
      headers: keyHeaders(secretKey),
      schema: "public",
      fetch: through,
    });
  const usual = connect(effects.fetch);
  return {
    call: async (fn, args, answer, large) => {
      const sent = largeTextsIn(args);
      const received: LargeText[] = [];
      const client = sent.length === 0 && large === undefined
        ? usual
        : connect(withLargeTexts(effects.fetch, sent, received, large));
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
      return z.parse(answer, putLargeTexts(data, received));
    },
  };
}

/** An answer's limit in bytes: one message's media, and what is said of it. */
const ANSWER_BYTES = 32 * 1024 * 1024;

/** A fetch whose bodies hold large texts that never become strings. */
function withLargeTexts(
  through: typeof fetch,
  sent: readonly LargeText[],
  received: LargeText[],
  large: LargeBody | undefined,
): typeof fetch {
  return async (input, init) => {
    const body = typeof init?.body === "string" && sent.length > 0
      ? { body: onceOnlyBody(writeJson(init.body, sent)) }
      : {};
    const response = await through(input, { ...init, ...body });
    if (large === undefined || !response.ok) return response;
    const reader = new LargeJsonReader();
    const whole = await readLimited(response.body, {
      limit: ANSWER_BYTES,
      take: (chunk) => reader.push(chunk),
      signal: init?.signal ?? undefined,
      large,
    });
    if (!whole) throw new RangeError("the answer is too large");
    received.push(...reader.end());
    const { status, statusText, headers } = response;
    return new Response(reader.toText(), { status, statusText, headers });
  };
}

/** Where a part of the project's API is. A project's own address may have a path. */
export function projectAddress(supabaseUrl: string, part: "rest/v1" | "auth/v1"): string {
  return new URL(part, supabaseUrl.replace(/\/*$/, "/")).href;
}
