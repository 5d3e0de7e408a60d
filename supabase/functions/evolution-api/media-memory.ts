/**
 * The memory that large media may take in an isolate: from the body that brings it until its message was
 * sent or left to the scheduler, or it has left for whoever asked for it.
 *
 * @module
 */

import { ApiError } from "../_shared/http/errors.ts";
import {
  createByteBudget,
  LARGEST_MEDIA_BYTES,
  MEDIA_MEMORY_BYTES,
  type Share,
} from "../_shared/runtime/byte-budget.ts";
import type { Background } from "../_shared/runtime/background.ts";
import type { Clock } from "../_shared/runtime/clock.ts";
import type { LargeText } from "../_shared/runtime/large-text.ts";

/** More than this, in bytes, is a body with media, and needs room. */
export const LARGE_BODY_BYTES = 512 * 1024;

/** How long a request waits for room, unread, in ms. A person waits as well. */
const REQUEST_WAIT_MS = 20_000;

/** How long it may take to arrive then, in ms: it keeps others waiting. */
const ARRIVAL_MS = 60_000;

/** How long an answer of the database's or the gateway's waits for room, in ms: within the call's limit. */
const ANSWER_WAIT_MS = 6_000;

/** One call's part of the memory. */
export interface MediaRoom {
  /** @throws {ApiError} BUSY where there was no room in time. */
  takeForRequest(bytes: number): Promise<void>;
  /** The same for a message's media that the database or the gateway hands over. */
  takeForAnswer(): Promise<void>;
  /** Ends the read of a request that has room and does not arrive: BUSY. */
  readonly tooSlow: AbortSignal;
  /** The body is here. Gives back what this does not need. */
  keep(media: LargeText | string | null): void;
  /** Work that it runs keeps the room. */
  readonly background: Background;
  /** So does this. */
  holdFor(work: Promise<unknown>): void;
  /** The call has ended. */
  leave(): void;
}

/** Makes the memory of an isolate. */
export function createMediaMemory(
  clock: Clock,
): { forCall(background: Background): MediaRoom } {
  const budget = createByteBudget(clock, MEDIA_MEMORY_BYTES);
  return {
    forCall: (background) => {
      let share: Share | null = null;
      const tooSlow = new AbortController();
      const arrived = new AbortController();
      const take = async (bytes: number, waitMs: number) => {
        if (share !== null) return;
        share = await budget.take(bytes, waitMs);
        if (share === null) throw new ApiError("BUSY");
      };
      return {
        takeForRequest: async (bytes) => {
          await take(bytes, REQUEST_WAIT_MS);
          const late = () => tooSlow.abort(new ApiError("BUSY"));
          // Rejects where it has arrived.
          clock.sleep(ARRIVAL_MS, arrived.signal).then(late, () => {});
        },
        tooSlow: tooSlow.signal,
        takeForAnswer: () => take(LARGEST_MEDIA_BYTES, ANSWER_WAIT_MS),
        keep: (media) => {
          arrived.abort();
          share?.shrinkTo(typeof media === "string" ? 0 : media?.bytes ?? 0);
        },
        background: {
          run: (work, log) => {
            share?.holdFor(work);
            background.run(work, log);
          },
          settled: () => background.settled(),
        },
        holdFor: (work) => share?.holdFor(work),
        leave: () => {
          arrived.abort();
          share?.release();
        },
      };
    },
  };
}
