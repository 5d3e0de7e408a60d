/**
 * Reading a body without trusting its size.
 *
 * @module
 */

/** A body that somebody has to admit. */
export interface LargeBody {
  /** It is one where more than these come. */
  readonly bytes: number;
  /** Asked once; nothing more is read meanwhile. What it throws ends the read. */
  readonly admit: () => Promise<void>;
}

/** How a body is read. */
export interface LimitedReading {
  /** In bytes. */
  readonly limit: number;
  /** Gets each chunk; what is over the limit is left out. What it throws ends the read. */
  readonly take: (chunk: Uint8Array<ArrayBuffer>) => void;
  /** Ends the read. */
  readonly signal?: AbortSignal | undefined;
  /** See {@linkcode LargeBody}. */
  readonly large?: LargeBody | undefined;
}

/**
 * Reads a body chunk by chunk, up to a limit.
 *
 * @param body The stream; null is an empty body.
 * @returns Whether the body ended within the limit; the rest of one that did not is cancelled.
 * @throws What the stream failed with, or what ended the read.
 */
export async function readLimited(
  body: ReadableStream<Uint8Array> | null,
  { limit, take, signal, large }: LimitedReading,
): Promise<boolean> {
  if (!body) return true;
  const reader = body.getReader();
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
        await large!.admit();
        admitted = true;
      }
      take(value.subarray(0, left) as Uint8Array<ArrayBuffer>);
      left -= value.byteLength;
      if (left < 0) {
        cancel();
        return false;
      }
    }
  } catch (error) {
    cancel();
    throw error;
  } finally {
    signal?.removeEventListener("abort", cancel);
  }
}

/**
 * Reads a body's text up to a limit. Bytes that are not UTF-8 become U+FFFD.
 *
 * @param body The stream; null is an empty body.
 * @param limit In bytes.
 * @param received Gets the text as it comes, also where the stream breaks midway.
 * @param signal Ends the read.
 * @returns Whether the body ended within the limit; the rest of one that did not is cancelled.
 * @throws What the stream failed with.
 */
export async function readLimitedText(
  body: ReadableStream<Uint8Array> | null,
  limit: number,
  received: { text: string },
  signal?: AbortSignal,
): Promise<boolean> {
  const decoder = new TextDecoder();
  const take = (chunk: Uint8Array) => {
    received.text += decoder.decode(chunk, { stream: true });
  };
  try {
    return await readLimited(body, { limit, take, signal });
  } finally {
    received.text += decoder.decode();
  }
}
