/**
 * Names, times and sentences as they may be told to others.
 *
 * @module
 */

/** Many people name an instance after its number: all but the last two digits are left out. */
export function withoutNumbers(name: string): string {
  return name.replace(/\+?\d(?:[\s().-]*\d){7,}/g, (found) => `…${found.slice(-2)}`);
}

/** A time for people who may be anywhere: `2026-11-22 21:27 UTC`; what is no timestamp as it is. */
export function utcMinute(timestamp: string): string {
  const at = new Date(timestamp);
  return Number.isNaN(at.getTime())
    ? timestamp
    : `${at.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** Fills the gaps of a sentence: `{name}`. */
export function fill(sentence: string, values: Readonly<Record<string, unknown>>): string {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}
