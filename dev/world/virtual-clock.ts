/**
 * A clock that moves only when it is told to, for tests, the simulation and the demo.
 *
 * Time stands still while real work (a query, a request to PostgREST, a signature) is under way, and
 * jumps to the next timer when there is none: 60 seconds of waiting for a dead socket take no time,
 * and nothing in a test depends on how fast the machine is.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import type { Clock } from "../../supabase/functions/_shared/runtime/clock.ts";

interface Timer {
  readonly at: number;
  readonly fire: () => void;
}

/** Turns of the event loop without real work after which the program counts as idle. */
const IDLE_TURNS = 4;

/** Real work that takes longer than this, in real ms, has hung: better an error than a silent wait. */
const HUNG_MS = 60_000;

/** A {@linkcode Clock} under the caller's control. */
export class VirtualClock implements Clock {
  #now: number;
  /** The next first; of those due at once, the one that was set first. */
  readonly #timers: Timer[] = [];
  #busy = 0;
  #activity = 0;
  #free: (() => void)[] = [];
  #driving: Promise<unknown> = Promise.resolve();
  readonly #listeners: ((ms: number) => void)[] = [];

  /** @param start The first instant; now, unless told. */
  constructor(start: Date = new Date()) {
    this.#now = start.getTime();
  }

  /** The virtual instant. */
  now(): Date {
    return new Date(this.#now);
  }

  /** Virtual milliseconds. */
  monotonicMs(): number {
    return this.#now;
  }

  /** Registers a timer; see {@linkcode Clock.sleep}. */
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const stop = () => {
        this.#remove(timer);
        reject(signal?.reason);
      };
      const timer: Timer = {
        at: this.#now + Math.max(0, ms),
        fire: () => {
          signal?.removeEventListener("abort", stop);
          resolve();
        },
      };
      signal?.addEventListener("abort", stop, { once: true });
      this.#timers.splice(this.#placeAfter(timer.at), 0, timer);
    });
  }

  /** Where a timer goes that is set now. Found by halves: a fleet has thousands at once. */
  #placeAfter(at: number): number {
    let [least, most] = [0, this.#timers.length];
    while (least < most) {
      const middle = (least + most) >> 1;
      if (this.#timers[middle]!.at <= at) least = middle + 1;
      else most = middle;
    }
    return least;
  }

  #remove(timer: Timer): void {
    const place = this.#timers.lastIndexOf(timer, this.#placeAfter(timer.at));
    if (place >= 0) this.#timers.splice(place, 1);
  }

  /** Counts `work` as real work: time does not move until it settles. */
  async track<T>(work: Promise<T>): Promise<T> {
    this.#busy++;
    this.#activity++;
    try {
      return await work;
    } finally {
      this.#busy--;
      this.#activity++;
      if (this.#busy === 0) this.#free.splice(0).forEach((wake) => wake());
    }
  }

  /** Calls `listener` with every jump's milliseconds, before the timers there fire. */
  onAdvance(listener: (ms: number) => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Moves time until `promise` settles.
   *
   * @param limitMs How much virtual time it may take before this is called a hang.
   * @returns What the promise returned.
   * @throws {Error} When nothing is left that could settle it, or the limit passed.
   */
  until<T>(promise: Promise<T>, limitMs = 24 * 3_600_000): Promise<T> {
    return this.#drive(async () => {
      let settled = false;
      const mark = () => void (settled = true);
      promise.then(mark, mark);
      const end = this.#now + limitMs;
      while (true) {
        await this.#idle();
        if (settled) return await promise;
        const [next] = this.#timers;
        if (!next) throw new Error("virtual time: nothing waits that could settle the promise");
        if (next.at > end) throw new Error(`virtual time: not settled within ${limitMs} ms`);
        this.#fire(next);
      }
    });
  }

  /** Moves time by `ms`, firing every timer on the way in order. */
  advance(ms: number): Promise<void> {
    return this.#drive(async () => {
      const end = this.#now + ms;
      while (true) {
        await this.#idle();
        const [next] = this.#timers;
        if (!next || next.at > end) break;
        this.#fire(next);
      }
      this.#jump(end);
    });
  }

  /** Waits until no real work is under way, without moving time. */
  idle(): Promise<void> {
    return this.#drive(() => this.#idle());
  }

  /** Two drivers at once would each move time under the other's feet: they take turns. */
  #drive<T>(task: () => Promise<T>): Promise<T> {
    const run = this.#driving.then(task, task);
    this.#driving = run.catch(() => {});
    return run;
  }

  async #idle(): Promise<void> {
    for (let quiet = 0; quiet < IDLE_TURNS; quiet++) {
      const before = this.#activity;
      if (this.#busy > 0) await this.#untilFree();
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (this.#activity !== before) quiet = -1;
    }
  }

  #untilFree(): Promise<void> {
    return new Promise((resolve, reject) => {
      const hung = setTimeout(() => {
        reject(new Error(`virtual time: ${this.#busy} pieces of real work have hung`));
      }, HUNG_MS);
      this.#free.push(() => {
        clearTimeout(hung);
        resolve();
      });
    });
  }

  #fire(timer: Timer): void {
    this.#jump(timer.at);
    this.#remove(timer);
    timer.fire();
  }

  #jump(to: number): void {
    const ms = to - this.#now;
    if (ms <= 0) return;
    this.#now = to;
    for (const listener of this.#listeners) listener(ms);
  }
}

const METHODS = ["sign", "verify", "digest", "importKey"] as const;
const clocks = new Set<VirtualClock>();
let installed = false;

/**
 * Counts WebCrypto's work as real work of `clock`: signatures are made off the main thread.
 *
 * @returns Ends it.
 */
export function trackCrypto(clock: VirtualClock): () => void {
  if (!installed) install();
  clocks.add(clock);
  return () => void clocks.delete(clock);
}

function install(): void {
  installed = true;
  const subtle = crypto.subtle as unknown as Record<
    string,
    (...args: unknown[]) => Promise<unknown>
  >;
  for (const method of METHODS) {
    const original = subtle[method]!.bind(crypto.subtle);
    subtle[method] = (...args) => {
      let work = original(...args);
      for (const clock of clocks) work = clock.track(work);
      return work;
    };
  }
}
