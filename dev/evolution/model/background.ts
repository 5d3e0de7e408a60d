/**
 * The loops that go on between requests, so that all of them can be ended.
 *
 * @module
 */

/** Why a sleep was cut short: the simulator, or the loop that slept, was ended. */
export class EndedError extends Error {
  override readonly name = "EndedError";
  /** @param what What was ended. */
  constructor(what: string) {
    super(`${what} was ended`);
  }
}

/** The running loops of one simulator. */
export class Background {
  readonly #running = new Set<Promise<void>>();
  readonly #end = new AbortController();
  readonly #stops = new Set<AbortController>();

  /** Aborted when the whole simulator is closed. */
  get signal(): AbortSignal {
    return this.#end.signal;
  }

  /**
   * Starts a loop; it runs until it returns or `stop` ends it. Its first steps, up to its first
   * wait, are done when this returns. What it throws after its end is ignored.
   *
   * @param task Gets the signal that its sleeps have to heed.
   * @param stop Ends this loop alone.
   */
  start(task: (signal: AbortSignal) => Promise<void>, stop = new AbortController()): void {
    if (this.#end.signal.aborted) return stop.abort(this.#end.signal.reason);
    this.#stops.add(stop);
    const run = task(stop.signal).catch((error: unknown) => {
      if (!stop.signal.aborted) throw error;
    }).finally(() => {
      this.#running.delete(run);
      this.#stops.delete(stop);
    });
    this.#running.add(run);
  }

  /** Ends every loop and waits until they are gone. */
  async close(): Promise<void> {
    const reason = new EndedError("the gateway");
    this.#end.abort(reason);
    for (const stop of this.#stops) stop.abort(reason);
    await Promise.all(this.#running);
  }
}

/**
 * Waits for `promise`, but not longer than until `signal` is aborted.
 *
 * @throws The signal's reason, when that came first.
 */
export async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  promise.catch(() => {});
  signal.throwIfAborted();
  const ended = Promise.withResolvers<never>();
  ended.promise.catch(() => {});
  const stop = () => ended.reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([promise, ended.promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
