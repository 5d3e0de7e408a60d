/**
 * A clock whose minutes pass faster, for looking on.
 *
 * @module
 */

import type { Clock } from "../../supabase/functions/_shared/runtime/clock.ts";

/**
 * Waits become shorter and measured times longer by the same factor, so that what takes a minute
 * still reads as a minute. The instants stay the machine's: signatures and the database's rows are
 * compared with them.
 *
 * @param inner The machine's clock.
 * @param speed 10 makes a minute six seconds; at least 1.
 */
export function fasterClock(inner: Clock, speed: number): Clock {
  if (!(speed >= 1)) throw new RangeError(`speed must be at least 1: ${speed}`);
  return {
    now: () => inner.now(),
    monotonicMs: () => inner.monotonicMs() * speed,
    sleep: (ms, signal) => inner.sleep(ms / speed, signal),
  };
}
