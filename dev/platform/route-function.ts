/**
 * `/functions/v1/<name>`: a request reaches a function as it does on the platform.
 *
 * @module
 */

import type { RouterParts } from "./router.ts";

const PREFIX = "/functions/v1";

/**
 * Runs a function: its path begins with `/<name>` then. Where the function's configuration says so,
 * only a request with a valid token gets through, whatever its role; a preflight has none.
 */
export async function routeFunction(
  { auth, functions, report = console.error }: RouterParts,
  request: Request,
): Promise<Response> {
  const url = new URL(request.url);
  const [, name = ""] = url.pathname.slice(PREFIX.length).split("/");
  const called = functions.get(name);
  if (!called) {
    const body = { code: "NOT_FOUND", message: "Requested function was not found" };
    return Response.json(body, { status: 404 });
  }

  if (called.verifyJwt && request.method !== "OPTIONS") {
    const authorization = request.headers.get("authorization");
    if (!authorization) return unauthorized("Missing authorization header");
    const [, token] = /^bearer (.+)$/i.exec(authorization) ?? [];
    if (!token || !(await auth.verify(token))) return unauthorized("Invalid JWT");
  }

  url.pathname = url.pathname.slice(PREFIX.length);
  try {
    return await called.handler(rebuild(url, request));
  } catch (error) {
    report(error);
    return Response.json({ code: 500, message: "Internal Server Error" }, { status: 500 });
  }
}

/** From its parts: a copy of a request that Deno.serve gave makes Deno warn. */
function rebuild(url: URL, { method, headers, body }: Request): Request {
  return new Request(url, { method, headers, ...(body ? { body } : {}) });
}

function unauthorized(message: string): Response {
  return Response.json({ code: 401, message }, { status: 401 });
}
