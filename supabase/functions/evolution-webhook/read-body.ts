/**
 * Reading a webhook's body: what came, without the media in it, and by which it is known again.
 *
 * A gateway may send a picture or a film as base64 inside the JSON. It is not kept, and a body that
 * was refused for it would be lost with its caption. So it is dropped while the body arrives, and
 * only the rest counts against the limit of what is parsed.
 *
 * @module
 */

import { announcedBytes } from "../_shared/http/announced-bytes.ts";
import { ApiError } from "../_shared/http/errors.ts";
import { parseStorable } from "../_shared/http/validation.ts";
import { sha256 } from "../_shared/runtime/hex.ts";
import { BACKSLASH, QUOTE } from "../_shared/runtime/large-json.ts";
import type { Bytes } from "../_shared/runtime/large-text.ts";
import { readLimited } from "../_shared/runtime/limited-body.ts";

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

/** No text of a message is longer: 65,536 characters, escaped 6 bytes each. */
const LONGEST_STRING = 512 * 1024;

/**
 * Drops long strings from JSON text: each becomes an empty one. No more of a string is held than may
 * still be kept. What is no JSON stays none.
 *
 * @param longest In bytes, as they are written.
 * @returns Takes the text piece by piece, and returns what is to be kept so far.
 */
export function withoutLongStrings(longest = LONGEST_STRING): (chunk: Bytes) => readonly Bytes[] {
  let inString = false;
  let escaped = false;
  /** How many bytes of the string have come, and those of earlier chunks that may be kept. */
  let length = 0;
  let held: Bytes[] = [];

  return (chunk) => {
    const kept: Bytes[] = [];
    let from = 0;
    const keep = (until: number) => {
      if (until > from) kept.push(chunk.subarray(from, until));
      from = until;
    };
    for (let at = 0; at < chunk.length;) {
      if (!inString) {
        const quote = chunk.indexOf(QUOTE, at);
        if (quote === -1) break;
        at = quote + 1;
        keep(at);
        inString = true;
        length = 0;
        continue;
      }
      const end = escaped ? at : nextSign(chunk, at);
      const closes = !escaped && chunk[end] === QUOTE;
      escaped = !escaped && chunk[end] === BACKSLASH;
      length += Math.min(end + (closes ? 0 : 1), chunk.length) - at;
      at = Math.min(end + 1, chunk.length);
      if (length > longest) held = [];
      if (closes) {
        if (length > longest) from = end;
        kept.push(...held);
        keep(at);
        held = [];
        inString = false;
      }
    }
    if (!inString) keep(chunk.length);
    else if (length <= longest && from < chunk.length) held.push(chunk.slice(from));
    return kept;
  };
}

/** Where the next quote or backslash is; the chunk's end where there is none. */
function nextSign(chunk: Uint8Array, from: number): number {
  const found = chunk.indexOf(QUOTE, from);
  const quote = found === -1 ? chunk.length : found;
  const backslash = chunk.subarray(from, quote).indexOf(BACKSLASH);
  return backslash === -1 ? quote : from + backslash;
}
