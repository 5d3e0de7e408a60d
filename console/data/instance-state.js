// @ts-check
/**
 * A number's state as a word and a colour. Pure.
 *
 * @module
 */

/** @import { Instance, Tone } from "./types.js" */
/** @import { Word } from "../words/strings.js" */

/** @type {Record<Instance["status"], { tone: Tone, word: Word }>} */
const STATES = {
  connected: { tone: "ok", word: "stateConnected" },
  connecting: { tone: "busy", word: "stateConnecting" },
  awaiting_qr: { tone: "ask", word: "stateAwaitingQr" },
  disconnected: { tone: "bad", word: "stateDisconnected" },
};

/** What is said of its hearing. @type {Record<string, Word>} */
const HEARING = {
  deaf: "stateDeaf",
  suspected_deaf: "stateSuspectedDeaf",
  webhook_mute: "stateWebhookMute",
  lagging: "stateLagging",
  unproven: "stateUnproven",
};

/**
 * What the number is now; an open repair says more than the row.
 *
 * @param {Pick<Instance, "status" | "repair">} instance
 * @returns {{ tone: Tone, word: Word }}
 */
export function stateOf({ status, repair }) {
  const heard = HEARING[repair?.hearing ?? ""];
  if (heard !== undefined) {
    return { tone: repair?.state === "needs_operator" ? "bad" : "busy", word: heard };
  }
  if (repair?.state === "needs_operator") return { tone: "bad", word: "stateOperator" };
  if (repair && status !== "connected") return { tone: "busy", word: "stateRepairing" };
  return STATES[status] ?? STATES.disconnected;
}
