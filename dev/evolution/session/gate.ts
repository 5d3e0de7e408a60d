/**
 * What stands between a caller and the gateway: a process that is down, slowness, canned answers.
 *
 * @module
 */

import type { Answer } from "../answers.ts";

/**
 * What a route does instead of answering as itself.
 * - an answer: given as it is, and nothing is done;
 * - `hang`: no answer, and nothing is done;
 * - `invalid-json`: 200 with an HTML page, and nothing is done;
 * - `cut`: the work is done, but the connection breaks before the answer.
 */
export type Fault =
  | {
    readonly status: number;
    readonly body: unknown;
    /** How many calls; the scope's, unless given. */
    readonly times?: number | undefined;
  }
  | "hang"
  | "invalid-json"
  | "cut";

/** Which calls a fault meets. */
export interface FaultScope {
  /** How many calls; 1 unless given. */
  readonly times?: number | undefined;
  /** Only calls about this instance. */
  readonly instance?: string | undefined;
}

interface Armed {
  readonly route: string;
  readonly fault: Fault;
  readonly instance: string | undefined;
  left: number;
}

/** The gate of one simulator. */
export class Gate {
  /** Connections are refused. */
  down = false;
  readonly #slow = new Map<string, number>();
  #armed: Armed[] = [];

  /** Adds `ms` to every answer of `route`; 0 ends it. */
  slow(route: string, ms: number): void {
    this.#slow.set(route, ms);
  }

  /** What {@linkcode slow} adds to `route`, in milliseconds. */
  slownessOf(route: string): number {
    return this.#slow.get(route) ?? 0;
  }

  /** Arms a fault for the next calls of `route`. */
  arm(route: string, fault: Fault, { times = 1, instance }: FaultScope): void {
    const own = typeof fault === "object" ? fault.times : undefined;
    this.#armed.push({ route, fault, instance, left: own ?? times });
  }

  /** The fault that this call meets, if any; it counts. */
  take(route: string, instance: string | null): Fault | null {
    const met = this.#armed.find((armed) =>
      armed.route === route && (armed.instance === undefined || armed.instance === instance)
    );
    if (met === undefined) return null;
    met.left--;
    this.#armed = this.#armed.filter(({ left }) => left > 0);
    return met.fault;
  }

  /** Disarms everything. */
  clear(): void {
    this.#slow.clear();
    this.#armed = [];
    this.down = false;
  }
}

/** An answer as Express sends it. */
export function responseOf({ status, body }: Answer): Response {
  return new Response(JSON.stringify(body ?? null), {
    status,
    headers: { "content-type": "application/json; charset=utf-8", "x-powered-by": "Express" },
  });
}

/** What a proxy in front of the gateway answers when it has lost it. */
export function invalidJson(): Response {
  return new Response("<html><body>Bad Gateway</body></html>", {
    headers: { "content-type": "text/html" },
  });
}

/** What `fetch` throws when nobody listens. */
export function connectionRefused(url: string): TypeError {
  return new TypeError(
    `error sending request for url (${url}): client error (Connect): tcp connect error: ` +
      "Connection refused (os error 111)",
  );
}

/** What `fetch` throws when the connection breaks before the answer. */
export function connectionReset(url: string): TypeError {
  return new TypeError(
    `error sending request for url (${url}): client error (SendRequest): ` +
      "connection closed before message completed",
  );
}
