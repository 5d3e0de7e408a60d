/**
 * A time as people read it who may be anywhere.
 *
 * @module
 */

/** `2026-11-22 21:27 UTC`; what is no timestamp as it is. */
export function utcMinute(timestamp: string): string {
  const at = new Date(timestamp);
  return Number.isNaN(at.getTime())
    ? timestamp
    : `${at.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
