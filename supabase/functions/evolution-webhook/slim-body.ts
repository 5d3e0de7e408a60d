/**
 * A webhook's body without the media in it.
 *
 * A gateway may send a picture or a film as base64 inside the JSON. It is not kept, and a body that
 * was refused for it would be lost with its caption. So it is dropped while the body arrives, and
 * only the rest counts against the limit of what is parsed.
 *
 * @module
 */

import { BACKSLASH, QUOTE } from "../_shared/runtime/large-json.ts";
import type { Bytes } from "../_shared/runtime/large-text.ts";

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
