/**
 * What an isolate remembers of numbers, for a while: what it spares is a question to the database, and
 * nothing hangs on it.
 *
 * @module
 */

import type { Clock } from "../_shared/runtime/clock.ts";

/** Numbers of which something is remembered at the most. */
const MOST = 5_000;

/** A memory of one thing of each number. */
interface Remembered<T> {
  /** Undefined: not known, or too long ago. */
  get(instanceId: string): T | undefined;
  set(instanceId: string, value: T): void;
  forget(instanceId: string): void;
}

/** Makes one. @param forMs How long, in ms. */
export function createRemembered<T>(
  clock: Pick<Clock, "monotonicMs">,
  forMs: number,
): Remembered<T> {
  const known = new Map<string, { readonly value: T; readonly at: number }>();
  return {
    get: (instanceId) => {
      const entry = known.get(instanceId);
      return entry !== undefined && clock.monotonicMs() - entry.at < forMs
        ? entry.value
        : undefined;
    },
    set: (instanceId, value) => {
      known.delete(instanceId);
      const [oldest] = known.size < MOST ? [] : known.keys();
      if (oldest !== undefined) known.delete(oldest);
      known.set(instanceId, { value, at: clock.monotonicMs() });
    },
    forget: (instanceId) => void known.delete(instanceId),
  };
}
