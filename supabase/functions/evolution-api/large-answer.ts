/**
 * An answer with a file: its bytes go out as they came in, without a copy of them as text, and keep their
 * room until they have left.
 *
 * @module
 */

import { jsonStream } from "../_shared/http/serve.ts";
import type { Clock } from "../_shared/runtime/clock.ts";
import { type Bytes, type LargeText, writeJson } from "../_shared/runtime/large-text.ts";
import type { MediaRoom } from "./media-memory.ts";

/** How long somebody may take to fetch it, in ms: it keeps others waiting. */
const LEAVING_MS = 60_000;

/**
 * Answers with success.
 *
 * @param body Its JSON, the large text in it.
 * @param room What the text takes; given back when the body has left, is wanted no more, or is too slow.
 */
export function answerLarge(
  body: object,
  text: LargeText,
  room: Pick<MediaRoom, "holdFor">,
  clock: Clock,
): Response {
  const pieces = writeJson(JSON.stringify(body), [text]);
  const { stream, left } = leavingBody(pieces, clock);
  room.holdFor(left);
  return jsonStream(stream);
}

function leavingBody(pieces: readonly Bytes[], clock: Clock) {
  const gone = new AbortController();
  const left = Promise.withResolvers<void>();
  const end = () => {
    gone.abort();
    left.resolve();
  };
  let next = 0;
  const stream = new ReadableStream<Bytes>({
    start(controller) {
      // Rejects where it has left.
      clock.sleep(LEAVING_MS, gone.signal).then(() => {
        controller.error(new DOMException("the answer was not fetched in time", "TimeoutError"));
        end();
      }, () => {});
    },
    pull(controller) {
      const piece = pieces[next++];
      if (piece !== undefined) return controller.enqueue(piece);
      controller.close();
      end();
    },
    cancel: end,
  }, { highWaterMark: 0 });
  return { stream, left: left.promise };
}
