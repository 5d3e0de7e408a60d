import assert from "node:assert/strict";
import { VirtualClock } from "../../../dev/world/virtual-clock.ts";
import { createConversationQueue } from "../../../supabase/functions/_shared/messages/conversation-queue.ts";

/** Each waits at its place; tells who was woken, in order. */
function waiting(...places: readonly (readonly [conversationId: string, position: number])[]) {
  const clock = new VirtualClock(new Date(0));
  const queue = createConversationQueue(clock);
  const woken: number[] = [];
  for (const [conversationId, position] of places) {
    queue.wait({ conversationId, position }, 1_000).then(() => woken.push(position));
  }
  return { clock, queue, woken };
}

const settled = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

Deno.test("an end wakes the next in order, of its own conversation alone", async () => {
  const { queue, woken } = waiting(["a", 7], ["b", 1], ["a", 5], ["a", 6]);
  for (const expected of [[5], [5, 6], [5, 6, 7], [5, 6, 7]]) {
    queue.ended("a");
    await settled();
    assert.deepEqual(woken, expected);
  }
});

Deno.test("who is not woken waits no longer than it said", async () => {
  const { clock, queue, woken } = waiting(["a", 2], ["a", 1]);
  await clock.advance(999);
  assert.deepEqual(woken, []);
  await clock.advance(1);
  assert.deepEqual(woken, [2, 1]);
  queue.ended("a");
});
