/**
 * Log lines: one JSON object each. The fields are a closed list, and none of them can hold a key, a
 * token, a QR, a phone number or a message's text: what cannot be named cannot leak.
 *
 * @module
 */

import type { Clock } from "./clock.ts";

/** How much a line matters, from least to most. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

/** One of {@linkcode LOG_LEVELS}. */
export type LogLevel = typeof LOG_LEVELS[number];

/** Everything a log line may say; what is undefined is left out. */
export interface LogFields {
  readonly requestId?: string | undefined;
  readonly function?: string | undefined;
  readonly action?: string | undefined;
  readonly instanceId?: string | undefined;
  readonly conversationId?: string | undefined;
  readonly messageId?: string | undefined;
  /** What came of it: a word from a fixed list of ours. */
  readonly outcome?: string | undefined;
  readonly reason?: string | undefined;
  readonly step?: string | undefined;
  /** The name of an error's class, or its SQLSTATE. Its message may quote what it was given. */
  readonly error?: string | undefined;
  readonly errorCode?: string | undefined;
  readonly httpStatus?: number | undefined;
  readonly ms?: number | undefined;
  readonly count?: number | undefined;
  readonly counts?: Readonly<Record<string, number>> | undefined;
}

/** Writes lines; the fields of {@linkcode Log.with} are on each of them. */
export interface Log {
  write(level: LogLevel, event: string, fields?: LogFields): void;
  with(fields: LogFields): Log;
}

/** Where finished lines go. */
export type LogSink = (line: string, level: LogLevel) => void;

/**
 * Makes a log.
 *
 * @param level Lines below it are dropped.
 * @param sink Where lines go.
 */
export function createLog(
  level: LogLevel,
  sink: LogSink,
  base: LogFields = {},
): Log {
  const least = LOG_LEVELS.indexOf(level);
  return {
    write: (lineLevel, event, fields = {}) => {
      if (LOG_LEVELS.indexOf(lineLevel) < least) return;
      sink(JSON.stringify({ level: lineLevel, event, ...base, ...fields }), lineLevel);
    },
    with: (fields) => createLog(level, sink, { ...base, ...fields }),
  };
}

/** The safe name of an unknown error: its code or its class, never its message. */
export function errorName(error: unknown): string {
  if (error instanceof Error) {
    const code = (error as { code?: unknown }).code;
    return typeof code === "string" && code !== "" ? `${error.name}:${code}` : error.name;
  }
  return typeof error;
}

/**
 * The platform takes 100 lines in 10 seconds of an isolate and loses the rest, errors as well. Its
 * window, in ms.
 */
const WINDOW_MS = 10_000;

/** How many lines of a window there may be for one of a level to be written still. */
const ROOM: Readonly<Record<LogLevel, number>> = { debug: 40, info: 60, warn: 80, error: 95 };

/**
 * Passes on what there is room for: lines that matter less are left out first. What was left out is
 * told by the first line of a later window.
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
        createLog("warn", sink).write("warn", "lines_left_out", { count: leftOut });
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
