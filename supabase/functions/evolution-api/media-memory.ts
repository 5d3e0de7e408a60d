/**
 * The memory that large media may take in an isolate: from the body that brings it until its message was
 * sent or left to the scheduler.
 *
 * @module
 */

import { ApiError } from "../_shared/http/errors.ts";
import { LARGEST_MEDIA_BYTES, MEDIA_MEMORY_BYTES } from "../_shared/messages/media-memory.ts";
import type { Background } from "../_shared/runtime/background.ts";
import { createByteBudget, type Share } from "../_shared/runtime/byte-budget.ts";
import type { Clock } from "../_shared/runtime/clock.ts";
import type { LargeText } from "../_shared/runtime/large-text.ts";

/** More than this, in bytes, is a body with media, and needs room. */
export const LARGE_BODY_BYTES = 512 * 1024;

/** How long a request waits for room, unread, in ms. A person waits as well. */
const REQUEST_WAIT_MS = 20_000;

/** How long an answer of the database's does: within the limit of its query. */
const ANSWER_WAIT_MS = 6_000;

/** One call's part of the memory. */
export interface MediaRoom {
  /** @throws {ApiError} BUSY where there was no room in time. */
  takeForRequest(bytes: number): Promise<void>;
  /** The same for a message's media that the database hands over. */
  takeForAnswer(): Promise<void>;
  isTaken(): boolean;
  /** Gives back what this does not need. */
  keep(media: LargeText | string | null): void;
  /** Work that it runs keeps the room. */
  readonly background: Background;
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
      const take = async (bytes: number, waitMs: number) => {
        if (share !== null) return;
        share = await budget.take(bytes, waitMs);
        if (share === null) throw new ApiError("BUSY");
      };
      return {
        takeForRequest: (bytes) => take(bytes, REQUEST_WAIT_MS),
        takeForAnswer: () => take(LARGEST_MEDIA_BYTES, ANSWER_WAIT_MS),
        isTaken: () => share !== null,
        keep: (media) => share?.shrinkTo(typeof media === "string" ? 0 : media?.bytes ?? 0),
        background: {
          run: (work, log) => {
            share?.holdFor(work);
            background.run(work, log);
          },
          settled: () => background.settled(),
        },
        leave: () => share?.release(),
      };
    },
  };
}
