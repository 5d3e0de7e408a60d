/**
 * Remembers how each scheduled job went the last time.
 *
 * @module
 */

import type { TickerJob } from "../ticker.ts";

/** The last run of a job that ended, or `never`. */
export type JobRun =
  | { readonly name: string; readonly result: "never" }
  | {
    readonly name: string;
    readonly result: "ok" | "failed";
    /** When it ended, as an ISO instant. */
    readonly at: string;
    /** How long it took, in milliseconds. */
    readonly ms: number;
    /** What the job said of itself; why it failed. */
    readonly said: unknown;
  };

/** Jobs that are watched. */
export interface JobRecord {
  /** The jobs, to be run instead of the given ones. */
  readonly jobs: readonly TickerJob[];
  /** How each went, in the order given. */
  readonly runs: () => readonly JobRun[];
}

/**
 * Watches jobs.
 *
 * @param jobs What to watch.
 * @param now The current instant.
 */
export function recordJobs(jobs: readonly TickerJob[], now: () => Date): JobRecord {
  const last = new Map<string, JobRun>();
  const watch = ({ name, run }: TickerJob): TickerJob => ({
    name,
    run: async () => {
      const started = now().getTime();
      const note = (result: "ok" | "failed", said: unknown) => {
        const at = now();
        const ms = at.getTime() - started;
        last.set(name, { name, result, at: at.toISOString(), ms, said });
      };
      try {
        const said = await run();
        note("ok", said ?? null);
        return said;
      } catch (error) {
        note("failed", error instanceof Error ? error.message : String(error));
        throw error;
      }
    },
  });
  return {
    jobs: jobs.map(watch),
    runs: () => jobs.map(({ name }) => last.get(name) ?? { name, result: "never" }),
  };
}
