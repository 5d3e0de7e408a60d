/**
 * When an event happened, by the gateway.
 *
 * @module
 */

/** How far ahead of our clock the gateway's may be and still be believed, in ms. */
const BELIEVED_AHEAD_MS = 10 * 60_000;

const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;

/**
 * Reads a webhook's `date_time`, which orders an instance's connection events.
 *
 * @param value ISO 8601.
 * @param now Taken where the value is missing, no date, or more than ten minutes ahead: one event
 * from the future would make every later one look late.
 */
export function eventTime(value: unknown, now: Date): Date {
  if (typeof value !== "string" || !ISO.test(value)) return now;
  const time = new Date(value);
  const ahead = time.getTime() - now.getTime();
  return Number.isNaN(ahead) || ahead > BELIEVED_AHEAD_MS ? now : time;
}

/** WhatsApp's first year; a message cannot be older. */
const FIRST_SECOND = Date.UTC(2009, 0, 1) / 1000;

/**
 * Reads a message's `messageTimestamp`.
 *
 * @param value Seconds, as a number, as digits, or as the two halves of a 64-bit number.
 * @param now Taken where the value is missing, senseless, or more than ten minutes ahead.
 */
export function messageTime(value: unknown, now: Date): Date {
  const seconds = secondsOf(value);
  const ahead = seconds * 1000 - now.getTime();
  const sensible = seconds >= FIRST_SECOND && ahead <= BELIEVED_AHEAD_MS;
  return sensible ? new Date(seconds * 1000) : now;
}

function secondsOf(value: unknown): number {
  if (typeof value === "number") return value;
  if (typeof value === "string" && /^\d{1,12}$/.test(value)) return Number(value);
  if (typeof value === "object" && value !== null && "low" in value) return Number(value.low) >>> 0;
  return NaN;
}
