/**
 * Messages of one isolate that wait for earlier ones of their conversation: the next is told when one
 * has ended, and need not find it out by asking the database again and again. What decides is the
 * claim; this only says when to try.
 *
 * @module
 */

import type { Clock } from "../runtime/clock.ts";

/** A request's place. */
interface QueuePlace {
  readonly conversationId: string;
  /** Among all messages of the conversation. */
  readonly position: number;
}

/** Who waits, by conversation. */
export interface ConversationQueue {
  /** Waits until a message before it has ended here and it is the next, `ms` at the most. */
  wait(place: QueuePlace, ms: number): Promise<void>;
  /** A request's messages have ended. */
  ended(conversationId: string): void;
}

/** Makes the queue of an isolate. */
export function createConversationQueue(clock: Clock): ConversationQueue {
  const waiting = new Map<string, Map<AbortController, number>>();
  return {
    wait: async ({ conversationId, position }, ms) => {
      const woken = new AbortController();
      const here = waiting.get(conversationId) ?? new Map<AbortController, number>();
      waiting.set(conversationId, here.set(woken, position));
      // Rejects where it was woken.
      await clock.sleep(ms, woken.signal).catch(() => {});
      here.delete(woken);
      if (here.size === 0 && waiting.get(conversationId) === here) waiting.delete(conversationId);
    },
    ended: (conversationId) => {
      const here = [...waiting.get(conversationId) ?? []];
      const [next] = here.toSorted(([, one], [, other]) => one - other);
      next?.[0].abort();
    },
  };
}
