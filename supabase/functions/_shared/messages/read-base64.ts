/**
 * Media as base64, checked where it is: in a string, or in the bytes of a large text.
 *
 * @module
 */

import { MAX_MEDIA_BYTES } from "../contracts/send-message.ts";
import { ApiError } from "../http/errors.ts";
import { LargeText } from "../runtime/large-text.ts";

/** Longer heads of data URLs are nobody's. */
const MAX_DATA_HEAD = 512;

const DATA_HEAD = /^data:([\w.+-]+\/[\w.+-]+)?(?:;[\w.+-]+=[^;,]*)*;base64,$/;

/** The media of a request. */
interface Base64<Text> {
  /** Without a `data:` prefix. */
  readonly base64: Text;
  /** Of the prefix, where it names one. */
  readonly mimetype: string | null;
}

/**
 * Reads base64 (RFC 4648), with or without a `data:` prefix.
 *
 * @throws {ApiError} MEDIA_TOO_LARGE or INVALID_REQUEST.
 */
export function readBase64<Text extends string | LargeText>(
  given: Text,
): { readonly base64: Text; readonly mimetype: string | null };
export function readBase64(given: string | LargeText): Base64<string | LargeText> {
  const { base64, mimetype } = given instanceof LargeText ? splitLarge(given) : split(given);
  const { length, isBase64 } = base64 instanceof LargeText ? inspectLarge(base64) : inspect(base64);
  if (length * 3 / 4 - 2 > MAX_MEDIA_BYTES) {
    throw new ApiError("MEDIA_TOO_LARGE", { field: "media.base64" });
  }
  if (length === 0 || length % 4 !== 0 || !isBase64) {
    throw new ApiError("INVALID_REQUEST", {
      field: "media.base64",
      detail: "media.base64: base64 (RFC 4648)",
    });
  }
  return { base64, mimetype };
}

function split(given: string): Base64<string> {
  // The head alone is matched: over megabytes of parameters the expression's stack overflows.
  const comma = given.startsWith("data:") ? given.slice(0, MAX_DATA_HEAD).indexOf(",") : -1;
  const prefix = DATA_HEAD.exec(given.slice(0, comma + 1));
  return { base64: given.slice(prefix?.[0].length ?? 0), mimetype: prefix?.[1] ?? null };
}

function splitLarge(given: LargeText): Base64<LargeText> {
  // Each sign is six bytes at the most, and a comma is never a part of an escape.
  const head = given.startOf(MAX_DATA_HEAD * 6).split(",", 1)[0] + ",";
  const prefix = DATA_HEAD.exec(unescaped(head).slice(0, MAX_DATA_HEAD));
  if (prefix === null) return { base64: given, mimetype: null };
  return { base64: given.without(head.length), mimetype: prefix[1] ?? null };
}

function unescaped(text: string): string {
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    // Cut in the middle of an escape: no comma was near.
    return "";
  }
}

/** What decides about a text. */
interface Inspected {
  /** In UTF-16 units, as JavaScript counts. */
  readonly length: number;
  /** Whether it is of the alphabet, with its padding at the end. */
  readonly isBase64: boolean;
}

/** Looks for one wrong sign instead of matching millions of right ones. */
function inspect(text: string): Inspected {
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  return {
    length: text.length,
    isBase64: !/[^A-Za-z0-9+/]/.test(text.slice(0, text.length - padding)),
  };
}

const ALPHABET = Uint8Array.from(
  { length: 256 },
  (_, byte) => /[A-Za-z0-9+/]/.test(String.fromCharCode(byte)) ? 1 : 0,
);

/** The same of bytes, in which a sign may be escaped: PHP writes `\/`, .NET `\u002B`. */
function inspectLarge(text: LargeText): Inspected {
  let length = 0;
  let padding = 0;
  let isBase64 = true;
  let escape = "";
  const take = (code: number) => {
    length++;
    if (code === 0x3d) padding++;
    else if (ALPHABET[code] !== 1 || padding > 0) isBase64 = false;
  };
  for (const piece of text.pieces) {
    for (let at = 0; at < piece.byteLength; at++) {
      if (escape === "" && padding === 0) {
        const from = at;
        while (at < piece.byteLength && ALPHABET[piece[at]!] === 1) at++;
        length += at - from;
        if (at === piece.byteLength) break;
      }
      const byte = piece[at]!;
      if (escape !== "" || byte === 0x5c) {
        escape += String.fromCharCode(byte);
        if (escape.length < (escape[1] === "u" ? 6 : 2)) continue;
        take(unescaped(escape).charCodeAt(0));
        escape = "";
      } else if (byte < 0x80) {
        take(byte);
      } else {
        isBase64 = false;
        // One unit for each sequence of UTF-8, two for those of four bytes.
        if (byte >= 0xc0) length += byte >= 0xf0 ? 2 : 1;
      }
    }
  }
  return { length, isBase64: isBase64 && padding <= 2 };
}
