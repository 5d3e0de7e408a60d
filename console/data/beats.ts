/**
 * The last hour of a number, a beat a minute, from its events. Pure.
 *
 * @module
 */

import type { Instance, TimelineEvent, Tone } from "../types.ts";

/** A minute. */
export interface Beat {
  /** Its start, in epoch milliseconds. */
  at: number;
  /** `quiet`: not known, or the number did not exist yet. */
  tone: Tone;
  /** What happened in it. */
  events: TimelineEvent[];
}

/** How many beats there are. */
export const BEATS = 60;
const MINUTE_MS = 60_000;

/** What the number is after an event; other kinds change nothing. */
const AFTER: Record<string, Tone> = {
  connected: "ok",
  healed: "ok",
  marked_disconnected: "bad",
  webhook_close: "bad",
  needs_operator: "bad",
  manual_disconnect: "bad",
  created: "bad",
  qr_required: "ask",
};

/** What the number was before the first event that is known. */
const BEFORE: Record<string, Tone> = {
  // Said again and again also where it was connected before.
  connected: "quiet",
  healed: "bad",
  connection_closed: "ok",
  marked_disconnected: "ok",
  webhook_close: "ok",
  false_alarm: "ok",
  suspected: "ok",
  watch_dead: "ok",
  watch_blind: "ok",
  gateway_silent: "ok",
  unconfirmed: "ok",
  sends_rejected: "ok",
  logout: "ok",
};

/** A minute with trouble in it is a minute of trouble, whatever came after. */
const WORSE = ["quiet", "ok", "busy", "ask", "bad"] as const;

/**
 * A status as a tone.
 */
function toneOf(status: Instance["status"]): Tone {
  switch (status) {
    case "connected":
      return "ok";
    case "connecting":
      return "busy";
    case "awaiting_qr":
      return "ask";
    default:
      return "bad";
  }
}

/**
 * The last sixty minutes, oldest first; the last beat is the minute that runs now.
 *
 * @param events The instance's own, oldest first.
 * @param now Epoch milliseconds.
 * @param bornAt When the number was made, if that is known.
 */
export function beatsOf(
  instance: Pick<Instance, "status">,
  events: readonly TimelineEvent[],
  now: number,
  bornAt: number | null,
): Beat[] {
  const lastMinute = Math.floor(now / MINUTE_MS) * MINUTE_MS;
  const start = lastMinute - (BEATS - 1) * MINUTE_MS;
  const telling = events.find(({ kind }) => kind in AFTER || kind in BEFORE);
  let tone: Tone = telling === undefined ? toneOf(instance.status) : BEFORE[telling.kind] ?? "bad";
  let index = 0;
  const take = (end: number) => {
    const taken: TimelineEvent[] = [];
    for (let event = events[index]; event; event = events[++index]) {
      if (Date.parse(event.createdAt) >= end) break;
      taken.push(event);
    }
    return taken;
  };
  for (const { kind } of take(start)) tone = AFTER[kind] ?? tone;

  return Array.from({ length: BEATS }, (_, minute) => {
    const at = start + minute * MINUTE_MS;
    const happened = take(at + MINUTE_MS);
    let worst = tone;
    for (const { kind } of happened) {
      tone = AFTER[kind] ?? tone;
      const seen = kind === "connection_closed" ? "busy" : tone;
      if (WORSE.indexOf(seen) > WORSE.indexOf(worst)) worst = seen;
    }
    // The row itself is the newest truth.
    if (minute === BEATS - 1 && happened.length === 0) worst = toneOf(instance.status);
    const unborn = bornAt !== null && at + MINUTE_MS <= bornAt;
    return { at, tone: unborn ? "quiet" : worst, events: happened };
  });
}
