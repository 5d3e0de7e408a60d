/**
 * The console's files, and what the page may ask of a local stack:
 * - `GET /` and `GET /<file>`: the page;
 * - `GET /dev/info`: see info.ts;
 * - `POST /dev/control/<method>`: the simulator's control API, only where a simulator runs.
 *
 * @module
 */

import { CONTROL_PREFIX } from "../../evolution/control/control-http.ts";
import { describeStack, type LocalStack } from "./info.ts";
import { isLocal } from "./local-only.ts";

const FILES = new URL("../../../console/", import.meta.url);

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

// The page may be pointed at any project: on this machine, or anywhere over https.
const HEADERS = {
  "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; " +
    "img-src 'self' data:; connect-src 'self' https: http://127.0.0.1:* http://localhost:*; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
};

/** Answers the console's requests; undefined for any other. */
export type Pages = (request: Request) => Promise<Response | undefined>;

/** Serves the console of a local stack. */
export function createPages(stack: LocalStack): Pages {
  return async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/dev/")) {
      return isLocal(request)
        ? await answerDev(stack, request, pathname)
        : Response.json({ ok: false, error: "for pages of this origin only" }, { status: 403 });
    }
    if (request.method !== "GET" && request.method !== "HEAD") return undefined;
    return await readPage(pathname === "/" ? "index.html" : pathname.slice(1));
  };
}

async function answerDev(
  stack: LocalStack,
  request: Request,
  pathname: string,
): Promise<Response | undefined> {
  if (pathname === "/dev/info" && request.method === "GET") {
    return Response.json(await describeStack(stack), { headers: HEADERS });
  }
  const method = /^\/dev\/control\/(\w+)$/.exec(pathname)?.[1];
  if (method === undefined || request.method !== "POST" || stack.simulator === undefined) {
    return undefined;
  }
  const url = new URL(CONTROL_PREFIX + method, stack.gatewayUrl);
  const body = await request.text();
  return await stack.simulator.fetch(new Request(url, { method: "POST", body }));
}

/** Plain names of the page's files, also in one of its folders: nothing above it, no TypeScript. */
async function readPage(name: string): Promise<Response | undefined> {
  const type = TYPES[/^(?:[a-z]+\/)?[a-z][a-z0-9-]*\.([a-z]+)$/.exec(name)?.[1] ?? ""];
  if (type === undefined) return undefined;
  try {
    const file = await Deno.readFile(new URL(name, FILES));
    return new Response(file, { headers: { ...HEADERS, "content-type": type } });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
