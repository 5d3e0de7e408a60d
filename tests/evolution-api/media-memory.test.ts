import assert from "node:assert/strict";
import { VirtualClock } from "../../dev/world/virtual-clock.ts";
import { createBackground } from "../../supabase/functions/_shared/runtime/background.ts";
import { LargeText } from "../../supabase/functions/_shared/runtime/large-text.ts";
import { createLog } from "../../supabase/functions/_shared/runtime/log.ts";
import { createMediaMemory } from "../../supabase/functions/evolution-api/media-memory.ts";

const MB = 1024 * 1024;
const log = createLog("error", () => {});

function scene() {
  const clock = new VirtualClock();
  const memory = createMediaMemory(clock);
  return { clock, call: () => memory.forCall(createBackground()) };
}

Deno.test("media keeps its room until its message has left, and only as much as it takes", async () => {
  const { clock, call } = scene();
  const [first, second, third] = [call(), call(), call()];
  await first.takeForRequest(24 * MB);
  await second.takeForRequest(24 * MB);
  const sent = Promise.withResolvers<void>();
  first.keep(new LargeText([new Uint8Array(20 * MB)]));
  first.background.run(sent.promise, log);
  first.leave();
  let isTaken = false;
  const waiting = third.takeForRequest(5 * MB).then(() => isTaken = true);
  await clock.advance(1_000);
  assert.equal(isTaken, false);
  sent.resolve();
  await clock.until(waiting);
  assert.equal(isTaken, true);
});

Deno.test("a text that is retried gives back the room that its media might have taken", async () => {
  const { clock, call } = scene();
  const calls = [call(), call(), call(), call()];
  for (const room of calls) {
    await clock.until(room.takeForAnswer());
    room.keep(null);
  }
});

Deno.test("an answer waits for room no longer than its query may", async () => {
  const { clock, call } = scene();
  for (const room of [call(), call()]) await room.takeForAnswer();
  const waiting = assert.rejects(call().takeForAnswer(), { code: "BUSY" });
  const began = clock.monotonicMs();
  await clock.until(waiting);
  assert.equal(clock.monotonicMs() - began, 6_000);
});

Deno.test("a body that does not arrive gives its room away after a minute, one that has is not ended", async () => {
  const { clock, call } = scene();
  const [slow, quick] = [call(), call()];
  await slow.takeForRequest(MB);
  await quick.takeForRequest(MB);
  quick.keep(null);
  await clock.advance(59_999);
  assert.equal(slow.tooSlow.aborted, false);
  await clock.advance(1);
  assert.equal(slow.tooSlow.reason.code, "BUSY");
  assert.equal(quick.tooSlow.aborted, false);
});
