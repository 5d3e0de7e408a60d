/**
 * What fits into one invocation: until when a send may begin, and until when its end, which has to be
 * written, is tried again.
 *
 * @module
 */

import { GATEWAY_LIMITS } from "../gateway/client.ts";
import type { Clock } from "../runtime/clock.ts";

/** What the platform gives an invocation, in ms. */
const INVOCATION_MS = 150_000;

/** For what stands around a send: its claim, the look at its media, the first write of its end. */
const AROUND_A_SEND_MS = 15_000;

/** Not before the very last moment: a write that is under way has to end as well. In ms. */
const LAST_WRITE_MS = INVOCATION_MS - 5_000;

/** The time that an invocation has left. */
export interface SendWindow {
  /** Whether a send that begins now ends in time, however long it takes. */
  mayBegin(): boolean;
  /** Whether a write that was refused may be repeated. */
  mayWrite(): boolean;
}

/** Opens the window of an invocation that begins now. */
export function openSendWindow(clock: Pick<Clock, "monotonicMs">): SendWindow {
  const began = clock.monotonicMs();
  const within = (ms: number) => clock.monotonicMs() - began < ms;
  return {
    mayBegin: () => within(INVOCATION_MS - GATEWAY_LIMITS.send - AROUND_A_SEND_MS),
    mayWrite: () => within(LAST_WRITE_MS),
  };
}

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
