/**
 * How many bytes of large bodies an isolate holds at once: who needs some takes a share, or waits for
 * it, first come, first served. What waits is not read, and costs nothing.
 *
 * @module
 */

import type { Clock } from "./clock.ts";

/** One message's large media: 16 MB as base64, and what is said of it. */
export const LARGEST_MEDIA_BYTES = 24 * 1024 * 1024;

/**
 * All large media at once. An isolate has 256 MB; a function without work has 65 to 80 of them, and
 * what was let go stays a while until it is collected.
 */
export const MEDIA_MEMORY_BYTES = 2 * LARGEST_MEDIA_BYTES;

/** Bytes that somebody may hold. */
export interface Share {
  /** Gives back what was not needed. */
  shrinkTo(bytes: number): void;
  /** Keeps it until some work has ended as well. */
  holdFor(work: Promise<unknown>): void;
  /** Gives it back, unless work holds it still. Once. */
  release(): void;
}

/** The isolate's bytes. */
export interface ByteBudget {
  /**
   * Takes bytes, of more than there are all.
   *
   * @param waitMs How long at the most.
   * @returns null where there was no room in time.
   */
  take(bytes: number, waitMs: number): Promise<Share | null>;
}

interface Waiting {
  readonly bytes: number;
  readonly granted: AbortController;
}

/** Makes the budget of an isolate. */
export function createByteBudget(clock: Pick<Clock, "sleep">, total: number): ByteBudget {
  let free = total;
  const waiting: Waiting[] = [];

  const giveBack = (bytes: number) => {
    free += bytes;
    // In order: a small one that goes first for ever would keep a large one waiting for ever.
    while (waiting[0] !== undefined && waiting[0].bytes <= free) {
      const next = waiting.shift()!;
      free -= next.bytes;
      next.granted.abort();
    }
  };

  return {
    take: async (asked, waitMs) => {
      const bytes = Math.min(asked, total);
      if (waiting.length === 0 && bytes <= free) {
        free -= bytes;
        return createShare(bytes, giveBack);
      }
      const mine: Waiting = { bytes, granted: new AbortController() };
      waiting.push(mine);
      // Rejects where it was granted.
      await clock.sleep(waitMs, mine.granted.signal).catch(() => {});
      if (mine.granted.signal.aborted) return createShare(bytes, giveBack);
      waiting.splice(waiting.indexOf(mine), 1);
      // Who stood behind it may fit.
      giveBack(0);
      return null;
    },
  };
}

function createShare(taken: number, giveBack: (bytes: number) => void): Share {
  let held = taken;
  let holders = 1;
  const shrinkTo = (bytes: number) => {
    const rest = Math.min(held, bytes);
    const back = held - rest;
    held = rest;
    giveBack(back);
  };
  const release = () => {
    if (--holders === 0) shrinkTo(0);
  };
  return {
    shrinkTo,
    holdFor: (work) => {
      holders++;
      work.then(release, release);
    },
    release,
  };
}
