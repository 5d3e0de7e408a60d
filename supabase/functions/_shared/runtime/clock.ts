/**
 * Time as an effect: everything that waits or limits takes a {@linkcode Clock},
 * so that a test decides how long a minute is.
 *
 * @module
 */

/** What the code may ask of time. */
export interface Clock {
  /** The current instant. Decisions in the database use the database's clock, never this one. */
  now(): Date;
  /** Milliseconds since some fixed moment; never goes back, whatever happens to the wall clock. */
  monotonicMs(): number;
  /**
   * Waits.
   *
   * @param ms How long, in milliseconds.
   * @param signal Ends the wait early; the promise then rejects with the signal's reason.
   */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const stop = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", stop);
        resolve();
      }, ms);
      signal?.addEventListener("abort", stop, { once: true });
    }),
};

/** Thrown by {@linkcode withTimeLimit} when the time is up. */
export class TimeLimitError extends Error {
  /** For logs. */
  override readonly name = "TimeLimitError";
  /** Names the limit. */
  constructor(
    /** The limit that passed, in milliseconds. */
    readonly ms: number,
  ) {
    super(`no answer within ${ms} ms`);
  }
}

/** Nobody reads it; the default reason would be an exception with a stack, made for every call. */
const FINISHED = Symbol("finished");

/**
 * Runs `task` with a time limit. The task's signal is aborted when the time is up, and the promise
 * rejects at once, whether or not the task heeds the signal.
 *
 * @param clock Whose milliseconds are meant.
 * @param ms The limit.
 * @param task What to run.
 * @returns What the task returned.
 * @throws {TimeLimitError} When the limit passed first.
 */
export async function withTimeLimit<T>(
  clock: Clock,
  ms: number,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const finished = new AbortController();
  const expired = clock.sleep(ms, finished.signal).then(() => {
    const error = new TimeLimitError(ms);
    limit.abort(error);
    throw error;
  });
  // When the task wins, the sleep rejects with nobody listening.
  expired.catch(() => {});
  try {
    return await Promise.race([task(limit.signal), expired]);
  } finally {
    finished.abort(FINISHED);
  }
}
