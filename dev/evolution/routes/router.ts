/**
 * Evolution's HTTP API: which route a request means, who may call it, what it answers.
 *
 * @module
 */

import { type Answer, cannot, failure, noSuchInstance, ok, unauthorized } from "../answers.ts";
import type { World } from "../world.ts";
import { chatRoutes } from "./chat.ts";
import { instanceRoutes } from "./instances.ts";
import { messageRoutes } from "./messages.ts";
import type { Call, Route } from "./route.ts";
import { settingRoutes } from "./webhook.ts";

const welcome: Route = {
  method: "GET",
  path: "/",
  name: "root",
  scope: "public",
  handle: ({ world }) =>
    ok({
      status: 200,
      message: "Welcome to the Evolution API, it is working!",
      version: world.rules.version,
      clientName: "evolution",
      documentation: "https://doc.evolution-api.com",
      whatsappWebVersion: "2.3000.1029000000",
    }),
};

const ROUTES: readonly Route[] = [
  welcome,
  ...instanceRoutes,
  ...messageRoutes,
  ...chatRoutes,
  ...settingRoutes,
];

/** What a request's method and path mean. */
export interface Match {
  readonly route: Route;
  /** The instance's name, unescaped; null where the route has none. */
  readonly instanceName: string | null;
}

/** Finds the route of a request. */
export function matchRoute(method: string, pathname: string): Match | null {
  const at = pathname.lastIndexOf("/");
  const [folder, last] = [pathname.slice(0, at), pathname.slice(at + 1)];
  for (const route of ROUTES) {
    if (route.method !== method) continue;
    if (route.scope !== "instance" && route.path === pathname) return { route, instanceName: null };
    if (route.scope === "instance" && route.path === folder && last !== "") {
      return { route, instanceName: unescaped(last) };
    }
  }
  return null;
}

/**
 * Answers a request: licence, body, route, instance, key, and then the route itself.
 *
 * @param rawBody The body as it came; empty where there was none.
 */
export async function respond(
  world: World,
  request: Request,
  match: Match | null,
  rawBody: string,
): Promise<Answer> {
  const url = new URL(request.url);
  if (world.rules.needsLicence && !world.licensed && url.pathname !== "/") {
    return failure(503, "License not activated");
  }
  const parsed = parseBody(rawBody);
  if (!parsed.ok) return parsed.answer;
  if (match === null) return cannot(request.method, url.pathname);

  const { route, instanceName } = match;
  const instance = instanceName === null ? null : world.instances.get(instanceName) ?? null;
  if (instanceName !== null && instance === null) return noSuchInstance(instanceName);
  const key = keyOf(world, request, instance?.token ?? null, route.scope);
  if (key === null) return unauthorized;
  const call: Call = { world, body: parsed.body, query: url.searchParams, key };
  if (route.scope !== "instance") return await route.handle(call);
  if (instance === null) return cannot(request.method, url.pathname);
  return await route.handle({ ...call, instance });
}

/** The global key opens everything; a token its own instance, and the list filtered to it. */
function keyOf(
  world: World,
  request: Request,
  instanceToken: string | null,
  scope: Route["scope"],
): Call["key"] | null {
  const key = request.headers.get("apikey");
  if (scope === "public" || key === world.settings.apiKey) return { kind: "global" };
  if (key === null || scope === "global") return null;
  const tokens = scope === "instance"
    ? [instanceToken]
    : [...world.instances.values()].map(({ token }) => token);
  return tokens.includes(key) ? { kind: "token", token: key } : null;
}

type ParsedBody =
  | { readonly ok: true; readonly body: unknown }
  | { readonly ok: false; readonly answer: Answer };

/** Express parses the body before anything else, and the error handler muddles the two codes. */
function parseBody(text: string): ParsedBody {
  if (text === "") return { ok: true, body: {} };
  try {
    return { ok: true, body: JSON.parse(text) as unknown };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const body = { status: 400, error: "Internal Server Error", response: { message } };
    return { ok: false, answer: { status: 400, body } };
  }
}

function unescaped(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
