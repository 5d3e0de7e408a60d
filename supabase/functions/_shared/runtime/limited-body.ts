/**
 * Reading a body without trusting its size.
 *
 * @module
 */

/** A body that somebody has to admit. */
export interface LargeBody {
  /** It is one where more than these come. */
  readonly bytes: number;
  /** Asked once. What it throws ends the read. */
  readonly admit: () => void;
}

/**
 * Reads a body's text up to a limit. Bytes that are not UTF-8 become U+FFFD.
 *
 * @param body The stream; null is an empty body.
 * @param limit In bytes.
 * @param received Gets the text as it comes, also where the stream breaks midway.
 * @param signal Ends the read.
 * @param large See {@linkcode LargeBody}.
 * @returns Whether the body ended within the limit; the rest of one that did not is cancelled.
 * @throws What the stream failed with.
 */
export async function readLimitedText(
  body: ReadableStream<Uint8Array> | null,
  limit: number,
  received: { text: string },
  signal?: AbortSignal,
  large?: LargeBody,
): Promise<boolean> {
  if (!body) return true;
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const cancel = () => void reader.cancel().catch(() => {});
  signal?.addEventListener("abort", cancel, { once: true });
  if (signal?.aborted) cancel();
  let left = limit;
  let admitted = large === undefined;
  try {
    while (true) {
      const { done, value } = await reader.read();
      signal?.throwIfAborted();
      if (done) return true;
      if (!admitted && limit - left + value.byteLength > large!.bytes) {
        try {
          large!.admit();
        } catch (refused) {
          cancel();
          throw refused;
        }
        admitted = true;
      }
      received.text += decoder.decode(value.subarray(0, left), { stream: true });
      left -= value.byteLength;
      if (left < 0) {
        cancel();
        return false;
      }
    }
  } finally {
    received.text += decoder.decode();
    signal?.removeEventListener("abort", cancel);
  }
}
