/**
 * `/rest/v1`: what Supabase's gateway does before a request reaches PostgREST.
 *
 * @module
 */

import type { RouterParts } from "./router.ts";

const PREFIX = "/rest/v1";

/** These belong to one connection, or no longer fit a body that fetch has decoded. */
const HOP_HEADERS = [
  "host",
  "connection",
  "content-length",
  "content-encoding",
  "transfer-encoding",
];

/**
 * Passes a request on to PostgREST. As on the platform it needs one of the project's keys as
 * `apikey` (header or query); without an Authorization header, the key is the token.
 */
export async function routeRest(parts: RouterParts, request: Request): Promise<Response> {
  const url = new URL(request.url);
  const key = request.headers.get("apikey") ?? url.searchParams.get("apikey");
  if (key === null) return refused("No API key found in request");
  if (key !== parts.auth.anonKey && key !== parts.auth.serviceRoleKey) {
    return refused("Invalid API key");
  }
  url.searchParams.delete("apikey");

  const headers = withoutHop(request.headers);
  if (!headers.has("authorization")) headers.set("authorization", `Bearer ${key}`);
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

function refused(message: string): Response {
  return Response.json({ message }, { status: 401 });
}
