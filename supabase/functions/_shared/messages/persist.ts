/**
 * Writes that have to be done: repeated until the database has taken them, as long as the invocation
 * lives.
 *
 * @module
 */

import type { Clock } from "../runtime/clock.ts";
import type { SendWindow } from "./send-window.ts";

/** From one try to the next, in ms; doubled each time. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 8_000;

/** What repeating needs. */
interface PersistEffects {
  readonly clock: Pick<Clock, "sleep">;
  readonly window: Pick<SendWindow, "mayWrite">;
  /** What is done about a try that failed, before the next one. Must not throw. */
  readonly onFault: (error: unknown) => Promise<void>;
}

/**
 * Repeats a write that may be done twice.
 *
 * @returns Whether it was done; `false` where the time was up first. Never throws.
 */
export async function persist(
  write: () => Promise<unknown>,
  { clock, window, onFault }: PersistEffects,
): Promise<boolean> {
  for (let pause = FIRST_PAUSE_MS;; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      await write();
      return true;
    } catch (error) {
      await onFault(error);
    }
    if (!window.mayWrite()) return false;
    await clock.sleep(pause);
  }
}
