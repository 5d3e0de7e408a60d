/**
 * A gateway of one answer, for tests of the client.
 *
 * @module
 */

import type { Clock } from "../../../supabase/functions/_shared/runtime/clock.ts";

/** What the client asked for. */
interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  /** The parsed JSON; undefined where there was no body. */
  readonly body: unknown;
  readonly redirect: string | undefined;
}

/** A fetch that answers, and what it was asked. */
export interface FakeFetch {
  readonly fetch: typeof fetch;
  readonly seen: SeenRequest[];
}

/** Answers every request with what `answer` makes. */
export function fakeFetch(
  answer: (signal: AbortSignal) => Response | Promise<Response>,
): FakeFetch {
  const seen: SeenRequest[] = [];
  return {
    seen,
    fetch: async (input, init) => {
      const text = init?.body ? await new Response(init.body).text() : "";
      seen.push({
        method: init?.method ?? "GET",
        url: String(input),
        headers: new Headers(init?.headers),
        body: text === "" ? undefined : JSON.parse(text),
        redirect: init?.redirect,
      });
      return await answer(init?.signal ?? new AbortController().signal);
    },
  };
}

/** Answers with a text, after `ms` of the clock. */
export function answering(
  status: number,
  text: string | null,
  { clock, ms = 0, headers = {} }: {
    readonly clock?: Clock;
    readonly ms?: number;
    readonly headers?: Readonly<Record<string, string>>;
  } = {},
): FakeFetch {
  return fakeFetch(async (signal) => {
    if (clock) await clock.sleep(ms, signal);
    return new Response(text, { status, headers });
  });
}

/** Never answers, whatever becomes of the signal. */
export function silent(): FakeFetch {
  return fakeFetch(() => new Promise(() => {}));
}

/** Fails as fetch does. */
export function failing(error: unknown): FakeFetch {
  return fakeFetch(() => Promise.reject(error));
}

/** Answers with a head and `start` of a body, and then fails, or hangs where there is no error. */
export function breaking(status: number, start: string, error?: Error): FakeFetch {
  return fakeFetch(() => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(start));
      },
      pull(controller) {
        if (error) controller.error(error);
      },
    }, { highWaterMark: 0 });
    return new Response(body, { status });
  });
}
