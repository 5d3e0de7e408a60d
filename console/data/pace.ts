/**
 * When the scheduler ticks next. Pure.
 *
 * @module
 */

import type { LocalInfo } from "../types.ts";

/** How the scheduler goes, where that is known. */
export interface Pace {
  /** Epoch milliseconds. */
  at: number | null;
  speed: number;
}

/**
 * A local stack says when it ticked last; elsewhere it is every full minute.
 *
 * @param now Epoch milliseconds, on the stack's clock.
 */
export function paceOf(info: LocalInfo | null, now: number): Pace {
  if (info === null) return { at: Math.ceil(now / 60_000) * 60_000, speed: 1 };
  const { aheadMs, speed, tickSeconds } = info;
  const last = info.jobs.find(({ at }) => at !== undefined);
  if (tickSeconds === 0 || last?.at === undefined) return { at: null, speed };
  const began = Date.parse(last.at) - (last.ms ?? 0) + aheadMs;
  const interval = tickSeconds * 1000;
  return { at: began + interval * Math.max(1, Math.ceil((now - began) / interval)), speed };
}
