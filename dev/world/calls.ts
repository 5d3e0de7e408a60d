/**
 * How a world's functions are called, and its database asked.
 *
 * @module
 */

import type postgres from "postgres";
import type { DatabaseTime, UntilStuck } from "./database-time.ts";
import { SUPABASE_URL } from "./ground.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** An HTTP answer, read. */
export interface Answer {
  readonly status: number;
  // The body is whatever the function answers; callers look at what they expect of it.
  readonly body: Record<string, unknown>;
}

/** How a function is called. */
export interface CallOptions {
  /** The company's user's, unless given; null for none. */
  readonly token?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly path?: string;
  readonly method?: string;
}

/** Calls a function through the project's router. */
export async function callFunction(
  router: (request: Request) => Promise<Response>,
  name: string,
  body: unknown,
  options: CallOptions,
): Promise<Answer> {
  const method = options.method ?? "POST";
  const response = await router(
    new Request(`${SUPABASE_URL}/functions/v1/${name}${options.path ?? ""}`, {
      method,
      headers: {
        "content-type": "application/json",
        ...(options.token == null ? {} : { authorization: `Bearer ${options.token}` }),
        ...options.headers,
      },
      ...(method === "GET" || method === "HEAD"
        ? {}
        : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    }),
  );
  const text = await response.text();
  return { status: response.status, body: text === "" ? {} : JSON.parse(text) };
}

/** Whoever asks the database directly finds its clock put ahead, and time waits for the answer. */
export function timedSql(
  raw: postgres.Sql,
  time: DatabaseTime,
  clock: VirtualClock,
  untilStuck: UntilStuck = (work) => work,
): postgres.Sql {
  return new Proxy(raw, {
    apply: (target, self, args) => {
      const [first] = args as unknown[];
      // Fragments and identifiers are no queries.
      if (!Array.isArray(first) || !("raw" in first)) return Reflect.apply(target, self, args);
      const work = time.flush().then(() => Reflect.apply(target, self, args));
      clock.track(untilStuck(work)).catch(() => {});
      return work;
    },
  });
}
