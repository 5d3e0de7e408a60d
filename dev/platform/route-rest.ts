/**
 * `/rest/v1`: what Supabase's gateway does before a request reaches PostgREST.
 *
 * @module
 */

import { exchangeApiKey } from "./api-keys.ts";
import type { LocalAuth } from "./auth/local-auth.ts";

const PREFIX = "/rest/v1";

/** These belong to one connection, or no longer fit a body that fetch has decoded. */
const HOP_HEADERS = [
  "host",
  "connection",
  "content-length",
  "content-encoding",
  "transfer-encoding",
];

/** What requests to the API are passed on with. */
export interface RestParts {
  /** PostgREST's address, without a slash at the end. */
  readonly postgrestUrl: string;
  readonly auth: LocalAuth;
  /** Reaches PostgREST. */
  readonly fetch: typeof fetch;
}

/**
 * Passes a request on to PostgREST. As on the platform it needs one of the project's keys as
 * `apikey` (header or query); without a user's token, the key's role is the caller's.
 */
export async function routeRest(parts: RestParts, request: Request): Promise<Response> {
  const url = new URL(request.url);
  const exchanged = exchangeApiKey(parts.auth, request.headers, url.searchParams);
  if ("refused" in exchanged) return Response.json({ message: exchanged.refused }, { status: 401 });
  const headers = withoutHop(exchanged.headers);
  const body = request.body ? await request.arrayBuffer() : null;
  const target = parts.postgrestUrl + url.pathname.slice(PREFIX.length) + url.search;
  try {
    const answer = await parts.fetch(target, { method: request.method, headers, body });
    const { status } = answer;
    return new Response(answer.body, { status, headers: withoutHop(answer.headers) });
  } catch (cause) {
    const message = `PostgREST did not answer: ${cause instanceof Error ? cause.message : cause}`;
    return Response.json({ message }, { status: 502 });
  }
}

function withoutHop(headers: Headers): Headers {
  const kept = new Headers(headers);
  for (const name of HOP_HEADERS) kept.delete(name);
  return kept;
}
