/**
 * How far a release of one number's waiting messages goes: proven alive first, then one message
 * after the other, at a person's pace. Pure.
 *
 * @module
 */

import type { ProbeOutcome } from "../_shared/gateway/outcomes.ts";

/** How much one tick releases for a number. */
interface ReleaseLimits {
  readonly messages: number;
  /** For all numbers of a call: one with media is 7 ms of the platform's 2 s of processor. */
  readonly messagesOfAll: number;
  /** From one message to the next, in ms. */
  readonly pauseMs: number;
  /** No new message after this time, in ms. */
  readonly withinMs: number;
}

/** WhatsApp may ban a number for bursts: 30 messages a minute at the most. */
export const RELEASE_LIMITS: ReleaseLimits = {
  messages: 30,
  messagesOfAll: 200,
  pauseMs: 1_000,
  withinMs: 40_000,
};

/** What has happened so far. */
export interface Progress {
  readonly probe: ProbeOutcome["outcome"];
  /** Since the probe was answered, in ms. */
  readonly ms: number;
  readonly sent: number;
  /** How many all numbers of this call have begun. */
  readonly begun: number;
  /**
   * How the last message ended; `none`: nothing waits, or the number is not ours to send from;
   * `no_room`: others' media took the isolate's memory all the time.
   */
  readonly last: "sent" | "failed" | "none" | "no_room" | null;
}

/** What follows. */
export type Decision =
  | { readonly next: "send"; readonly pauseMs: number }
  | { readonly next: "end"; readonly reason: "empty" | "not_alive" | "failed" | "limit" };

/**
 * Decides. What was not claimed waits on; a failure ends the release: what failed may wait on as
 * well, and comes first.
 */
export function decide({ probe, ms, sent, begun, last }: Progress): Decision {
  // Whose number is not known cannot be asked: the send itself tells.
  if (probe !== "alive" && probe !== "no_number") return { next: "end", reason: "not_alive" };
  if (last === "none") return { next: "end", reason: "empty" };
  if (last === "failed") return { next: "end", reason: "failed" };
  const isSpent = sent >= RELEASE_LIMITS.messages || begun >= RELEASE_LIMITS.messagesOfAll;
  if (last === "no_room" || isSpent || ms >= RELEASE_LIMITS.withinMs) {
    return { next: "end", reason: "limit" };
  }
  return { next: "send", pauseMs: sent > 0 ? RELEASE_LIMITS.pauseMs : 0 };
}
