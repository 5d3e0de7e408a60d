/**
 * A socket that fails to open says `connecting` up to five times a second, for hours; only the look of
 * an open repair counts that. Where the database has just said that nobody looks, the next ones are
 * let pass without asking it.
 *
 * @module
 */

import type { Clock } from "../_shared/runtime/clock.ts";
import type { Change } from "./changes.ts";
import { MOST_REMEMBERED } from "./known-senders.ts";

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
  const ignoredAt = new Map<string, number>();
  return {
    isNoise: (instanceId, changes) => {
      const at = ignoredAt.get(instanceId);
      return at !== undefined && isConnecting(changes) && clock.monotonicMs() - at < LET_PASS_MS;
    },
    note: (instanceId, changes, result) => {
      if (!isConnecting(changes)) return;
      if (ignoredAt.size >= MOST_REMEMBERED) ignoredAt.clear();
      if (result === "ignored") ignoredAt.set(instanceId, clock.monotonicMs());
      else ignoredAt.delete(instanceId);
    },
  };
}

function isConnecting([change, ...others]: readonly Change[]): boolean {
  return change?.kind === "connection" && change.state === "connecting" && others.length === 0;
}
