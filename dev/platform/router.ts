/**
 * One origin for everything, as a Supabase project has it: `/functions/v1`, `/rest/v1`, `/auth/v1`.
 *
 * @module
 */

import type { LocalAuth } from "./auth/local-auth.ts";
import { exchangeApiKey } from "./api-keys.ts";
import type { FunctionHandler, LocalFunction } from "./functions.ts";
import { preflight, withCors } from "./gateway-cors.ts";
import { routeFunction } from "./route-function.ts";
import { routeRest } from "./route-rest.ts";

/** What the router joins. */
export interface RouterParts {
  /** PostgREST's address, without a slash at the end. */
  readonly postgrestUrl: string;
  readonly auth: LocalAuth;
  /** By name. */
  readonly functions: ReadonlyMap<string, LocalFunction>;
  /** Pages of the stack's own, asked where no other route fits; undefined means "not mine". */
  readonly pages?: (request: Request) => Promise<Response | undefined>;
  /** Reaches PostgREST. */
  readonly fetch: typeof fetch;
  /** Told what a function threw; `console.error` unless given. */
  readonly report?: (error: unknown) => void;
}

/**
 * Makes the router.
 *
 * @returns Request → response. It does not throw: what goes wrong is an answer, as on the platform.
 */
export function createRouter(parts: RouterParts): FunctionHandler {
  return async (request) => {
    const { pathname } = new URL(request.url);
    const [, area = "", version = ""] = pathname.split("/");
    switch (`${area}/${version}`) {
      case "functions/v1":
        return await routeFunction(parts, request);
      case "rest/v1":
        return await behindGateway(request, () => routeRest(parts, request));
      case "auth/v1":
        return await behindGateway(request, () => routeAuth(parts.auth, request));
      default:
        return await parts.pages?.(request) ??
          Response.json({ code: 404, message: `nothing at ${pathname}` }, { status: 404 });
    }
  };
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

async function behindGateway(request: Request, route: () => Promise<Response>): Promise<Response> {
  return request.method === "OPTIONS" ? preflight(request) : withCors(await route());
}
