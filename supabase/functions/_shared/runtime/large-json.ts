/**
 * Reads JSON and keeps its long texts as bytes: they are cut out as the chunks come, what is left is
 * short and is parsed as ever.
 *
 * @module
 */

import { type Bytes, LargeText } from "./large-text.ts";

/** Longer texts are cut out, in bytes: the longest that WhatsApp takes as words, in ASCII. */
export const LARGE_TEXT_BYTES = 65_536;

/** The two signs that decide where a text of JSON ends, as bytes. */
export const QUOTE = 0x22;
/** See {@linkcode QUOTE}. */
export const BACKSLASH = 0x5c;
/** Behind a backslash: `"\/bfnrt`, and `u` before four hexadecimal digits. */
const ESCAPABLE = new Set([...'"\\/bfnrtu'].map((sign) => sign.charCodeAt(0)));
const U = 0x75;

/** Bytes of a text that mean nothing but themselves. */
const ORDINARY = Uint8Array.from(
  { length: 256 },
  (_, byte) => byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
);

/** Where a reader is inside an escape: before its letter, or before so many digits. */
type Escape = "none" | "letter" | 1 | 2 | 3 | 4;

/** Takes a JSON text chunk by chunk. */
export class LargeJsonReader {
  #parts: (Bytes | LargeText)[] = [];
  #inText = false;
  #escape: Escape = "none";
  /** Where among the parts the open text begins, and its bytes among them. */
  #textAt = 0;
  #textBytes = 0;
  #bytes = 0;
  #largeBytes = 0;

  /** All that came. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes that belong to no large text, and not to one that is still open. */
  get restBytes(): number {
    return this.#bytes - this.#largeBytes - (this.#inText ? this.#textBytes : 0);
  }

  /**
   * Takes the next chunk, which is the reader's from now on.
   *
   * @throws {SyntaxError} Where a text holds what no JSON text may.
   */
  push(chunk: Bytes): void {
    this.#bytes += chunk.byteLength;
    // Where what was not put among the parts yet begins, and the open text.
    let from = 0;
    let text = 0;
    let isOpenedHere = false;
    for (let at = 0; at < chunk.byteLength;) {
      if (!this.#inText) {
        const quote = chunk.indexOf(QUOTE, at);
        if (quote < 0) break;
        at = text = quote + 1;
        this.#inText = true;
        this.#textBytes = 0;
        isOpenedHere = true;
        continue;
      }
      at = this.#skipText(chunk, at);
      if (at === chunk.byteLength) break;
      this.#inText = false;
      const bytes = this.#textBytes + at - text;
      if (bytes > LARGE_TEXT_BYTES) {
        if (isOpenedHere) this.#keep(chunk.subarray(from, text));
        const before = isOpenedHere ? [] : this.#parts.splice(this.#textAt) as Bytes[];
        this.#parts.push(new LargeText([...before, chunk.subarray(text, at)]));
        this.#largeBytes += bytes;
        from = at;
      }
      at++;
    }
    if (this.#inText && isOpenedHere) {
      this.#keep(chunk.subarray(from, text));
      this.#textAt = this.#parts.length;
      from = text;
    }
    if (this.#inText) this.#textBytes += chunk.byteLength - text;
    this.#keep(chunk.subarray(from));
  }

  /**
   * Ends it.
   *
   * @returns What was cut out, in its order.
   * @throws {SyntaxError} Where a text has no end.
   */
  end(): readonly LargeText[] {
    if (this.#inText) throw new SyntaxError("a text has no end");
    return this.#parts.filter((part) => part instanceof LargeText);
  }

  /** The whole text, each large one's place taken by its stand-in, but those that are `putBack`. */
  toText(putBack: readonly LargeText[] = []): string {
    const decoder = new TextDecoder();
    let text = "";
    for (const part of this.#parts) {
      if (part instanceof Uint8Array) text += decoder.decode(part, { stream: true });
      else if (!putBack.includes(part)) text += part.standIn;
      else for (const piece of part.pieces) text += decoder.decode(piece, { stream: true });
    }
    return text + decoder.decode();
  }

  #keep(piece: Bytes): void {
    if (piece.byteLength > 0) this.#parts.push(piece);
  }

  /** Where the open text's last quote is; the chunk's end where it is not there. */
  #skipText(chunk: Bytes, start: number): number {
    for (let at = start; at < chunk.byteLength; at++) {
      if (this.#escape === "none") {
        while (at < chunk.byteLength && ORDINARY[chunk[at]!] === 1) at++;
        if (at === chunk.byteLength || chunk[at] === QUOTE) return at;
        if (chunk[at] !== BACKSLASH) throw new SyntaxError("a control character in a text");
        this.#escape = "letter";
      } else {
        this.#escape = afterEscaped(this.#escape, chunk[at]!);
      }
    }
    return chunk.byteLength;
  }
}

function afterEscaped(escape: Exclude<Escape, "none">, byte: number): Escape {
  if (escape === "letter") {
    if (!ESCAPABLE.has(byte)) throw new SyntaxError("no escape");
    return byte === U ? 4 : "none";
  }
  if (!/[\da-f]/i.test(String.fromCharCode(byte))) throw new SyntaxError("no hexadecimal digit");
  return escape === 1 ? "none" : escape - 1 as 1 | 2 | 3;
}

/** Puts large texts where their stand-ins are in a parsed value. Changes the value. */
export function putLargeTexts(value: unknown, texts: readonly LargeText[]): unknown {
  if (texts.length === 0) return value;
  if (typeof value === "string") return texts.find(({ standIn }) => standIn === value) ?? value;
  if (typeof value !== "object" || value === null) return value;
  for (const [key, part] of Object.entries(value)) {
    Object.assign(value, { [key]: putLargeTexts(part, texts) });
  }
  return value;
}
