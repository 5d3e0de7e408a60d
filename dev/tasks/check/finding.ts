/**
 * What every rule takes and gives.
 *
 * @module
 */

/** A file as the rules see it: its path from the root of the repository, and what it says. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** One breach of a rule: where, and a sentence about it that says what to do. */
export interface Finding {
  readonly path: string;
  readonly sentence: string;
}
