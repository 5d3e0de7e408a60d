import assert from "node:assert/strict";
import { VirtualClock } from "../../../dev/world/virtual-clock.ts";
import { ApiError } from "../../../supabase/functions/_shared/http/errors.ts";
import { DatabaseError } from "../../../supabase/functions/_shared/runtime/database.ts";
import type { LargeBody } from "../../../supabase/functions/_shared/runtime/limited-body.ts";
import type { Call } from "../../../supabase/functions/evolution-api/action.ts";
import { getMedia } from "../../../supabase/functions/evolution-api/actions/get-media.ts";

const LARGE = JSON.stringify({ base64: "QUJD".repeat(300_000), mimetype: "image/png" });

const AT_GATEWAY = {
  result: "at_gateway",
  type: "image",
  mime_type: null,
  file_name: null,
  whatsapp_message_id: "3A01",
  sent_at: null,
  instance: { instance_name: "x", api_url: "https://evolution.test", api_key: "k" },
};

/** A call that finds no room, with what answers it. */
function callWithoutRoom(clock: VirtualClock, database: unknown, fetch?: unknown): Call {
  const room = { takeForAnswer: () => Promise.reject(new ApiError("BUSY")), keep: () => {} };
  const effects = { clock, database: { call: database }, fetch };
  return { userId: "u", language: "en", effects, room } as unknown as Call;
}

const REQUEST = { messageId: crypto.randomUUID(), asBytes: false };

Deno.test("a large file that there is no room for is told as that, and is read no further", async () => {
  const clock = new VirtualClock();
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode(LARGE)),
    cancel: () => void (cancelled = true),
  });
  const call = callWithoutRoom(
    clock,
    () => Promise.resolve(AT_GATEWAY),
    () => Promise.resolve(new Response(body, { status: 201 })),
  );
  await assert.rejects(async () => await clock.until(getMedia(REQUEST, call)), { code: "BUSY" });
  assert.equal(cancelled, true);
});

Deno.test("so is one that the database hands over", async () => {
  const clock = new VirtualClock();
  // As its client does: what is not admitted is an answer that was lost.
  const database = (_fn: string, _args: object, _answer: unknown, large: LargeBody) =>
    large.admit().catch(() => {
      throw new DatabaseError("find_media", "unreachable", null);
    });
  const call = callWithoutRoom(clock, database);
  await assert.rejects(async () => await clock.until(getMedia(REQUEST, call)), { code: "BUSY" });
});
