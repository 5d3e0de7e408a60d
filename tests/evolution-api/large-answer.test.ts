import assert from "node:assert/strict";
import { VirtualClock } from "../../dev/world/virtual-clock.ts";
import { LargeText } from "../../supabase/functions/_shared/runtime/large-text.ts";
import { answerLarge } from "../../supabase/functions/evolution-api/large-answer.ts";

const PIECES = ["QUJD", "REVG"].map((piece) => new TextEncoder().encode(piece));

/** An answer with a file of two pieces; whether its room is still taken. */
function scene() {
  const clock = new VirtualClock();
  const text = new LargeText(PIECES);
  const room = { isTaken: false };
  const holdFor = (work: Promise<unknown>) => {
    room.isTaken = true;
    work.then(() => room.isTaken = false);
  };
  const body = { success: true, media: { type: "image", base64: text } };
  return { clock, room, response: answerLarge(body, text, { holdFor }, clock) };
}

Deno.test("a file goes out in its pieces, as JSON, and its room is free once it has left", async () => {
  const { clock, room, response } = scene();
  await clock.advance(1_000);
  assert.equal(room.isTaken, true);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "application/json");
  assert.equal(response.headers.get("access-control-allow-origin"), "*");
  assert.deepEqual(await response.json(), {
    success: true,
    media: { type: "image", base64: "QUJDREVG" },
  });
  await clock.advance(0);
  assert.equal(room.isTaken, false);
  // Nothing waits for it any more.
  await clock.advance(120_000);
});

Deno.test("who hangs up gives its room back", async () => {
  const { clock, room, response } = scene();
  await response.body!.cancel();
  await clock.advance(0);
  assert.equal(room.isTaken, false);
});

Deno.test("who does not fetch it within a minute gets no more of it", async () => {
  const { clock, room, response } = scene();
  await clock.advance(59_999);
  assert.equal(room.isTaken, true);
  await clock.advance(1);
  assert.equal(room.isTaken, false);
  await assert.rejects(response.text(), { name: "TimeoutError" });
});
