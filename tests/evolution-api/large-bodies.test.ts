import assert from "node:assert/strict";
import { VirtualClock } from "../../dev/world/virtual-clock.ts";
import { createHandler } from "../../supabase/functions/evolution-api/handler.ts";
import type { UserEffects } from "../../supabase/functions/evolution-api/authenticator.ts";
import { createLog } from "../../supabase/functions/_shared/runtime/log.ts";

function handler(clock = new VirtualClock()) {
  const authenticator = { identify: () => Promise.resolve({ outcome: "user", userId: "u" }) };
  const log = createLog("error", () => {});
  return createHandler({ authenticator, log, clock } as unknown as UserEffects);
}

function post(body: BodyInit, bytes?: number): Request {
  const headers = {
    authorization: "Bearer a.b.c",
    ...(bytes === undefined ? {} : { "content-length": String(bytes) }),
  };
  return new Request("http://f.test/", { method: "POST", headers, body });
}

const ended = async (answer: Promise<Response>) => {
  const response = await answer;
  return [response.status, (await response.json()).errorCode];
};

/** A large body that is still on its way; how much of it was asked for. */
function slowBody() {
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  let asked = 0;
  const body = new ReadableStream<Uint8Array>({
    start: (open) => void (controller = open),
    pull: () => {
      if (asked++ < 20) controller.enqueue(new Uint8Array(100_000).fill(0x20));
    },
  }, { highWaterMark: 0 });
  return { body, asked: () => asked, end: () => controller.close() };
}

Deno.test("a large body without media is refused, whatever its action", async () => {
  const text = "x".repeat(600_000);
  const body = JSON.stringify({ action: "get_status", text });
  assert.deepEqual(await ended(handler()(post(body))), [413, "PAYLOAD_TOO_LARGE"]);
});

Deno.test("a body of more than 24 MB is refused, unread where that was announced", async () => {
  const { body, asked } = slowBody();
  const announced = post(body, 24 * 1024 * 1024 + 1);
  assert.deepEqual(await ended(handler()(announced)), [413, "PAYLOAD_TOO_LARGE"]);
  assert.equal(asked(), 0);
  const media = { type: "image", base64: "A".repeat(24 * 1024 * 1024) };
  const large = post(JSON.stringify({ action: "send_message_async", media }));
  assert.deepEqual(await ended(handler()(large)), [413, "PAYLOAD_TOO_LARGE"]);
});

Deno.test("beside media there are two MB of other things at the most", async () => {
  const media = { base64: "AAAA".repeat(30_000) };
  for (
    const [length, expected] of [[2_000_000, "UNKNOWN_ACTION"], [2_200_000, "PAYLOAD_TOO_LARGE"]]
  ) {
    for (
      const more of [
        "x".repeat(Number(length)),
        Array(Number(length) / 1_000).fill("y".repeat(997)),
      ]
    ) {
      const [, code] = await ended(handler()(post(JSON.stringify({ action: "no", media, more }))));
      assert.equal(code, expected);
    }
  }
});

Deno.test("large bodies have their turn: one that waits is not read, and small ones pass", async () => {
  const clock = new VirtualClock();
  const serve = handler(clock);
  const bodies = [slowBody(), slowBody(), slowBody()];
  const answers = bodies.map(({ body }) => ended(serve(post(body))));
  await clock.advance(10_000);
  const [first, , third] = bodies;
  assert.deepEqual([first!.asked(), third!.asked()], [21, 6]);
  assert.deepEqual(await ended(serve(post("{}"))), [400, "UNKNOWN_ACTION"]);
  first!.end();
  assert.deepEqual(await answers[0], [400, "INVALID_JSON"]);
  await clock.advance(10_000);
  assert.equal(third!.asked(), 21);
  for (const { end } of bodies.slice(1)) end();
  assert.deepEqual(await Promise.all(answers), Array(3).fill([400, "INVALID_JSON"]));
});

Deno.test("who has waited for twenty seconds is told to come again", async () => {
  const clock = new VirtualClock();
  const serve = handler(clock);
  const bodies = [slowBody(), slowBody(), slowBody()];
  const [, , third] = bodies.map(({ body }) => ended(serve(post(body))));
  await clock.advance(19_999);
  assert.equal(bodies[2]!.asked(), 6);
  assert.deepEqual(await clock.until(third!), [503, "BUSY"]);
  for (const { end } of bodies.slice(0, 2)) end();
});

Deno.test("an announced length is all that a body takes, and waits before a byte is read", async () => {
  const clock = new VirtualClock();
  const serve = handler(clock);
  const fit = Array.from({ length: 24 }, slowBody);
  const answers = fit.map(({ body }) => ended(serve(post(body, 2 * 1024 * 1024))));
  const over = slowBody();
  const late = ended(serve(post(over.body, 2 * 1024 * 1024)));
  await clock.advance(1_000);
  assert.deepEqual(fit.map(({ asked }) => asked()), Array(24).fill(21));
  assert.equal(over.asked(), 0);
  fit[0]!.end();
  await answers[0];
  await clock.advance(1_000);
  assert.equal(over.asked(), 21);
  for (const { end } of [...fit.slice(1), over]) end();
  await Promise.all([...answers, late]);
});

Deno.test("a large body that stops midway is given up after a minute", async () => {
  const clock = new VirtualClock();
  const slow = slowBody();
  const began = clock.monotonicMs();
  const answer = ended(handler(clock)(post(slow.body)));
  assert.deepEqual(await clock.until(answer), [503, "BUSY"]);
  assert.equal(clock.monotonicMs() - began, 60_000);
});
