/**
 * Recognising a send to an Evolution gateway by its address, in a request that somebody else makes.
 * Pure: nothing is sent, and the request's body is not consumed.
 *
 * @module
 */

/** A send, as far as a repair needs to know it. */
export interface GatewaySend {
  /** What stands before `/message/…`, without query. */
  readonly apiUrl: string;
  /** The request's own `apikey`. A secret: it goes back to this gateway, and nowhere else. */
  readonly apiKey: string;
  /** Decoded. */
  readonly instanceName: string;
}

/** `/message/sendText/<instance>`, whatever the gateway's own path is, and every other kind of send. */
const SEND_PATH = /^(.*)\/message\/send[A-Za-z]+\/([^/]+)\/?$/;

/** Only words that hold this can be taken for it; a body without it is not parsed, however long. */
const TREACHEROUS = /Connection Closed/;

/**
 * Reads a request as `fetch` takes it.
 *
 * @returns Null where it is no send to a gateway: another address, method, or no `apikey`.
 */
export function readGatewaySend(
  input: string | URL | Request,
  init?: RequestInit,
): GatewaySend | null {
  const request = input instanceof Request ? input : undefined;
  const method = init?.method ?? request?.method ?? "GET";
  if (method.toUpperCase() !== "POST") return null;
  try {
    const url = new URL(request?.url ?? String(input));
    const [, base, segment] = SEND_PATH.exec(url.pathname) ?? [];
    if (base === undefined || segment === undefined) return null;
    const apiKey = new Headers(init?.headers ?? request?.headers).get("apikey");
    if (apiKey === null || apiKey === "") return null;
    return { apiUrl: `${url.origin}${base}`, apiKey, instanceName: decodeURIComponent(segment) };
  } catch {
    return null;
  }
}

/**
 * What the user wrote, for {@linkcode isConnectionClosed}: errors echo it.
 *
 * @param body As `fetch` was given it. A stream and a `Request`'s own body stay unread: then only
 * the forms count that were measured.
 */
export function readSentWords(body: unknown): readonly string[] {
  if (body instanceof FormData || body instanceof URLSearchParams) {
    return [...body.values()].filter((value) => typeof value === "string");
  }
  if (typeof body !== "string" || !TREACHEROUS.test(body)) return [];
  const words: string[] = [];
  try {
    JSON.parse(body, (_, value) => {
      if (typeof value === "string") words.push(value);
      return value;
    });
  } catch {
    words.push(body);
  }
  return words;
}
