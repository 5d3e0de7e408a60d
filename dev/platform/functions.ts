/**
 * Loads the Edge Functions' real entry files into this process.
 *
 * @module
 */

import { CONFIG, readVerifyJwt } from "./config.ts";

/** What a function does with a request. */
export type FunctionHandler = (request: Request) => Promise<Response>;

/** A function as the router runs it. */
export interface LocalFunction {
  readonly handler: FunctionHandler;
  /** Whether the caller's token is checked before the function sees the request. */
  readonly verifyJwt: boolean;
}

/** The project's functions. */
export const FUNCTIONS = new URL("../../supabase/functions/", import.meta.url);

/** Modules run once per process, so what they registered is kept. */
const loaded = new Map<string, FunctionHandler>();
let turn: Promise<unknown> = Promise.resolve();

/**
 * Imports the index.ts of every folder that has one, while `Deno.serve` is caught: each calls it
 * once with its handler. The environment that they read at import has to be there before.
 *
 * @param folder The functions; the project's unless told.
 * @param isFunction Which folders to take; all unless told.
 * @returns Function name → handler.
 * @throws {Error} When an entry file does not call `Deno.serve` exactly once.
 */
export function loadFunctions(
  folder: URL = FUNCTIONS,
  isFunction: (name: string) => boolean = () => true,
): Promise<ReadonlyMap<string, FunctionHandler>> {
  // Deno.serve is one for all: two loads at once would catch each other's handlers.
  const run = turn.then(() => loadAll(folder, isFunction));
  turn = run.catch(() => {});
  return run;
}

/**
 * {@linkcode loadFunctions} joined with `verify_jwt` of supabase/config.toml, as the router wants it.
 *
 * @param handlers What was loaded.
 * @param configToml The configuration's text; the project's unless told.
 */
export async function withVerifyJwt(
  handlers: ReadonlyMap<string, FunctionHandler>,
  configToml?: string,
): Promise<ReadonlyMap<string, LocalFunction>> {
  const verifyJwt = readVerifyJwt(configToml ?? await Deno.readTextFile(CONFIG));
  const entries = [...handlers].map(([name, handler]) =>
    [name, { handler, verifyJwt: verifyJwt(name) }] as const
  );
  return new Map(entries);
}

async function loadAll(folder: URL, isFunction: (name: string) => boolean) {
  const handlers = new Map<string, FunctionHandler>();
  const names: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    if (entry.isDirectory && !entry.name.startsWith("_")) names.push(entry.name);
  }
  for (const name of names.sort().filter(isFunction)) {
    const file = new URL(`${name}/index.ts`, folder);
    if (!(await exists(file))) continue;
    const handler = loaded.get(file.href) ?? await load(name, file);
    loaded.set(file.href, handler);
    handlers.set(name, handler);
  }
  return handlers;
}

async function load(name: string, file: URL): Promise<FunctionHandler> {
  const caught: Deno.ServeHandler[] = [];
  const serve = Deno.serve;
  const stub = (...args: unknown[]): Deno.HttpServer<Deno.NetAddr> => {
    caught.push(handlerOf(args));
    return idleServer();
  };
  Deno.serve = stub as typeof Deno.serve;
  try {
    await import(file.href);
  } finally {
    Deno.serve = serve;
  }
  const [handler, second] = caught;
  if (!handler || second) {
    throw new Error(`${name}/index.ts must call Deno.serve once, it called it ${caught.length}×`);
  }
  return async (request) => await handler(request, callInfo());
}

/** `serve(handler)`, `serve(options, handler)` or `serve({ handler })`. */
function handlerOf(args: readonly unknown[]): Deno.ServeHandler {
  for (const arg of args) {
    const handler = typeof arg === "object" && arg !== null && "handler" in arg ? arg.handler : arg;
    if (typeof handler === "function") return handler as Deno.ServeHandler;
  }
  throw new TypeError("Deno.serve was called without a handler");
}

const address: Deno.NetAddr = { transport: "tcp", hostname: "127.0.0.1", port: 0 };

function callInfo(): Deno.ServeHandlerInfo<Deno.NetAddr> {
  return { remoteAddr: address, completed: Promise.resolve() };
}

function idleServer(): Deno.HttpServer<Deno.NetAddr> {
  const nothing = () => {};
  const done = Promise.resolve();
  return {
    finished: done,
    addr: address,
    ref: nothing,
    unref: nothing,
    shutdown: () => done,
    [Symbol.asyncDispose]: () => done,
  };
}

async function exists(file: URL): Promise<boolean> {
  try {
    return (await Deno.stat(file)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
