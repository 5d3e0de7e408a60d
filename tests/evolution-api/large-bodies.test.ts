import assert from "node:assert/strict";
import { createHandler } from "../../supabase/functions/evolution-api/handler.ts";
import type { UserEffects } from "../../supabase/functions/evolution-api/authenticator.ts";
import { createLog } from "../../supabase/functions/_shared/runtime/log.ts";

function handler() {
  const authenticator = { identify: () => Promise.resolve({ outcome: "user", userId: "u" }) };
  const log = createLog("error", () => {});
  return createHandler({ authenticator, log } as unknown as UserEffects);
}

function post(body: BodyInit): Request {
  const headers = { authorization: "Bearer a.b.c" };
  return new Request("http://f.test/", { method: "POST", headers, body });
}

const ended = async (answer: Promise<Response>) => {
  const response = await answer;
  return [response.status, (await response.json()).errorCode];
};

Deno.test("a large body without media is refused, whatever its action", async () => {
  const text = "x".repeat(600_000);
  const body = JSON.stringify({ action: "get_status", text });
  assert.deepEqual(await ended(handler()(post(body))), [413, "PAYLOAD_TOO_LARGE"]);
});

Deno.test("three large bodies at once, the fourth is told to come again, and small ones pass", async () => {
  const serve = handler();
  const open: ReadableStreamDefaultController<Uint8Array>[] = [];
  const slow = () =>
    new ReadableStream<Uint8Array>({
      start(controller) {
        open.push(controller);
        controller.enqueue(new Uint8Array(600_000).fill(0x20));
      },
    });
  const waiting = [serve(post(slow())), serve(post(slow())), serve(post(slow()))];
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.deepEqual(await ended(serve(post(slow()))), [503, "BUSY"]);
  assert.deepEqual(await ended(serve(post("{}"))), [400, "UNKNOWN_ACTION"]);
  for (const controller of open.slice(0, 3)) controller.close();
  for (const answer of waiting) assert.deepEqual(await ended(answer), [400, "INVALID_JSON"]);
  assert.deepEqual(await ended(serve(post(`{}${" ".repeat(600_000)}`))), [
    413,
    "PAYLOAD_TOO_LARGE",
  ]);
});
