/**
 * Reading an answer without trusting its size.
 *
 * @module
 */

/**
 * Reads a body up to a limit.
 *
 * @param body The stream; null is an empty body.
 * @param limit In bytes.
 * @param signal Ends the read.
 * @param read Receives what came, also where the stream breaks midway.
 * @returns Whether the body ended within the limit.
 * @throws What the stream failed with.
 */
export async function readLimitedBody(
  body: ReadableStream<Uint8Array> | null,
  limit: number,
  signal: AbortSignal,
  read: Uint8Array[],
): Promise<boolean> {
  if (!body) return true;
  const reader = body.getReader();
  const cancel = () => void reader.cancel().catch(() => {});
  signal.addEventListener("abort", cancel, { once: true });
  if (signal.aborted) cancel();
  let left = limit;
  try {
    while (true) {
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      if (done) return true;
      read.push(value.subarray(0, left));
      left -= value.byteLength;
      if (left < 0) {
        cancel();
        return false;
      }
    }
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

/** The text of the bytes that came; bytes that are not UTF-8 become U+FFFD. */
export function textOf(read: readonly Uint8Array[]): string {
  const decoder = new TextDecoder();
  return read.map((bytes) => decoder.decode(bytes, { stream: true })).join("") + decoder.decode();
}
