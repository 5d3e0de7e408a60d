/**
 * Media as base64 is megabytes of text, and each string that it becomes on its way is a copy of it. A
 * {@linkcode LargeText} is such a text as bytes, in the pieces that it came in: read without a copy
 * (`large-json.ts`), checked, and written into the next body as it is.
 *
 * @module
 */

/** The bytes of a stream or of an encoder. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** A long text of JSON, as its bytes between the quotes: UTF-8, escaped as it came. */
export class LargeText {
  /** What stands for it in a JSON text; nobody can guess it. */
  readonly standIn: string = crypto.randomUUID();
  /** Without the quotes. */
  readonly bytes: number;

  /** Of its pieces, which nobody else writes to any more. */
  constructor(
    /** Its bytes, in order. */
    readonly pieces: readonly Bytes[],
  ) {
    this.bytes = pieces.reduce((total, piece) => total + piece.byteLength, 0);
  }

  /** For `JSON.stringify`: see {@linkcode writeJson}. */
  toJSON(): string {
    return this.standIn;
  }

  /** Its first bytes, at the most so many; each that is no ASCII is U+FFFD. */
  startOf(bytes: number): string {
    let start = "";
    for (const piece of this.pieces) {
      if (start.length >= bytes) break;
      for (const byte of piece.subarray(0, bytes - start.length)) {
        start += byte < 0x80 ? String.fromCharCode(byte) : "\ufffd";
      }
    }
    return start;
  }

  /** The same bytes without the first ones. */
  without(bytes: number): LargeText {
    let left = bytes;
    return new LargeText(this.pieces.flatMap((piece) => {
      const rest = piece.subarray(left);
      left = Math.max(0, left - piece.byteLength);
      return rest.byteLength === 0 ? [] : [rest];
    }));
  }
}

/** The large texts in a value of objects and lists. */
export function largeTextsIn(value: unknown): readonly LargeText[] {
  if (value instanceof LargeText) return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(largeTextsIn);
}

/**
 * Puts large texts into the JSON that `JSON.stringify` made of a value with them.
 *
 * @returns The body's pieces, the texts' own among them.
 */
export function writeJson(json: string, texts: readonly LargeText[]): readonly Bytes[] {
  const [text, ...others] = texts;
  if (text === undefined) return [new TextEncoder().encode(json)];
  return json.split(text.standIn).flatMap((part, place) => [
    ...(place === 0 ? [] : text.pieces),
    ...writeJson(part, others),
  ]);
}

/**
 * A body that can be sent once. Deno's fetch repeats a request by itself when the connection breaks
 * before the answer (denoland/deno#35610; measured: one fetch, two POSTs at the server) unless its
 * body is a stream. A message would go out twice, and a refused second attempt would look like
 * "nothing was sent".
 */
export function onceOnlyBody(pieces: readonly Bytes[]): ReadableStream<Bytes> {
  let next = 0;
  return new ReadableStream({
    pull(controller) {
      const piece = pieces[next++];
      if (piece === undefined) controller.close();
      else controller.enqueue(piece);
    },
  });
}
