/**
 * What stands between a caller and the gateway: a process that is down, slowness, canned answers,
 * and the list of calls.
 *
 * @module
 */

import { z } from "zod";
import type { Gateway } from "../model/gateway.ts";
import type { Answer } from "./answers.ts";

/**
 * What a route does instead of answering as itself.
 * - an answer: given as it is, and nothing is done;
 * - `hang`: no answer, and nothing is done;
 * - `invalid-json`: 200 with an HTML page, and nothing is done;
 * - `page`: the same with another status, such as a firewall's 403;
 * - `cut`: the work is done, but the connection breaks before the answer.
 */
export const Fault = z.union([
  z.enum(["hang", "invalid-json", "cut"]),
  z.object({ page: z.number() }),
  z.object({
    status: z.number(),
    body: z.unknown(),
    /** How many calls; the scope's, unless given. */
    times: z.number().optional(),
  }),
]);

/** See {@linkcode Fault}. */
export type Fault = z.infer<typeof Fault>;

/** Which calls a fault meets. */
export interface FaultScope {
  /** How many calls; 1 unless given. */
  readonly times?: number | undefined;
  /** Only calls about this instance. */
  readonly instance?: string | undefined;
}

/** A call that came in: no body, no key. */
export interface CallRecord {
  readonly at: Date;
  readonly method: string;
  /** The route's short name, such as `logout`; `unknown` for a path that is none. */
  readonly route: string;
  readonly instance: string | null;
  /** Null while the answer is being made, and for ever where none came. */
  readonly status: number | null;
  /** How long it took, in milliseconds; null like `status`. */
  readonly ms: number | null;
}

/** Calls remembered. */
const REMEMBERED = 20_000;

interface Armed extends FaultScope {
  readonly route: string;
  readonly fault: Fault;
  left: number;
}

/** The gate of one simulator. */
export class Gate {
  /** Connections are refused. */
  down = false;
  /** What came in, oldest first. */
  readonly calls: CallRecord[] = [];
  readonly #slow = new Map<string, number>();
  #armed: Armed[] = [];

  /** @param gateway What it stands in front of. */
  constructor(private readonly gateway: Gateway) {}

  /** Adds `ms` to every answer of `route`; 0 ends it. */
  slow(route: string, ms: number): void {
    this.#slow.set(route, ms);
  }

  /** Arms a fault for the next calls of `route`. */
  arm(route: string, fault: Fault, { times = 1, instance }: FaultScope): void {
    const own = typeof fault === "object" && "times" in fault ? fault.times : undefined;
    this.#armed.push({ route, fault, instance, left: own ?? times });
  }

  /** Disarms everything. */
  clear(): void {
    this.#slow.clear();
    this.#armed = [];
    this.down = false;
  }

  /**
   * Lets a call in: the answer comes after the route's time, or what a fault makes of it.
   *
   * @param work Makes the answer from the body.
   */
  async pass(
    request: Request,
    { route, instance }: Pick<CallRecord, "route" | "instance">,
    work: (body: string) => Promise<Answer>,
  ): Promise<Response> {
    const { method, url } = request;
    const { settings } = this.gateway;
    if (this.down || settings.background.signal.aborted) throw connectionRefused(url);
    const at = this.gateway.now();
    const record = {
      at,
      method,
      route,
      instance,
      status: null as number | null,
      ms: null as number | null,
    };
    if (this.calls.push(record) > REMEMBERED) this.calls.shift();
    const body = await request.text();
    await this.gateway.sleep(settings.latency(route) + (this.#slow.get(route) ?? 0));
    const response = await this.#answer(this.#take(route, instance), url, () => work(body));
    record.status = response.status;
    record.ms = this.gateway.now().getTime() - at.getTime();
    return response;
  }

  /** The fault that this call meets, if any; it counts. */
  #take(route: string, instance: string | null): Fault | undefined {
    const met = this.#armed.find((armed) =>
      armed.route === route && (armed.instance === undefined || armed.instance === instance)
    );
    if (met) met.left--;
    this.#armed = this.#armed.filter(({ left }) => left > 0);
    return met?.fault;
  }

  async #answer(
    fault: Fault | undefined,
    url: string,
    work: () => Promise<Answer>,
  ): Promise<Response> {
    if (fault === "hang") return await new Promise<never>(() => {});
    if (fault === "invalid-json") return htmlPage(200);
    if (typeof fault === "object" && "page" in fault) return htmlPage(fault.page);
    const response = responseOf(typeof fault === "object" ? fault : await work());
    if (fault === "cut") throw connectionReset(url);
    return response;
  }
}

/** An answer as Express sends it. */
function responseOf({ status, body }: Answer): Response {
  return new Response(JSON.stringify(body ?? null), {
    status,
    headers: { "content-type": "application/json; charset=utf-8", "x-powered-by": "Express" },
  });
}

/** What a proxy, a parked domain or a firewall in front of the gateway answers in its place. */
function htmlPage(status: number): Response {
  return new Response("<html><body>Bad Gateway</body></html>", {
    status,
    headers: { "content-type": "text/html" },
  });
}

/** What `fetch` throws when nobody listens. */
export function connectionRefused(url: string): TypeError {
  return fetchError(url, "(Connect): tcp connect error: Connection refused (os error 111)");
}

/** What `fetch` throws when the connection breaks before the answer. */
export function connectionReset(url: string): TypeError {
  return fetchError(url, "(SendRequest): connection closed before message completed");
}

function fetchError(url: string, why: string): TypeError {
  return new TypeError(`error sending request for url (${url}): client error ${why}`);
}
