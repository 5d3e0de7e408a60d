/**
 * A number's state as a word and a colour. Pure.
 *
 * @module
 */

import type { NumberHealth, NumberState, Tone } from "../types.ts";
import type { Word } from "../words/strings.ts";

/** What is said of its hearing. */
const HEARING: Record<string, Word> = {
  deaf: "stateDeaf",
  suspected_deaf: "stateSuspectedDeaf",
  webhook_mute: "stateWebhookMute",
  lagging: "stateLagging",
  unproven: "stateUnproven",
};

const TONES: Record<NumberState, Tone> = {
  well: "ok",
  repair: "busy",
  scan: "ask",
  person: "bad",
  off: "quiet",
};

/** How a state looks. */
export function toneOf(state: NumberState): Tone {
  return TONES[state];
}

/** What a state means, in one sentence. */
export function meaningOf({ health, hearing }: Pick<NumberHealth, "health" | "hearing">): Word {
  return HEARING_MEANS[hearing ?? ""] ?? MEANS[health];
}

const HEARING_MEANS: Record<string, Word> = {
  deaf: "meansDeaf",
  suspected_deaf: "meansSuspectedDeaf",
  webhook_mute: "meansWebhookMute",
  lagging: "meansLagging",
  unproven: "meansUnproven",
};

const MEANS: Record<NumberHealth["health"], Word> = {
  ok: "meansWell",
  repairing: "meansRepairing",
  reconnecting: "meansReconnecting",
  awaiting_qr: "meansScan",
  needs_operator: "meansPerson",
  gave_up: "meansGaveUp",
  manual: "meansOff",
};

const WORDS: Record<NumberHealth["health"], Word> = {
  ok: "stateConnected",
  repairing: "stateRepairing",
  reconnecting: "stateConnecting",
  awaiting_qr: "stateAwaitingQr",
  needs_operator: "stateOperator",
  gave_up: "stateGaveUp",
  manual: "stateOff",
};

/** What the number is now; an open repair says more than the row. */
export function stateOf(
  { state, health, hearing, status }: Pick<
    NumberHealth,
    "state" | "health" | "hearing" | "status"
  >,
): { tone: Tone; word: Word } {
  const heard = HEARING[hearing ?? ""];
  if (heard !== undefined) return { tone: state === "person" ? "bad" : "busy", word: heard };
  // A repair whose number is connected again is not over until that is proven.
  if (health === "repairing" && status === "connected") {
    return { tone: "ok", word: "stateConnected" };
  }
  return { tone: TONES[state], word: WORDS[health] };
}
