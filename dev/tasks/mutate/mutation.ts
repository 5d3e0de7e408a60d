/**
 * A mistake that somebody could make, as a change of text.
 *
 * @module
 */

/** One mistake. */
export interface Mutation {
  /** What the code then does wrong. */
  readonly name: string;
  /** From the project's root. */
  readonly file: string;
  /** Each text, found exactly once, and what takes its place. */
  readonly edits: readonly (readonly [from: string, to: string])[];
  /** The quickest tests that should notice, from `tests/`. */
  readonly tests: readonly string[];
}

/**
 * The file's text with the mistake in it.
 *
 * @throws {Error} Where a text is not found exactly once: the mutation is out of date.
 */
export function mutate(source: string, { name, file, edits }: Mutation): string {
  return edits.reduce((text, [from, to]) => {
    const found = text.split(from).length - 1;
    if (found !== 1) throw new Error(`"${name}": found ${found} times in ${file}: ${from}`);
    return text.replace(from, () => to);
  }, source);
}
