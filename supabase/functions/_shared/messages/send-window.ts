/**
 * What fits into one invocation: until when a send may begin, and until when its end is written.
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
