/**
 * One HTTP call to the gateway, and what came back, before anybody says what it means: a time limit,
 * a size limit, no redirects, no exceptions.
 *
 * @module
 */

import { type Clock, TimeLimitError, withTimeLimit } from "../runtime/clock.ts";
import { LargeJsonReader, putLargeTexts } from "../runtime/large-json.ts";
import { type LargeText, largeTextsIn, onceOnlyBody, writeJson } from "../runtime/large-text.ts";
import { type LargeBody, readLimited, readLimitedText } from "../runtime/limited-body.ts";

/** An answer with a JSON body. */
export interface Answered {
  /** Tells it from the others. */
  readonly kind: "answered";
  /** How long the call took. */
  readonly ms: number;
  /** Any status, also an error's. */
  readonly httpStatus: number;
  /** The parsed JSON. */
  readonly body: unknown;
}

/**
 * One call's end. `unreadable`: a status arrived, any, but its body is no JSON (HTML and nothing at
 * all included) or did not end; `start` is what came of it. `unanswered`: no status arrived, because
 *
 * - `no_such_address`: no request was made, no URL can name the instance;
 * - `never_sent`: nothing left, see {@linkcode isNeverSent};
 * - `cut`: the connection broke, before or after the gateway had read the request;
 * - `timeout`: the limit passed first.
 */
export type Exchange =
  | Answered
  | {
    readonly kind: "unreadable";
    readonly ms: number;
    readonly httpStatus: number;
    readonly why: "not_json" | "too_large" | "cut" | "timeout";
    readonly start: string;
  }
  | {
    readonly kind: "unanswered";
    readonly ms: number;
    readonly why: "no_such_address" | "never_sent" | "cut" | "timeout";
  };

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
  /** Sent as JSON; media in it may be a `LargeText`. */
  readonly body?: unknown;
  /** In milliseconds. */
  readonly limitMs: number;
  /** How much of the answer is read. */
  readonly bodyBytes: number;
  /** Where the answer may hold a file. */
  readonly file?: FileAnswer | undefined;
}

/**
 * An answer that may hold a file as base64: its long texts come as {@linkcode LargeText}, and `bodyBytes`
 * is what may be there besides. What `admit` throws ends the call as a cut would.
 */
export interface FileAnswer extends LargeBody {
  /** How much of the answer is read, the file with it. */
  readonly allBytes: number;
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
  const received: Received = { text: "", files: [] };
  const head: { httpStatus?: number } = {};
  try {
    const { httpStatus, whole } = await withTimeLimit(
      effects.clock,
      request.limitMs,
      async (signal) => {
        const response = await effects.fetch(url, { ...init, signal });
        head.httpStatus = response.status;
        const whole = await readAnswerBody(response.body, request, received, signal);
        return { httpStatus: response.status, whole };
      },
    );
    const start = received.text;
    if (!whole) return { kind: "unreadable", ms: ms(), httpStatus, why: "too_large", start };
    return parsed(received, httpStatus, ms());
  } catch (error) {
    const { httpStatus } = head;
    const why = error instanceof TimeLimitError ? "timeout" : "cut";
    if (httpStatus !== undefined) {
      const read = { kind: "unreadable", ms: ms(), httpStatus, start: received.text } as const;
      if (error instanceof SyntaxError) return { ...read, why: "not_json" };
      return { ...read, why: error instanceof RangeError ? "too_large" : why };
    }
    return { kind: "unanswered", ms: ms(), why: isNeverSent(error) ? "never_sent" : why };
  }
}

/** What came of an answer's body. */
interface Received {
  /** Each of the files is a stand-in in it. */
  text: string;
  files: readonly LargeText[];
}

/** @returns Whether it ended within its limits. */
async function readAnswerBody(
  body: Response["body"],
  { bodyBytes, file }: GatewayRequest,
  received: Received,
  signal: AbortSignal,
): Promise<boolean> {
  if (file === undefined) return await readLimitedText(body, bodyBytes, received, signal);
  const reader = new LargeJsonReader();
  const take = (chunk: Uint8Array<ArrayBuffer>) => {
    reader.push(chunk);
    if (reader.restBytes > bodyBytes) throw new RangeError("too much besides the file");
  };
  const reading = { limit: file.allBytes, take, signal, large: file };
  if (!await readLimited(body, reading)) return false;
  received.files = reader.end();
  received.text = reader.toText();
  return true;
}

function parsed({ text, files }: Received, httpStatus: number, ms: number): Exchange {
  try {
    return { kind: "answered", ms, httpStatus, body: putLargeTexts(JSON.parse(text), files) };
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
      ...(request.method === "GET" ? {} : { body: onceOnlyBody(bodyPieces(request.body)) }),
    };
  } catch {
    return null;
  }
}

function bodyPieces(body: unknown) {
  return body === undefined ? [] : writeJson(JSON.stringify(body), largeTextsIn(body));
}

/**
 * What the runtime's HTTP client says while it is still connecting: name lookup, TCP, TLS. No byte
 * of a request is written before that is done. The words hold spaces on purpose: the URL that these
 * messages quote holds none, so a host or an instance name cannot imitate them.
 */
const BEFORE_THE_REQUEST = [
  /client error \(Connect\)/,
  /error trying to connect/, // the same, in older runtimes
  /connection refused/i,
  /dns error/i,
  /failed to lookup address/i,
  /Requests to port \d+ are blocked/,
];

/**
 * Whether a failed fetch certainly sent nothing.
 *
 * True only for failures while connecting, by the words of the error or of its causes. Everything
 * else ("connection closed before message completed", a reset, an unknown error) may have come
 * after the gateway had read the request, and is false. That holds only while the runtime does not
 * repeat a request by itself: see `onceOnlyBody`.
 *
 * @param error What fetch threw.
 */
export function isNeverSent(error: unknown): boolean {
  for (let depth = 0, cause = error; depth < 4 && cause instanceof Error; depth++) {
    const { message } = cause;
    if (BEFORE_THE_REQUEST.some((words) => words.test(message))) return true;
    cause = cause.cause;
  }
  return false;
}

/**
 * One path segment for an instance name.
 *
 * @returns null for a name that no path can hold: empty, `.` and `..` (URLs resolve those, encoded
 * or not), half a surrogate pair.
 */
export function encodeInstanceName(name: string): string | null {
  if (name === "" || name === "." || name === "..") return null;
  try {
    return encodeURIComponent(name);
  } catch {
    return null;
  }
}

/**
 * The URL of an endpoint.
 *
 * @param apiUrl The gateway.
 * @param path Encoded segments, without a slash at the start.
 * @param query What goes behind the question mark, not encoded.
 * @returns null where `apiUrl` is no http or https URL.
 */
export function endpointUrl(
  apiUrl: string,
  path: string,
  query: Readonly<Record<string, string>> = {},
): string | null {
  if (!URL.canParse(apiUrl)) return null;
  const url = new URL(apiUrl);
  if (url.protocol !== "http:" && url.protocol !== "https:") return null;
  url.hash = "";
  url.search = "";
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/${path}`;
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url.href;
}
