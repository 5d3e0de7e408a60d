/**
 * Text that PostgreSQL stores.
 *
 * @module
 */

/** How JSON writes what {@linkcode storable} takes out; elsewhere it cannot be in a JSON text. */
const ESCAPED = /\\u(?:0000|d[89a-f])/i;

/**
 * Takes out NUL and mends halves of surrogate pairs: with either of them a write fails every time,
 * however often it is repeated.
 */
export function storable(text: string): string {
  return text.replaceAll("\u0000", "").toWellFormed();
}

/**
 * Parses JSON whose texts are all {@linkcode storable}.
 *
 * @throws {SyntaxError} Where it is no JSON.
 */
export function parseStorable(json: string): unknown {
  if (!ESCAPED.test(json)) return JSON.parse(json);
  return JSON.parse(json, (_key, value) => typeof value === "string" ? storable(value) : value);
}
