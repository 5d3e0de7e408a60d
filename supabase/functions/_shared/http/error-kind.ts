/**
 * One kind of error.
 *
 * @module
 */

/** What is the same for every error of one code. */
export interface ErrorKind {
  /** The HTTP status. */
  readonly status: number;
  /** Whether the same request can succeed later. */
  readonly retryable: boolean;
  /** For a person, in Portuguese (Brazil). */
  readonly pt: string;
  /** For a person, in English. */
  readonly en: string;
}

/** Writes an {@linkcode ErrorKind} in one line. */
export const kind = (status: number, retryable: boolean, pt: string, en: string): ErrorKind => ({
  status,
  retryable,
  pt,
  en,
});
