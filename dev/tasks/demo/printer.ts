/**
 * The story on a terminal: time, step, words; colours only where somebody looks.
 *
 * @module
 */

import type { VirtualClock } from "../../world/virtual-clock.ts";
import { say, type Sentence, type StoryLanguage } from "./sentences.ts";

type Values = Readonly<Record<string, string | number>>;

/** How a line looks. */
export type Tone = "plain" | "good" | "bad" | "dim";

/** Prints the story. */
export interface Printer {
  title(sentence: Sentence, values?: Values): void;
  note(sentence: Sentence, values?: Values): void;
  /** A line with the virtual time, and one of the mission's thirteen steps where it is one. */
  line(sentence: Sentence, values?: Values, look?: { tone?: Tone; step?: number }): void;
  end(sentence: Sentence, values: Values): void;
}

const COLOURS: Record<Tone, string> = {
  plain: "",
  good: "\x1b[32m",
  bad: "\x1b[31m",
  dim: "\x1b[2m",
};

/** Prints to standard output, unless told otherwise. */
export function createPrinter(
  clock: VirtualClock,
  language: StoryLanguage,
  colours: boolean,
  write: (line: string) => void = (line) => console.log(line),
): Printer {
  const started = clock.monotonicMs();
  const paint = (tone: Tone, text: string) =>
    colours && COLOURS[tone] !== "" ? `${COLOURS[tone]}${text}\x1b[0m` : text;
  return {
    title: (sentence, values) => {
      const text = say(language, sentence, values);
      write(`\n${colours ? `\x1b[1m${text}\x1b[0m` : text}`);
    },
    note: (sentence, values) => write(paint("dim", `  ${say(language, sentence, values)}`)),
    line: (sentence, values, { tone = "plain", step } = {}) => {
      const mark = step === undefined ? "    " : `[${String(step).padStart(2)}]`;
      const time = formatTime(clock.monotonicMs() - started);
      write(`  ${paint("dim", time)} ${mark} ${paint(tone, say(language, sentence, values))}`);
    },
    end: (sentence, values) => {
      write("");
      write(`${say(language, sentence)} · ${say(language, "figures", values)}`);
    },
  };
}

/** `+02:05.3`: minutes, seconds, tenths. */
export function formatTime(ms: number): string {
  const tenths = Math.round(ms / 100);
  const pad = (value: number) => String(value).padStart(2, "0");
  return `+${pad(Math.floor(tenths / 600))}:${pad(Math.floor(tenths / 10) % 60)}.${tenths % 10}`;
}
