// @ts-check
/**
 * What happens next to a number, and when. Pure.
 *
 * @module
 */

import { CURED_BY_RESTART } from "../../supabase/functions/_shared/contracts/reasons.ts";

/** @import { Instance } from "./types.js" */
/** @import { Word } from "../words/strings.js" */

/**
 * @typedef {object} NextAction
 * @property {Word} word
 * @property {Record<string, string | number>} [values] What the word's gaps are filled with.
 * @property {number | null} at Epoch milliseconds; null: nobody knows, or nothing will.
 */

/** How the scheduler goes, where that is known. @typedef {{ at: number | null, speed: number }} Pace */

/**
 * @param {Instance} instance
 * @param {Pace} pace
 * @param {number} now Epoch milliseconds.
 * @returns {NextAction}
 */
export function nextAction(instance, pace, now) {
  if (instance.manualDisconnect) {
    return { word: instance.attention === null ? "nextManual" : "nextLogout", at: null };
  }
  if (instance.repair?.state === "needs_operator") {
    const restart = CURED_BY_RESTART.has(instance.repair.reason ?? "steps_used_up");
    return { word: restart ? "nextOperator" : "nextPerson", at: null };
  }
  if (instance.repair) {
    return { word: "nextStep", at: dueAt(instance.repair.nextStepAt, pace, now) };
  }
  if (instance.attention !== null && instance.status !== "connected") {
    return { word: "nextPerson", at: null };
  }
  switch (instance.status) {
    case "connected": {
      const at = instant(instance.watch?.nextLookAt ?? null);
      return at === null ? { word: "nextNothing", at } : {
        word: "nextLook",
        at: dueAt(instance.watch?.nextLookAt ?? null, pace, now),
      };
    }
    case "awaiting_qr":
      return { word: "nextScan", at: instant(instance.qrExpiresAt) };
    default: {
      const { attempts, nextAttemptAt } = instance.reconnect ?? { attempts: 0, nextAttemptAt: "" };
      // Null: the attempts are used up.
      return nextAttemptAt === null ? { word: "nextGivenUp", at: null } : {
        word: "nextReconnect",
        values: { attempt: attempts + 1 },
        at: dueAt(nextAttemptAt, pace, now),
      };
    }
  }
}

/**
 * Nothing happens before the scheduler's next tick; and in a faster world what is due in a minute
 * comes sooner.
 *
 * @param {string | null} due
 * @param {Pace} pace
 * @param {number} now
 */
function dueAt(due, { at, speed }, now) {
  const wanted = instant(due);
  if (wanted === null) return at;
  const sooner = now + Math.max(0, wanted - now) / speed;
  return at === null ? sooner : Math.max(sooner, at);
}

/** @param {string | null} text */
function instant(text) {
  const at = text === null ? NaN : Date.parse(text);
  return Number.isNaN(at) ? null : at;
}
