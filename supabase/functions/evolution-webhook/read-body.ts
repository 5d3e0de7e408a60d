/**
 * Reading a webhook's body: what came, and by which it is known again.
 *
 * @module
 */

import { announcedBytes } from "../_shared/http/announced-bytes.ts";
import { ApiError } from "../_shared/http/errors.ts";
import { parseStorable } from "../_shared/http/validation.ts";
import { sha256 } from "../_shared/runtime/hex.ts";
import { readLimited } from "../_shared/runtime/limited-body.ts";
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
  await announcedBytes(request, MAX_RECEIVED_BYTES);
  const text = await readKept(request.body);
  const digest = await sha256(text);
  try {
    return { json: parseStorable(text), digest };
  } catch {
    throw new ApiError("INVALID_JSON");
  }
}

/** What is kept was over its limit. */
class TooMuchKept extends Error {}

/** The body without its media. Fails where it is longer than it was announced to be. */
async function readKept(body: Request["body"]): Promise<string> {
  const keep = withoutLongStrings();
  const decoder = new TextDecoder();
  let text = "";
  let left = MAX_BODY_BYTES;
  const take = (chunk: Uint8Array<ArrayBuffer>) => {
    for (const piece of keep(chunk)) {
      text += decoder.decode(piece.subarray(0, left), { stream: true });
      left -= piece.byteLength;
      if (left < 0) throw new TooMuchKept();
    }
  };
  try {
    if (!await readLimited(body, { limit: MAX_RECEIVED_BYTES, take })) {
      throw new ApiError("PAYLOAD_TOO_LARGE");
    }
    return text + decoder.decode();
  } catch (error) {
    if (!(error instanceof TooMuchKept)) throw error;
    if (!HISTORY.test(text)) throw new ApiError("PAYLOAD_TOO_LARGE");
    // The gateway has stored it: comparing brings what belongs here (`applyHistory`). Refused, it would
    // come ten times.
    return '{"event":"messages.set","data":[]}';
  }
}
