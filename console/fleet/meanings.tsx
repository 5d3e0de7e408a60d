/**
 * What each state means, in one sentence.
 *
 * @module
 */

import { useSignedIn } from "../parts/signed-in.ts";
import type { Tone } from "../types.ts";
import type { Word } from "../words/strings.ts";

const STATES: readonly (readonly [Tone, Word, Word])[] = [
  ["ok", "stateConnected", "meansWell"],
  ["busy", "stateRepairing", "meansRepairing"],
  ["busy", "stateConnecting", "meansReconnecting"],
  ["ask", "stateAwaitingQr", "meansScan"],
  ["bad", "stateOperator", "meansPerson"],
  ["bad", "stateGaveUp", "meansGaveUp"],
  ["quiet", "stateOff", "meansOff"],
  ["busy", "stateDeaf", "meansDeaf"],
  ["busy", "stateSuspectedDeaf", "meansSuspectedDeaf"],
  ["busy", "stateWebhookMute", "meansWebhookMute"],
  ["busy", "stateLagging", "meansLagging"],
  ["busy", "stateUnproven", "meansUnproven"],
];

/** All of them, for whoever asks. */
export function Meanings() {
  const { say } = useSignedIn();
  return (
    <details class="meanings">
      <summary>{say("whatStates")}</summary>
      <dl>
        {STATES.map(([tone, word, meaning]) => (
          <div key={word} data-tone={tone}>
            <dt>{say(word)}</dt>
            <dd>{say(meaning)}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
