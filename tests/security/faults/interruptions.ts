/**
 * What can go wrong between a function and its surroundings, made to happen at a chosen moment.
 *
 * @module
 */

import { AsyncLocalStorage } from "node:async_hooks";
import type { FunctionHandler } from "../../../dev/platform/functions.ts";

/**
 * - `cut`: the connection breaks before anything is done;
 * - `lost`: it is done, and the answer is lost;
 * - `unavailable`: 503, nothing is done;
 * - `hang`: no answer, nothing is done;
 * - `garbled`: it is done, and the answer is no JSON;
 * - `killed-before`, `killed-after`: the function itself ends there, without a word.
 */
export const FAULT_KINDS = [
  "cut",
  "lost",
  "unavailable",
  "hang",
  "garbled",
  "killed-before",
  "killed-after",
] as const;

/** A fault at the nth time that a point is passed. */
export interface Fault {
  /** A boundary: `sql:` and a function, `gateway:` and a route, `auth`. */
  readonly point: string;
  readonly kind: typeof FAULT_KINDS[number];
  readonly nth: number;
}

interface Invocation {
  killed: boolean;
  readonly end: PromiseWithResolvers<null>;
}

/** The faults of one run. */
export class Interruptions {
  /** False: nothing goes wrong any more. */
  on = true;
  /** How many faults really struck. */
  struck = 0;
  readonly #passed = new Map<string, number>();
  readonly #invocations = new AsyncLocalStorage<Invocation | undefined>();

  /** @param faults What is to go wrong. */
  constructor(private readonly faults: readonly Fault[]) {}

  /** Every point that was passed. */
  get points(): readonly string[] {
    return [...this.#passed.keys()];
  }

  /** Runs a function as one that may be killed; null where it was. */
  async invoke<T>(work: () => Promise<T>): Promise<T | null> {
    const invocation: Invocation = { killed: false, end: Promise.withResolvers<null>() };
    return await Promise.race([this.#invocations.run(invocation, work), invocation.end.promise]);
  }

  /** Webhooks: a function that is killed leaves the gateway with a broken connection. */
  aroundWebhooks(inner: FunctionHandler): FunctionHandler {
    return async (request) => {
      const response = await this.invoke(() => inner(request));
      if (response === null) throw new TypeError("connection closed before message completed");
      return response;
    };
  }

  /** Stands between the functions and what they reach by `fetch`. */
  around(inner: typeof fetch, pointOf: (url: URL) => string): typeof fetch {
    return async (input, init) => {
      const invocation = this.#invocations.getStore();
      if (invocation?.killed) return await never();
      // What is reached lives on its own, whatever becomes of the caller.
      const work = () => this.#invocations.run(undefined, () => inner(input, init));
      const fault = this.#take(pointOf(new URL(input instanceof Request ? input.url : input)));
      switch (fault) {
        case null:
          break;
        case "cut":
          throw new TypeError("connection reset by peer");
        case "unavailable":
          return Response.json({ message: "unavailable" }, { status: 503 });
        case "hang":
          return await never();
        case "killed-before":
          return await this.#kill(invocation);
        case "lost":
          await (await work()).body?.cancel();
          throw new TypeError("connection closed before message completed");
        case "garbled":
          await (await work()).body?.cancel();
          return new Response('{"whatever": tru');
        case "killed-after":
          await (await work()).body?.cancel();
          return await this.#kill(invocation);
      }
      const response = await work();
      // Killed meanwhile, in another branch of the same function.
      return invocation?.killed ? await never() : response;
    };
  }

  #kill(invocation: Invocation | undefined): Promise<never> {
    if (invocation !== undefined) {
      invocation.killed = true;
      invocation.end.resolve(null);
    }
    return never();
  }

  #take(point: string): Fault["kind"] | null {
    if (!this.on) return null;
    const times = (this.#passed.get(point) ?? 0) + 1;
    this.#passed.set(point, times);
    const fault = this.faults.find((each) => each.point === point && each.nth === times);
    if (fault === undefined) return null;
    this.struck++;
    return fault.kind;
  }
}

function never(): Promise<never> {
  return new Promise<never>(() => {});
}

/** The points of Supabase: an SQL function's name, or the auth server. */
export function supabasePoint({ pathname }: URL): string {
  const fn = /\/rpc\/(\w+)$/.exec(pathname)?.[1];
  return fn === undefined ? "auth" : `sql:${fn}`;
}

/** The points of the gateway: the route without the instance's name. */
export function gatewayPoint({ pathname }: URL): string {
  return `gateway:${pathname.split("/").slice(1, 3).join("/")}`;
}
