/**
 * What a sentence of the timeline is made of.
 *
 * @module
 */

import type { Tone } from "../types.ts";

/** What is said. */
export interface Line {
  tone: Tone;
  text: string;
  /** Small print: milliseconds, HTTP status, answers. */
  facts: string[];
}

/** How it is said; gaps in braces. */
export interface Sentence {
  tone: Tone;
  pt: string;
  en: string;
}
