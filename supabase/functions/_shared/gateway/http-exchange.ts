/**
 * One HTTP call: a time limit, a size limit, no redirects, no exceptions.
 *
 * @module
 */

import { type Clock, TimeLimitError, withTimeLimit } from "../runtime/clock.ts";
import type { Exchange } from "./exchange.ts";
import { readLimitedBody, textOf } from "./limited-body.ts";
import { isNeverSent } from "./never-sent.ts";

/** What a call needs of the world. */
export interface GatewayEffects {
  /** Makes the calls. */
  readonly fetch: typeof fetch;
  /** Measures them and ends those that take too long. */
  readonly clock: Clock;
}

/** One call to the gateway. */
export interface GatewayRequest {
  /** GET has no body and may be repeated by the runtime; the others are made once. */
  readonly method: "GET" | "POST" | "DELETE";
  /** null: the gateway's address is no URL. */
  readonly url: string | null;
  /** For the header `apikey`. */
  readonly apiKey: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** In milliseconds. */
  readonly limitMs: number;
  /** How much of the answer is read. */
  readonly bodyBytes: number;
}

/**
 * Makes a call and says how it ended.
 *
 * Redirects are answers like others: followed, they would carry the key to another address.
 *
 * @returns Always. Nothing of the request, of the answer or of an error's text is logged or thrown.
 */
export async function exchange(
  request: GatewayRequest,
  effects: GatewayEffects,
): Promise<Exchange> {
  const started = effects.clock.monotonicMs();
  const ms = () => Math.round(effects.clock.monotonicMs() - started);
  const init = requestInit(request);
  if (request.url === null || init === null) {
    return { kind: "unanswered", ms: 0, why: "never_sent" };
  }
  const { url } = request;
  const read: Uint8Array[] = [];
  const head: { httpStatus?: number } = {};
  try {
    const { httpStatus, whole } = await withTimeLimit(
      effects.clock,
      request.limitMs,
      async (signal) => {
        const response = await effects.fetch(url, { ...init, signal });
        head.httpStatus = response.status;
        const whole = await readLimitedBody(response.body, request.bodyBytes, signal, read);
        return { httpStatus: response.status, whole };
      },
    );
    const text = textOf(read);
    if (!whole) return { kind: "unreadable", ms: ms(), httpStatus, why: "too_large", start: text };
    return parsed(text, httpStatus, ms());
  } catch (error) {
    const { httpStatus } = head;
    const why = error instanceof TimeLimitError ? "timeout" : "cut";
    if (httpStatus !== undefined) {
      return { kind: "unreadable", ms: ms(), httpStatus, why, start: textOf(read) };
    }
    return { kind: "unanswered", ms: ms(), why: isNeverSent(error) ? "never_sent" : why };
  }
}

function parsed(text: string, httpStatus: number, ms: number): Exchange {
  try {
    return { kind: "answered", ms, httpStatus, body: JSON.parse(text) };
  } catch {
    return { kind: "unreadable", ms, httpStatus, why: "not_json", start: text };
  }
}

/** @returns null where the key cannot be a header: nothing is sent then. */
function requestInit(request: GatewayRequest): RequestInit | null {
  try {
    const headers = new Headers({
      apikey: request.apiKey,
      accept: "application/json",
      // A connection that the gateway has just let go, taken for a send, would end it in doubt.
      connection: "close",
    });
    if (request.body !== undefined) headers.set("content-type", "application/json");
    return {
      method: request.method,
      headers,
      redirect: "manual",
      ...(request.method === "GET" ? {} : { body: onceOnlyBody(request.body) }),
    };
  } catch {
    return null;
  }
}

/**
 * A body that can be sent once. Deno's fetch repeats a request by itself when the connection breaks
 * before the answer (denoland/deno#35610; measured: one fetch, two POSTs at the server) unless its
 * body is a stream. A message would go out twice, and a refused second attempt would look like
 * "nothing was sent".
 */
function onceOnlyBody(body: unknown): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      if (body !== undefined) controller.enqueue(new TextEncoder().encode(JSON.stringify(body)));
      controller.close();
    },
  });
}
