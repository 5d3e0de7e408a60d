/**
 * Log lines where there are many: the platform takes 100 lines in 10 seconds of an isolate and loses the
 * rest, errors as well. So lines that matter less are left out before that, and how many is said.
 *
 * @module
 */

import type { Clock } from "./clock.ts";
import type { LogLevel, LogSink } from "./log.ts";

/** The platform's own window, in ms. */
const WINDOW_MS = 10_000;

/** How many lines of a window there may be for one of a level to be written still. */
const ROOM: Readonly<Record<LogLevel, number>> = { debug: 40, info: 60, warn: 80, error: 95 };

/**
 * Passes on what there is room for. What was left out is told by the first line of a later window:
 * `{"level":"warn","event":"lines_left_out","count":…}`.
 *
 * @param sink Where lines go.
 */
export function withinBudget(sink: LogSink, clock: Pick<Clock, "monotonicMs">): LogSink {
  let since = -Infinity;
  let written = 0;
  let leftOut = 0;
  return (line, level) => {
    const now = clock.monotonicMs();
    if (now - since >= WINDOW_MS) {
      since = now;
      written = 0;
      if (leftOut > 0) {
        written = 1;
        sink(JSON.stringify({ level: "warn", event: "lines_left_out", count: leftOut }), "warn");
        leftOut = 0;
      }
    }
    if (written >= ROOM[level]) {
      leftOut++;
      return;
    }
    written++;
    sink(line, level);
  };
}
