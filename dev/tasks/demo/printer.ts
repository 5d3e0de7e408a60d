/**
 * The story on a terminal: time, step, words; colours only where somebody looks.
 *
 * @module
 */

import type { Language } from "../../../supabase/functions/_shared/http/language.ts";
import type { VirtualClock } from "../../world/virtual-clock.ts";
import { say, type Sentence } from "./sentences.ts";

type Values = Readonly<Record<string, string | number>>;

const COLOURS = { plain: "", good: "\x1b[32m", bad: "\x1b[31m", dim: "\x1b[2m", bold: "\x1b[1m" };
/** How a line looks. */
export type Tone = keyof typeof COLOURS;

/** For scripts too: the same in every language. */
const ENDS = {
  cured: "demo: cured",
  operator: "demo: needs an operator",
  not_cured: "demo: not cured",
} as const;
/** How a story can end. */
export type End = keyof typeof ENDS;

/** Prints the story. */
export type Printer = ReturnType<typeof createPrinter>;

/** Prints to standard output, unless told otherwise. */
export function createPrinter(
  clock: VirtualClock,
  language: Language,
  colours: boolean,
  write: (line: string) => void = (line) => console.log(line),
) {
  const started = clock.monotonicMs();
  const paint = (tone: Tone, text: string) =>
    colours && tone !== "plain" ? `${COLOURS[tone]}${text}\x1b[0m` : text;
  return {
    title: (sentence: Sentence, values?: Values): void =>
      write(`\n${paint("bold", say(language, sentence, values))}`),
    note: (sentence: Sentence, values?: Values): void =>
      write(paint("dim", `  ${say(language, sentence, values)}`)),
    /** A line with the virtual time, and one of the mission's thirteen steps where it is one. */
    line: (
      sentence: Sentence,
      values?: Values,
      { tone = "plain", step }: { readonly tone?: Tone; readonly step?: number } = {},
    ): void => {
      const mark = step === undefined ? "    " : `[${String(step).padStart(2)}]`;
      const time = paint("dim", formatTime(clock.monotonicMs() - started));
      write(`  ${time} ${mark} ${paint(tone, say(language, sentence, values))}`);
    },
    /** That a person is needed, as scripts read it. */
    needsOperator: (): void => write(paint("dim", `  ${ENDS.operator}`)),
    /** The last line. */
    end: (end: End, figures: Values): void =>
      write(`\n${ENDS[end]} · ${say(language, "figures", figures)}`),
  };
}

/** `+02:05.3`: minutes, seconds, tenths. */
function formatTime(ms: number): string {
  const tenths = Math.round(ms / 100);
  const pad = (value: number) => String(value).padStart(2, "0");
  return `+${pad(Math.floor(tenths / 600))}:${pad(Math.floor(tenths / 10) % 60)}.${tenths % 10}`;
}
