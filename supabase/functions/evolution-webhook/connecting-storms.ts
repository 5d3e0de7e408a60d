/**
 * A socket that fails to open says `connecting` up to five times a second, for hours; only the look of
 * an open repair counts that. Where the database has just said that nobody looks, the next ones are
 * let pass without asking it.
 *
 * @module
 */

import type { Clock } from "../_shared/runtime/clock.ts";
import type { Change } from "./changes.ts";
import { createRemembered } from "./remembered.ts";

/**
 * How long, in ms. A look takes 12 s and more: one that begins right after still hears of a socket that
 * is being opened.
 */
const LET_PASS_MS = 3_000;

/** Which `connecting` has to be written. */
interface ConnectingStorms {
  /** Whether these changes say nothing that anybody has to hear now. */
  isNoise(instanceId: string, changes: readonly Change[]): boolean;
  /** Remembers that nobody looked: the database ignored it. */
  note(instanceId: string, changes: readonly Change[], result: string): void;
}

/** Makes the memory of one isolate. */
export function createConnectingStorms(clock: Clock): ConnectingStorms {
  const ignored = createRemembered<true>(clock, LET_PASS_MS);
  return {
    isNoise: (instanceId, changes) => isConnecting(changes) && ignored.get(instanceId) === true,
    note: (instanceId, changes, result) => {
      if (!isConnecting(changes)) return;
      if (result === "ignored") ignored.set(instanceId, true);
      else ignored.forget(instanceId);
    },
  };
}

function isConnecting([change, ...others]: readonly Change[]): boolean {
  return change?.kind === "connection" && change.state === "connecting" && others.length === 0;
}
