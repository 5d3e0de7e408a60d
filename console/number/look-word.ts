/**
 * What a person is told who asked to have a number looked at now.
 *
 * @module
 */

import type { Word } from "../words/strings.ts";

const WORDS: Readonly<Record<string, Word>> = {
  asked_lately: "lookLately",
  repairing: "lookRepair",
  needs_operator: "lookRepair",
  reconnecting: "lookReconnect",
  watch_off: "lookOff",
  paused: "lookPaused",
  instance_without_gateway: "lookUnlinked",
};

/** @param reason The answer's; null, and what a later version may add, is a look that comes. */
export function lookWord(reason: string | null): Word {
  return WORDS[reason ?? ""] ?? "lookSoon";
}
