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
import type { DatabaseFault } from "./actions.ts";
import type { Invocations } from "./invocations.ts";
import { type GatewayCall, readPath } from "./ledger.ts";

/** Later than the functions wait for an answer of the database, in ms. */
const LATE_MS = 12_000;
/** Sooner than that. */
const SLOW_MS = 6_000;

/** What {@linkcode Network} needs; given once the world is there. */
export interface NetworkSurroundings {
  readonly clock: VirtualClock;
  readonly control: EvolutionControl;
  readonly invocations: Invocations;
  /** Looks at a call of an SQL function from both sides. */
  readonly watch: (
    fn: string,
    args: Readonly<Record<string, unknown>>,
    run: () => Promise<Response>,
  ) => Promise<Response>;
  /** Hears of every call that reaches the gateway. */
  readonly arrived: (call: GatewayCall) => void;
  /** Hears of a logout that cost the pairing. */
  readonly unpaired: (logout: GatewayCall) => void;
  /** Looks at a call before it is made. */
  readonly issued: (route: string, instance: string) => Promise<void>;
  /** Hears what must not be. */
  readonly violated: (what: string) => void;
}

/** Wraps the fetches of a world. */
export class Network {
  surroundings: NetworkSurroundings | undefined;
  readonly #database = new Map<string, DatabaseFault>();
  readonly #delays = new Map<string, number>();

  /** The next call of an SQL function meets a fault. */
  breakDatabase(fn: string, fault: DatabaseFault): void {
    this.#database.set(fn, fault);
  }

  /** The next call of a route takes longer on its way. */
  delayGateway(route: string, ms: number): void {
    this.#delays.set(route, ms);
  }

  /** No more faults. */
  mend(): void {
    this.#database.clear();
    this.#delays.clear();
  }

  /** For `aroundDatabase`. */
  aroundDatabase(inner: typeof fetch): typeof fetch {
    return (input, init) => {
      const around = this.surroundings;
      return around === undefined
        ? inner(input, init)
        : around.invocations.effect(() => this.#askDatabase(inner, `${input}`, init ?? {}, around));
    };
  }

  async #askDatabase(
    inner: typeof fetch,
    url: string,
    init: RequestInit,
    { clock, watch }: NetworkSurroundings,
  ): Promise<Response> {
    const fn = /\/rpc\/(\w+)/.exec(url)?.[1] ?? "";
    const fault = this.#database.get(fn);
    this.#database.delete(fn);
    if (fault === "refused") throw new TypeError("client error (Connect): connection refused");
    // Requests of one instant take turns, as timers do.
    await clock.sleep(fault === "late" ? LATE_MS : 0);
    // What is on its way arrives, whether or not anybody still waits for the answer.
    const { signal: _, ...sent } = init;
    const run = () => inner(url, sent);
    const answer = fn === "" ? await run() : await watch(fn, argumentsOf(init), run);
    if (fault === "slow") await clock.sleep(SLOW_MS);
    if (fault === "answer lost") throw new TypeError("connection reset");
    return answer;
  }

  /** For `aroundGateway`. */
  aroundGateway(inner: typeof fetch): typeof fetch {
    return (input, init) => {
      const around = this.surroundings;
      return around === undefined
        ? inner(input, init)
        : around.invocations.effect(() => this.#askGateway(inner, `${input}`, init ?? {}, around));
    };
  }

  async #askGateway(
    inner: typeof fetch,
    url: string,
    init: RequestInit,
    around: NetworkSurroundings,
  ): Promise<Response> {
    const { clock, control, invocations } = around;
    if (!url.startsWith(EVOLUTION_URL)) {
      around.violated(`a call to somebody else's gateway: ${url}`);
    }
    const { route, instance } = readPath(url);
    const issuedAt = clock.monotonicMs();
    await around.issued(route, instance);
    const delay = this.#delays.get(route);
    this.#delays.delete(route);
    if (delay !== undefined) await clock.sleep(delay);
    const isPaired = () =>
      control.instances().includes(instance) && control.inspect(instance).paired;
    const wasPaired = isPaired();
    const arrivedAt = clock.monotonicMs();
    const call: GatewayCall = { route, instance, by: invocations.by, issuedAt, arrivedAt };
    around.arrived(call);
    try {
      return await invocations.outside(() => inner(url, init));
    } finally {
      if (route === "logout" && wasPaired && !isPaired()) around.unpaired(call);
    }
  }
}

function argumentsOf(init: RequestInit): Readonly<Record<string, unknown>> {
  return typeof init.body === "string" ? JSON.parse(init.body) : {};
}
