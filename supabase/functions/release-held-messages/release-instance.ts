/**
 * One number's waiting messages: proven alive first, then one after the other, at a person's pace.
 *
 * @module
 */

import type { Clock } from "../_shared/runtime/clock.ts";
import type { ProbeOutcome } from "../_shared/gateway/outcomes.ts";

/** How much one tick releases for a number. */
export interface ReleaseLimits {
  readonly messages: number;
  /** From one message to the next, in ms. */
  readonly pauseMs: number;
  /** No new message after this time, in ms. */
  readonly withinMs: number;
}

/** WhatsApp takes bursts amiss: 30 messages a minute and number at the most. */
export const RELEASE_LIMITS: ReleaseLimits = { messages: 30, pauseMs: 1_000, withinMs: 40_000 };

/** What a release needs; `M` is a claimed message. */
export interface ReleaseEffects<M> {
  readonly clock: Pick<Clock, "monotonicMs" | "sleep">;
  readonly probe: () => Promise<Pick<ProbeOutcome, "outcome">>;
  /** Claims the next message; null when none waits or the number is not ours to send from. */
  readonly claim: () => Promise<M | null>;
  /** Sends a claimed message and stores how it ended. Returns whether it was sent. */
  readonly send: (message: M) => Promise<boolean>;
}

/**
 * Releases a number's messages. What was not claimed waits on; a failure ends the release, so that
 * the order is kept.
 *
 * @returns How many were sent, and why it ended.
 */
export async function releaseInstance<M>(
  effects: ReleaseEffects<M>,
  limits: ReleaseLimits = RELEASE_LIMITS,
): Promise<{ readonly sent: number; readonly ended: "empty" | "not_alive" | "failed" | "limit" }> {
  const { outcome } = await effects.probe();
  if (outcome !== "alive") return { sent: 0, ended: "not_alive" };
  const end = effects.clock.monotonicMs() + limits.withinMs;
  for (let sent = 0; sent < limits.messages; sent++) {
    if (effects.clock.monotonicMs() >= end) return { sent, ended: "limit" };
    if (sent > 0) await effects.clock.sleep(limits.pauseMs);
    const message = await effects.claim();
    if (message === null) return { sent, ended: "empty" };
    if (!await effects.send(message)) return { sent, ended: "failed" };
  }
  return { sent: limits.messages, ended: "limit" };
}
