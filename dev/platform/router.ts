/**
 * One origin for everything, as a Supabase project has it: `/functions/v1`, `/rest/v1`, `/auth/v1`.
 *
 * @module
 */

import { Hono } from "hono";
import { cors } from "hono/cors";
import { exchangeApiKey } from "./api-keys.ts";
import type { LocalAuth } from "./auth/local-auth.ts";
import type { FunctionHandler, LocalFunction } from "./functions.ts";
import { type RestParts, routeRest } from "./route-rest.ts";

/** What the router joins. */
export interface RouterParts extends RestParts {
  /** By name. */
  readonly functions: ReadonlyMap<string, LocalFunction>;
  /** Pages of the stack's own, asked where no other route fits. */
  readonly pages?: Hono;
  /** Told what a function threw; `console.error` unless given. */
  readonly report?: (error: unknown) => void;
}

const FUNCTIONS = "/functions/v1";

/** As Supabase's gateway gives it; functions do their own. */
const CORS = cors({
  origin: "*",
  maxAge: 3600,
  exposeHeaders: ["Content-Range", "Content-Location", "Location"],
});

/**
 * Makes the router.
 *
 * @returns Request → response. It does not throw: what goes wrong is an answer, as on the platform.
 */
export function createRouter(parts: RouterParts): FunctionHandler {
  const { auth, pages, report = console.error } = parts;
  const app = new Hono();
  app.onError((error, context) => {
    report(error);
    return context.json({ code: 500, message: "Internal Server Error" }, 500);
  });
  app.notFound(({ req, json }) => json({ code: 404, message: `nothing at ${req.path}` }, 404));
  app.all(`${FUNCTIONS}/*`, ({ req }) => routeFunction(parts, req.raw));
  app.use("/rest/v1/*", CORS);
  app.all("/rest/v1/*", ({ req }) => routeRest(parts, req.raw));
  app.use("/auth/v1/*", CORS);
  app.all("/auth/v1/*", ({ req }) => routeAuth(auth, req.raw));
  if (pages) app.route("/", pages);
  return async (request) => await app.fetch(request);
}

/** `/auth/v1` needs one of the project's keys, but for what everybody may read. */
async function routeAuth(auth: LocalAuth, request: Request): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  if (!/^\/auth\/v1\/(health|\.well-known\/)/.test(pathname)) {
    const exchanged = exchangeApiKey(auth, request.headers, searchParams);
    if ("refused" in exchanged) {
      return Response.json({ message: exchanged.refused }, { status: 401 });
    }
  }
  return await auth.handle(request);
}

/**
 * Runs a function as the platform does: its path begins with `/<name>`. Where its configuration says
 * so, only a request with a valid token gets through, whatever its role; a preflight has none.
 */
async function routeFunction(
  { auth, functions }: RouterParts,
  request: Request,
): Promise<Response> {
  const url = new URL(request.url);
  url.pathname = url.pathname.slice(FUNCTIONS.length);
  const [, name = ""] = url.pathname.split("/");
  const called = functions.get(name);
  if (!called) {
    const body = { code: "NOT_FOUND", message: "Requested function was not found" };
    return Response.json(body, { status: 404 });
  }
  const { method, headers, body } = request;
  if (called.verifyJwt && method !== "OPTIONS") {
    const authorization = headers.get("authorization");
    if (!authorization) return unauthorized("Missing authorization header");
    const [, token] = /^bearer (.+)$/i.exec(authorization) ?? [];
    if (!token || !(await auth.verify(token))) return unauthorized("Invalid JWT");
  }
  // From its parts: a copy of a request that Deno.serve gave makes Deno warn.
  return await called.handler(new Request(url, { method, headers, ...(body ? { body } : {}) }));
}

function unauthorized(message: string): Response {
  return Response.json({ code: 401, message }, { status: 401 });
}
