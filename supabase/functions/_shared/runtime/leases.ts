/**
 * Working off leases from the database: as places get free, a bounded number at once, ending well
 * before the platform would end the function.
 *
 * @module
 */

import type * as z from "zod/mini";
import type { Clock } from "./clock.ts";
import type { Database } from "./database.ts";
import { errorName, type Log } from "./log.ts";

/** How much one tick may do. */
export interface TurnLimits {
  /** Leases worked on at once. */
  readonly concurrency: number;
  /** Leases taken in all. */
  readonly leases: number;
  /** Nothing new is leased after this time, in ms; what was leased is finished. */
  readonly leasingMs: number;
  /** How long to collect free places before the next are leased, in ms: one query for many. */
  readonly gatherMs: number;
}

/** How turns ended, counted under the ends' own names; what did not happen is not named. */
export type Counts = Readonly<Record<string, number>>;

/** What {@linkcode takeTurns} needs. */
interface TurnEffects<L> {
  /** Leases up to `limit`; none when nothing is due. */
  readonly lease: (limit: number) => Promise<readonly L[]>;
  /** Works on one lease, and says how that ended: one end's name, or several counted. */
  readonly turn: (lease: L) => Promise<string | Counts>;
  /** The log's event for what a turn threw: it ends as `failed`, and its lease by itself. */
  readonly faultEvent: string;
  readonly log: Pick<Log, "write">;
  readonly clock: Pick<Clock, "monotonicMs" | "sleep">;
}

/** What came of it. */
export interface TurnsTaken {
  readonly leased: number;
  readonly counts: Counts;
  /** Why more may be due: out of time, as many as allowed, or no lease could be had. */
  readonly stopped: "time" | "count" | "database" | null;
}

/**
 * One tick's view of a work list in the database: leases up to so many of what is due, none twice in
 * one tick.
 *
 * @param fn The function that leases.
 * @param leaseSeconds When a lease ends by itself, so that a tick that died blocks nothing for long.
 * @returns Throws what {@linkcode Database.call} throws.
 */
export function leaseByTick<L extends { readonly tick_started: string }>(
  database: Database,
  fn: Parameters<Database["call"]>[0],
  leases: z.ZodMiniType<L[]>,
  leaseSeconds: number,
): (limit: number) => Promise<readonly L[]> {
  // The database's own instant, passed back as it came: a Date would cut its microseconds off.
  let tickStarted: string | null = null;
  return async (limit) => {
    const rows = await database.call(fn, {
      p_limit: limit,
      p_tick_started: tickStarted,
      p_lease_seconds: leaseSeconds,
    }, leases);
    tickStarted ??= rows[0]?.tick_started ?? null;
    return rows;
  };
}

/**
 * Takes turns until nothing is due or a limit is reached, and waits for those that it began.
 *
 * @throws What the first lease throws: then nothing was done at all.
 */
export async function takeTurns<L extends { readonly instance_id: string }>(
  { lease: leaseUpTo, turn: take, faultEvent, log, clock }: TurnEffects<L>,
  limits: TurnLimits,
): Promise<TurnsTaken> {
  const running = new Set<Promise<void>>();
  const ends: (string | Counts)[] = [];
  const end = clock.monotonicMs() + limits.leasingMs;
  let leased = 0;
  let stopped: TurnsTaken["stopped"] = null;
  while (true) {
    const places = Math.min(limits.concurrency - running.size, limits.leases - leased);
    if (places === 0 || clock.monotonicMs() >= end) {
      stopped = places === 0 ? "count" : "time";
      break;
    }
    let leases: readonly L[];
    try {
      leases = await leaseUpTo(places);
    } catch (error) {
      if (leased === 0) throw error;
      log.write("error", "lease_failed", { error: errorName(error) });
      stopped = "database";
      break;
    }
    // Everything due has had its turn, or is having it.
    if (leases.length === 0) break;
    leased += leases.length;
    for (const lease of leases) {
      const turn: Promise<void> = take(lease)
        .catch((error: unknown) => {
          const { instance_id: instanceId } = lease;
          log.write("error", faultEvent, { instanceId, error: errorName(error) });
          return "failed";
        })
        .then((end) => void ends.push(end))
        .finally(() => running.delete(turn));
      running.add(turn);
    }
    if (running.size >= limits.concurrency) await Promise.race(running);
    await clock.sleep(limits.gatherMs);
  }
  await Promise.all(running);
  return { leased, counts: addCounts(ends), stopped };
}

/** Turns of several kinds that one tick took. */
export function addTurns(...taken: readonly TurnsTaken[]): TurnsTaken {
  return {
    leased: taken.reduce((sum, { leased }) => sum + leased, 0),
    counts: addCounts(taken.map(({ counts }) => counts)),
    stopped: taken.map(({ stopped }) => stopped).find((why) => why !== null) ?? null,
  };
}

/** Turns whose ends have names of their own beside those of another kind: `<kind>_<end>`. */
export function nameTurns(kind: string, taken: TurnsTaken): TurnsTaken {
  const counts = Object.entries(taken.counts).map(([end, count]) => [`${kind}_${end}`, count]);
  return { ...taken, counts: Object.fromEntries(counts) };
}

/** Adds up what was counted, name by name. An end by its name alone counts once. */
export function addCounts(ends: readonly (string | Counts)[]): Counts {
  const sum: Record<string, number> = {};
  for (const end of ends) {
    for (const [name, count] of Object.entries(typeof end === "string" ? { [end]: 1 } : end)) {
      if (count !== 0) sum[name] = (sum[name] ?? 0) + count;
    }
  }
  return sum;
}
