/**
 * Reading a webhook's body: what came, and by which it is known again.
 *
 * @module
 */

import { ApiError } from "../_shared/http/errors.ts";
import { parseStorable } from "../_shared/http/validation.ts";
import { sha256 } from "../_shared/runtime/hex.ts";
import { readLimitedText } from "../_shared/runtime/limited-body.ts";
import { withoutLongStrings } from "./slim-body.ts";

/** A message with the thumbnails and link previews that it may carry, without its media. In bytes. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

/** The largest body that is read at all: about a second of processor. In bytes. */
const MAX_RECEIVED_BYTES = 64 * 1024 * 1024;

/** How a pairing's history begins, which may be a phone's whole life. */
const HISTORY = /^\s*\{\s*"event"\s*:\s*"messages[._]set"/i;

/** A body, parsed. */
interface WebhookBody {
  readonly json: unknown;
  /** SHA-256 of what is left of it: a retry has the same. */
  readonly digest: string;
}

/**
 * Reads a body; media in it is dropped on the way.
 *
 * @throws {ApiError} PAYLOAD_TOO_LARGE or INVALID_JSON.
 */
export async function readBody(request: Request): Promise<WebhookBody> {
  const received = { text: "" };
  const announced = Number(request.headers.get("content-length") ?? 0);
  if (announced > MAX_RECEIVED_BYTES) {
    await request.body?.cancel();
    throw new ApiError("PAYLOAD_TOO_LARGE");
  }
  if (!await readLimitedText(slimmed(request.body), MAX_BODY_BYTES, received)) {
    if (!HISTORY.test(received.text)) throw new ApiError("PAYLOAD_TOO_LARGE");
    // The gateway has stored it: comparing brings what belongs here (`applyHistory`). Refused, it would
    // come ten times.
    received.text = '{"event":"messages.set","data":[]}';
  }
  const digest = await sha256(received.text);
  try {
    return { json: parseStorable(received.text), digest };
  } catch {
    throw new ApiError("INVALID_JSON");
  }
}

/** The body without its media. Fails where it is longer than it was announced to be. */
function slimmed(body: Request["body"]): ReadableStream<Uint8Array> | null {
  if (body === null) return null;
  const reader = body.getReader();
  const keep = withoutLongStrings();
  let left = MAX_RECEIVED_BYTES;
  return new ReadableStream({
    cancel: (reason) => reader.cancel(reason),
    async pull(controller) {
      let kept: readonly Uint8Array[] = [];
      while (kept.length === 0) {
        const { done, value } = await reader.read();
        if (done) return controller.close();
        left -= value.byteLength;
        if (left < 0) {
          await reader.cancel();
          throw new ApiError("PAYLOAD_TOO_LARGE");
        }
        kept = keep(value);
      }
      for (const piece of kept) controller.enqueue(piece);
    },
  });
}
