/**
 * Plays pg_cron: calls jobs at a steady pace.
 *
 * @module
 */

import type { Clock } from "../../supabase/functions/_shared/runtime/clock.ts";

/** Something to do at every tick. */
export interface TickerJob {
  readonly name: string;
  /** What it returns is for whoever watches. */
  readonly run: () => Promise<unknown>;
}

/** How to tick. */
export interface TickerOptions {
  readonly clock: Clock;
  /** Seconds from tick to tick; 0 for never. The first comes after one interval. */
  readonly seconds: number;
  readonly jobs: readonly TickerJob[];
  /** Told what a job threw; the job comes again at the next tick. */
  readonly onError: (job: string, error: unknown) => void;
}

/** A running ticker. */
export interface Ticker {
  /** No tick comes any more; settles when the running jobs have ended. */
  stop(): Promise<void>;
}

/**
 * Starts ticking. A job that still runs when its next tick comes is left out of that tick, like a
 * job of pg_cron; the others are not held up by it.
 *
 * @returns The ticker, to stop it.
 */
export function startTicker({ clock, seconds, jobs, onError }: TickerOptions): Ticker {
  const running = new Map<TickerJob, Promise<unknown>>();
  const stopping = new AbortController();

  const start = (job: TickerJob) => {
    const run = (async () => await job.run())()
      .catch((error) => onError(job.name, error))
      .finally(() => running.delete(job));
    running.set(job, run);
  };
  const tick = async () => {
    const interval = seconds * 1000;
    let next = clock.now().getTime();
    while (true) {
      // Along a fixed grid, so the pace does not drift; a machine that slept skips what it missed.
      const late = Math.max(0, clock.now().getTime() - next);
      next += interval * (1 + Math.floor(late / interval));
      await clock.sleep(next - clock.now().getTime(), stopping.signal);
      for (const job of jobs) if (!running.has(job)) start(job);
    }
  };
  if (seconds > 0) {
    // The only way out of the loop is the signal.
    tick().catch(() => {});
  }
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all(running.values());
    },
  };
}
