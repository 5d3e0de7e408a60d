/**
 * Working off leases from the database: as places get free, a bounded number at once, ending well
 * before the platform would end the function.
 *
 * @module
 */

import type * as z from "zod/mini";
import type { Clock } from "./clock.ts";
import type { Database } from "./database.ts";

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

/** What {@linkcode takeTurns} needs. */
interface TurnEffects<L, E> {
  /** Leases up to `limit`; none when nothing is due. */
  readonly lease: (limit: number) => Promise<readonly L[]>;
  /** Works on one lease, and says how that ended. */
  readonly turn: (lease: L) => Promise<E>;
  /** Hears what a turn threw, and says what end that is. The lease then ends by itself. */
  readonly onFault: (lease: L, error: unknown) => E;
  /** Hears why leasing stopped. */
  readonly onLeaseFault: (error: unknown) => void;
  readonly clock: Pick<Clock, "monotonicMs" | "sleep">;
}

/** What came of it. */
interface TurnsTaken<E> {
  readonly leased: number;
  /** In the order in which they came. */
  readonly ends: readonly E[];
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
export async function takeTurns<L, E>(
  effects: TurnEffects<L, E>,
  limits: TurnLimits,
): Promise<TurnsTaken<E>> {
  const running = new Set<Promise<void>>();
  const ends: E[] = [];
  const end = effects.clock.monotonicMs() + limits.leasingMs;
  let leased = 0;
  let stopped: TurnsTaken<E>["stopped"] = null;
  while (true) {
    const places = Math.min(limits.concurrency - running.size, limits.leases - leased);
    if (places === 0 || effects.clock.monotonicMs() >= end) {
      stopped = places === 0 ? "count" : "time";
      break;
    }
    let leases: readonly L[];
    try {
      leases = await effects.lease(places);
    } catch (error) {
      if (leased === 0) throw error;
      effects.onLeaseFault(error);
      stopped = "database";
      break;
    }
    // Everything due has had its turn, or is having it.
    if (leases.length === 0) break;
    leased += leases.length;
    for (const lease of leases) {
      const turn: Promise<void> = effects.turn(lease)
        .catch((error: unknown) => effects.onFault(lease, error))
        .then((end) => void ends.push(end))
        .finally(() => running.delete(turn));
      running.add(turn);
    }
    if (running.size >= limits.concurrency) await Promise.race(running);
    await effects.clock.sleep(limits.gatherMs);
  }
  await Promise.all(running);
  return { leased, ends, stopped };
}

/** Counts ends under their own names; what did not happen is not named. */
export function tally(ends: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const end of ends) counts[end] = (counts[end] ?? 0) + 1;
  return counts;
}

/** Counts ends under the names that an answer has for them; what did not happen is 0. */
export function countEnds<E extends string, N extends string>(
  ends: readonly E[],
  countedAs: Readonly<Record<E, N>>,
): Record<N, number> {
  const names = Object.values<N>(countedAs);
  const counts = Object.fromEntries(names.map((name) => [name, 0])) as Record<N, number>;
  for (const end of ends) counts[countedAs[end]]++;
  return counts;
}
