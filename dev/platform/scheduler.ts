/**
 * Plays pg_cron: what it does on a hosted project, at a steady pace, and how each job went the last
 * time. Every minute auto-reconnect-instances and the sweep; every ten seconds the other functions,
 * those that have work.
 *
 * @module
 */

import type postgres from "postgres";
import type { Clock } from "../../supabase/functions/_shared/runtime/clock.ts";

/** The functions that the scheduler calls. */
export const SCHEDULED_FUNCTIONS = [
  "auto-reconnect-instances",
  "advance-ghost-repairs",
  "watch-instances",
  "recover-messages",
  "release-held-messages",
] as const;

/** See {@linkcode SCHEDULED_FUNCTIONS}. */
type ScheduledFunction = typeof SCHEDULED_FUNCTIONS[number];

/** Of a minute: how often the database is asked which functions have work. */
const DUE_SHARE = 1 / 6;

/** The function that is called every minute, whatever there is to do. */
export const EVERY_MINUTE = "auto-reconnect-instances";

/** The other functions that have work now, each as often as it is to be called. */
export async function dueFunctions(sql: postgres.Sql): Promise<readonly ScheduledFunction[]> {
  const due = await sql<{ name: ScheduledFunction; calls: number }[]>`
    select name, calls from ghost_repair.due_functions()`;
  return due.flatMap(({ name, calls }) => Array.from({ length: calls }, () => name));
}

/** What the scheduler does in the database itself. */
export async function runScheduledSql(sql: postgres.Sql): Promise<void> {
  await sql`select public.sweep()`;
}

/** What a job says that had nothing to call. */
const NOTHING_DUE = { due: 0 } as const;

/** Something to do at every tick. */
export interface TickerJob {
  readonly name: string;
  /** What it returns is for whoever watches. */
  readonly run: () => Promise<unknown>;
}

/** Whom the scheduler calls. */
interface SchedulerCall {
  readonly url: string;
  readonly cronSecret: string;
  readonly sql: postgres.Sql;
}

/** Jobs, and the pace at which they come. */
interface Pace {
  readonly seconds: number;
  readonly jobs: readonly TickerJob[];
}

/**
 * What the scheduler does, at each of its paces.
 *
 * @param seconds A minute's length; 0 for never.
 */
export function schedulerPaces(
  { url, cronSecret, sql }: SchedulerCall,
  seconds: number,
): readonly Pace[] {
  const call = async (name: ScheduledFunction) => {
    const response = await fetch(`${url}/functions/v1/${name}`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-cron-secret": cronSecret },
      body: "{}",
    });
    const said: unknown = await response.json().catch(() => null);
    if (!response.ok) throw new Error(`${name}: HTTP ${response.status}`);
    return said;
  };
  return [
    {
      seconds,
      jobs: [
        { name: EVERY_MINUTE, run: () => call(EVERY_MINUTE) },
        { name: "sweep", run: () => runScheduledSql(sql) },
      ],
    },
    {
      seconds: seconds * DUE_SHARE,
      jobs: SCHEDULED_FUNCTIONS.filter((name) => name !== EVERY_MINUTE).map((name) => ({
        name,
        run: async () => {
          const due = (await dueFunctions(sql)).filter((each) => each === name);
          return due.length === 0 ? NOTHING_DUE : (await Promise.all(due.map(call)))[0];
        },
      })),
    },
  ];
}

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

/** How to tick. */
interface TickerOptions {
  readonly clock: Clock;
  /** Seconds from tick to tick; 0 for never. The first comes after one interval. */
  readonly seconds: number;
  readonly jobs: readonly TickerJob[];
  /** Told what a job threw; the job comes again at the next tick. */
  readonly onError: (job: string, error: unknown) => void;
}

/** A running ticker. */
interface Ticker {
  /** How each job went the last time, in the order given. */
  runs(): readonly JobRun[];
  /** No tick comes any more; settles when the running jobs have ended. */
  stop(): Promise<void>;
}

/**
 * Starts ticking. A job that still runs when its next tick comes is left out of that tick, like a
 * job of pg_cron; the others are not held up by it.
 *
 * @returns The ticker, to look at it and to stop it.
 */
export function startTicker({ clock, seconds, jobs, onError }: TickerOptions): Ticker {
  const running = new Map<TickerJob, Promise<unknown>>();
  const last = new Map<TickerJob, JobRun>();
  const stopping = new AbortController();

  const run = async (job: TickerJob) => {
    const started = clock.now().getTime();
    const note = (result: "ok" | "failed", said: unknown) => {
      const at = clock.now();
      const ms = at.getTime() - started;
      last.set(job, { name: job.name, result, at: at.toISOString(), ms, said });
    };
    try {
      note("ok", await job.run() ?? null);
    } catch (error) {
      note("failed", error instanceof Error ? error.message : String(error));
      onError(job.name, error);
    }
  };
  const tick = async () => {
    const interval = seconds * 1000;
    let next = clock.now().getTime();
    while (true) {
      // Along a fixed grid, so the pace does not drift; a machine that slept skips what it missed.
      const late = Math.max(0, clock.now().getTime() - next);
      next += interval * (1 + Math.floor(late / interval));
      await clock.sleep(next - clock.now().getTime(), stopping.signal);
      for (const job of jobs) {
        if (!running.has(job)) running.set(job, run(job).finally(() => running.delete(job)));
      }
    }
  };
  if (seconds > 0) {
    // The only way out of the loop is the signal.
    tick().catch(() => {});
  }
  return {
    runs: () => jobs.map((job) => last.get(job) ?? { name: job.name, result: "never" }),
    stop: async () => {
      stopping.abort();
      await Promise.all(running.values());
    },
  };
}
