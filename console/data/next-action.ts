/**
 * What happens next to a number, and when. Pure.
 *
 * @module
 */

import { CURED_BY_RESTART } from "../../supabase/functions/_shared/contracts/reasons.ts";

import type { Instance } from "../types.ts";
import type { Pace } from "./pace.ts";
import type { Word } from "../words/strings.ts";

/** What happens next. */
interface NextAction {
  word: Word;
  /** What the word's gaps are filled with. */
  values?: Record<string, string | number>;
  /** Epoch milliseconds; null: nobody knows, or nothing will. */
  at: number | null;
}

/**
 * @param now Epoch milliseconds.
 */
export function nextAction(instance: Instance, pace: Pace, now: number): NextAction {
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
      return { word: "nextScan", at: dueAt(instance.qrExpiresAt, { ...pace, at: null }, now) };
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
 */
function dueAt(due: string | null, { at, speed }: Pace, now: number) {
  const wanted = instant(due);
  if (wanted === null) return at;
  const sooner = now + Math.max(0, wanted - now) / speed;
  return at === null ? sooner : Math.max(sooner, at);
}

function instant(text: string | null) {
  const at = text === null ? NaN : Date.parse(text);
  return Number.isNaN(at) ? null : at;
}
