/**
 * What stands between the functions and the rest: every request is an effect of an invocation that
 * may die, meets the faults that wait for it, and is done one at a time, in the order in which it
 * was made, so that a seed always gives the same history.
 *
 * @module
 */

import type { EvolutionControl } from "../../evolution/control/control.ts";
import type { VirtualClock } from "../../world/virtual-clock.ts";
import { EVOLUTION_URL } from "../../world/virtual-world.ts";
import type { Guards } from "./promises/guards.ts";
import type { Invocations, Worker } from "./invocations.ts";
import type { Sends } from "./promises/sends.ts";
import type { DatabaseFault } from "./faults.ts";

/** Later than the functions wait for an answer of the database, in ms. */
const LATE_MS = 12_000;
/** Sooner than that. */
const SLOW_MS = 6_000;

/** One call that reached the gateway. */
export interface GatewayCall {
  readonly route: string;
  readonly instance: string;
  readonly by: Worker | null;
  /** When the function called, and when the gateway heard of it, in virtual ms. */
  readonly issuedAt: number;
  readonly arrivedAt: number;
}

/** What {@linkcode Network} needs; given once the world is there. */
interface NetworkSurroundings {
  readonly clock: VirtualClock;
  readonly control: EvolutionControl;
  readonly invocations: Invocations;
  readonly guards: Guards;
  readonly sends: Sends;
  /** Hears of every call that reaches the gateway. */
  readonly arrived: (call: GatewayCall) => void;
  /** Hears of a logout that cost the pairing. */
  readonly unpaired: (logout: GatewayCall) => void;
}

type Pass = (
  inner: typeof fetch,
  url: string,
  init: RequestInit,
  around: NetworkSurroundings,
) => Promise<Response>;

/** Wraps the fetches of a world. */
export class Network {
  surroundings: NetworkSurroundings | undefined;
  readonly #databaseFaults = new Map<string, DatabaseFault>();
  readonly #delays = new Map<string, number>();
  readonly #closes = new Map<string, number>();

  /** The next call of an SQL function meets a fault. */
  breakDatabase(fn: string, fault: DatabaseFault): void {
    this.#databaseFaults.set(fn, fault);
  }

  /** The next call of a route takes longer on its way. */
  delayGateway(route: string, ms: number): void {
    this.#delays.set(route, ms);
  }

  /** The next call of a route is done, and its answer says so many ms later that the socket is closed. */
  closeAfter(route: string, ms: number): void {
    this.#closes.set(route, ms);
  }

  /** No more faults. */
  mend(): void {
    this.#databaseFaults.clear();
    this.#delays.clear();
    this.#closes.clear();
  }

  /** For `aroundDatabase` and `aroundGateway` of a world. */
  around(what: "database" | "gateway", inner: typeof fetch): typeof fetch {
    const pass: Pass = what === "database" ? this.#askDatabase : this.#askGateway;
    return (input, init = {}) => {
      const around = this.surroundings;
      if (around === undefined) return inner(input, init);
      const { clock, invocations, sends } = around;
      const done = invocations.effect(() => pass(inner, `${input}`, init, around));
      if (!/\/message\/send/.test(`${input}`)) return done;
      const lives = invocations.life();
      return done.then((answer) => {
        if (!init.signal?.aborted) void clock.track(sends.heard(answer.clone(), lives));
        return answer;
      });
    };
  }

  readonly #askDatabase: Pass = async (inner, url, init, { clock, guards, sends }) => {
    const fn = /\/rpc\/(\w+)/.exec(url)?.[1] ?? "";
    const fault = this.#databaseFaults.get(fn);
    this.#databaseFaults.delete(fn);
    if (fault === "refused") throw new TypeError("client error (Connect): connection refused");
    // Requests of one instant take turns, as timers do.
    await clock.sleep(fault === "late" ? LATE_MS : 0);
    // What is on its way arrives, whether or not anybody still waits for the answer.
    const { signal: _, ...sent } = init;
    const run = () => inner(url, sent);
    const args = typeof init.body === "string" ? JSON.parse(init.body) : {};
    const answer = fn === "" ? await run() : await guards.aroundWrite(fn, args, run);
    if (!answer.ok) await clock.track(guards.afterRefusal(fn, answer.clone()));
    else if (fn === "note_sent_answer") sends.noted(`${args["p_whatsapp_message_id"]}`);
    if (fault === "slow") await clock.sleep(SLOW_MS);
    if (fault === "answer lost") throw new TypeError("connection reset");
    return answer;
  };

  readonly #askGateway: Pass = async (inner, url, init, around) => {
    const { clock, control, invocations, guards } = around;
    const { route, instance } = readPath(url);
    if (!url.startsWith(EVOLUTION_URL)) {
      // Each gateway is asked for its version; the idle one's is away.
      if (route !== "") guards.violated(`a call to somebody else's gateway: ${url}`);
      throw new TypeError("client error (Connect): connection refused");
    }
    const issuedAt = clock.monotonicMs();
    await guards.beforeCall(route, instance, invocations.by);
    const delay = this.#delays.get(route);
    this.#delays.delete(route);
    if (delay !== undefined) await clock.sleep(delay);
    const isPaired = () =>
      control.instances().includes(instance) && control.inspect(instance).paired;
    const isSpoiled = () =>
      control.instances().includes(instance) &&
      (control.inspect(instance).deaf || control.inspect(instance).ignoresClose);
    const [wasPaired, wasSpoiled] = [isPaired(), isSpoiled()];
    const arrivedAt = clock.monotonicMs();
    const call: GatewayCall = { route, instance, by: invocations.by, issuedAt, arrivedAt };
    around.arrived(call);
    if (route === "logout") await guards.onLogout(control, instance, call.by);
    if (route === "connect") guards.onConnect(control, instance, call.by);
    try {
      const answer = await invocations.outside(() => inner(url, init));
      const closesMs = this.#closes.get(route);
      this.#closes.delete(route);
      if (closesMs === undefined) return answer;
      await clock.sleep(closesMs);
      return connectionClosed();
    } finally {
      if (!wasSpoiled && isSpoiled()) await guards.onSpoiled(instance, call.by);
      if (route === "logout" && wasPaired && !isPaired()) around.unpaired(call);
    }
  };
}

function connectionClosed(): Response {
  const body = {
    status: 400,
    error: "Bad Request",
    response: { message: ["Error: Connection Closed"] },
  };
  return Response.json(body, { status: 400 });
}

/** `/instance/logout/name` → logout, name. */
function readPath(url: string): { readonly route: string; readonly instance: string } {
  const { pathname, searchParams } = new URL(url);
  const [, , route = "", name] = pathname.split("/");
  return { route, instance: decodeURIComponent(name ?? searchParams.get("instanceName") ?? "") };
}
