/**
 * A number's state: a colour, a picture, a word; and what it means.
 *
 * @module
 */

import { meaningOf, stateOf } from "../data/number-state.ts";
import type { NumberHealth } from "../types.ts";
import { Glyph } from "./glyph.tsx";
import { useSignedIn } from "./signed-in.ts";

/** The state, as a badge. */
export function StateBadge({ of }: { of: NumberHealth }) {
  const { say } = useSignedIn();
  const { tone, word } = stateOf(of);
  return (
    <span class="state" data-tone={tone}>
      <Glyph name={tone} />
      <span>{say(word)}</span>
    </span>
  );
}

/** What the state means, for whoever asks. */
export function Meaning({ of }: { of: NumberHealth }) {
  const { say } = useSignedIn();
  return (
    <details class="meaning">
      <summary>{say("whatIsThis")}</summary>
      <p>{say(meaningOf(of))}</p>
    </details>
  );
}
