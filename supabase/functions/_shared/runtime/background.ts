/**
 * Work that goes on after the answer was sent.
 *
 * @module
 */

import { errorName, type Log } from "./log.ts";

/** Runs work in the background and knows when all of it has ended. */
export interface Background {
  /** Starts nothing: the promise is already under way. It is kept alive and its failure is logged. */
  run(work: Promise<unknown>, log: Log): void;
  /** Resolves when no work is left. For tests and a clean shutdown. */
  settled(): Promise<void>;
}

/** Has the platform, where there is one, wait for work that nobody awaits. */
export function keepAlive(work: Promise<unknown>): void {
  const { EdgeRuntime } = globalThis as {
    EdgeRuntime?: { waitUntil?(work: Promise<unknown>): void };
  };
  EdgeRuntime?.waitUntil?.(work);
}

/** Makes a {@linkcode Background} that the platform, where there is one, waits for. */
export function createBackground(): Background {
  const running = new Set<Promise<void>>();
  return {
    run: (work, log) => {
      const watched: Promise<void> = work.then(
        () => {},
        (error) => log.write("error", "background_failed", { error: errorName(error) }),
      ).finally(() => running.delete(watched));
      running.add(watched);
      keepAlive(watched);
    },
    settled: async () => {
      while (running.size > 0) await Promise.all(running);
    },
  };
}
