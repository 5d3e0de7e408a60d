/**
 * The console's files, and what the page may ask of a local stack:
 * - `GET /` and `GET /<file>`: the page;
 * - `GET /dev/info`: what the stack is and how it goes;
 * - `POST /dev/control/<method>`: the simulator's control API, only where a simulator runs.
 *
 * @module
 */

import { Hono } from "hono";
import type postgres from "postgres";
import { CONTROL_PREFIX } from "../evolution/control/http.ts";
import { GHOST_KINDS, GHOSTS } from "../evolution/model/ghost-kinds.ts";
import type { EvolutionSimulator } from "../evolution/simulator.ts";
import { buildConsole } from "./console.ts";
import type { JobRun } from "./scheduler.ts";

/** What a local stack tells of itself. */
export interface LocalStack {
  readonly url: string;
  /** The publishable key. */
  readonly publishableKey: string;
  /** A login of the stack's own making. */
  readonly login: { readonly email: string; readonly password: string };
  readonly conversationId: string;
  readonly instanceName: string;
  /** The customer's number, digits only. */
  readonly customer: string;
  readonly tickSeconds: number;
  /** Minutes pass this many times faster. */
  readonly speed: number;
  readonly runs: () => readonly JobRun[];
  readonly gatewayUrl: string;
  /** Undefined with a real Evolution server. */
  readonly simulator: EvolutionSimulator | undefined;
  readonly sql: postgres.Sql;
}

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  js: "text/javascript; charset=utf-8",
};

// The page may be pointed at any project: on this machine, or anywhere over https.
const HEADERS = {
  "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; " +
    "img-src 'self' data:; connect-src 'self' https: wss: http://127.0.0.1:* " +
    "http://localhost:* ws://127.0.0.1:* ws://localhost:*; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
};

/** What the page asks first is on its way while the browser still reads the script. */
const FIRST_QUESTION = "</dev/info>; rel=preload; as=fetch; crossorigin";

const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** How long the gateway may take to show that it listens, in milliseconds. */
const REACHABLE_WITHIN_MS = 1_000;

/** Serves the console of a local stack. */
export function createPages(stack: LocalStack): Hono {
  const { simulator } = stack;
  const app = new Hono();
  app.use("/dev/*", async ({ req, json }, next) => {
    if (isLocal(req.raw)) return await next();
    return json({ ok: false, error: "for pages of this origin only" }, 403);
  });
  app.get("/dev/info", async ({ json }) => json(await describeStack(stack), 200, HEADERS));
  if (simulator) {
    app.post("/dev/control/:method{\\w+}", async ({ req }) => {
      const url = new URL(CONTROL_PREFIX + req.param("method"), stack.gatewayUrl);
      return await simulator.fetch(new Request(url, { method: "POST", body: await req.text() }));
    });
  }
  app.get("*", async ({ req, notFound }) => {
    const page = await readPage(req.path === "/" ? "index.html" : req.path.slice(1));
    if (req.path === "/") page?.headers.set("link", FIRST_QUESTION);
    return page ?? notFound();
  });
  return app;
}

/**
 * Whether a request comes from a page of this origin. A foreign site whose name was pointed at
 * 127.0.0.1 shows its own name in `Host`; one that posts across shows its own `Origin`.
 */
function isLocal(request: Request): boolean {
  const url = new URL(request.url);
  if (!LOOPBACK.has(url.hostname)) return false;
  const origin = request.headers.get("origin");
  if (origin !== null && origin !== url.origin) return false;
  const site = request.headers.get("sec-fetch-site");
  return site === null || site === "same-origin" || site === "none";
}

/** The page's files, and no others. */
async function readPage(name: string): Promise<Response | undefined> {
  const file = (await buildConsole()).get(name);
  const type = TYPES[name.split(".").at(-1) ?? ""];
  if (file === undefined || type === undefined) return undefined;
  return new Response(file, { headers: { ...HEADERS, "content-type": type } });
}

/** A stack as it is now. */
async function describeStack({ runs, gatewayUrl, simulator, sql, ...told }: LocalStack) {
  const [[settings], reachable] = await Promise.all([
    sql<{ policy: string; enabled: boolean; now: number }[]>`
      select policy, enabled, extract(epoch from ghost_repair.now())::float8 * 1000 as now
      from ghost_repair.settings`,
    isReachable(gatewayUrl),
  ]);
  return {
    ...told,
    // The stack's own time, in epoch milliseconds: it may be ahead of the machine's.
    now: settings?.now ?? Date.now(),
    policy: settings?.policy ?? null,
    repairEnabled: settings?.enabled ?? null,
    jobs: runs(),
    gateway: { reachable },
    simulator: simulator === undefined ? null : inside(simulator),
  };
}

/** What only the simulator knows: the truth about each session. */
function inside({ control }: EvolutionSimulator) {
  return {
    ghosts: GHOST_KINDS.map((kind) => ({ kind, title: GHOSTS[kind].title })),
    instances: control.instances().map((name) => {
      const { registry, memory, socket, ghost, network, paired, qr } = control.inspect(name);
      const truth = { registry, memory, socket, ghost, network: network.kind, paired };
      return { name, ...truth, qr: qr.showing };
    }),
  };
}

/** Any answer counts: a gateway that says 401 lives. */
async function isReachable(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(REACHABLE_WITHIN_MS) });
    await response.body?.cancel();
    return true;
  } catch {
    return false;
  }
}
