/**
 * Times as people read them. Pure but for the language's rules.
 *
 * @module
 */

import type { Language } from "../types.ts";

/** A day, in milliseconds. */
export const DAY_MS = 86_400_000;

const LOCALES: Record<Language, string> = { pt: "pt-BR", en: "en-GB" };

/** Making one of these takes longer than using it a hundred times; a list asks for hundreds. */
const made: Map<string, unknown> = new Map();

function once<T>(key: string, make: () => T): T {
  if (!made.has(key)) made.set(key, make());
  return made.get(key) as T;
}

const timeFormat = (language: Language, options: Intl.DateTimeFormatOptions) =>
  once(
    `${language} ${Object.keys(options)}`,
    () => new Intl.DateTimeFormat(LOCALES[language], { ...options, hour12: false }),
  );

const TWO = "2-digit";

/** `14:03:27` */
export function clockTime(at: number, language: Language) {
  return timeFormat(language, { hour: TWO, minute: TWO, second: TWO }).format(at);
}

/** `14:03` */
export function minuteTime(at: number, language: Language) {
  return timeFormat(language, { hour: TWO, minute: TWO }).format(at);
}

/** `0:42`, `12:05`; never below zero. */
export function countdown(ms: number) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** `agora`, `3 min ago` */
export function ago(instant: string | null, now: number, language: Language) {
  const at = instant === null ? NaN : Date.parse(instant);
  if (Number.isNaN(at)) return null;
  const seconds = Math.max(0, Math.round((now - at) / 1000));
  const relative = once(
    `ago ${language}`,
    () => new Intl.RelativeTimeFormat(LOCALES[language], { numeric: "auto", style: "short" }),
  );
  // A second's hand that moves all the time distracts.
  if (seconds < 60) return relative.format(-Math.floor(seconds / 10) * 10, "second");
  if (seconds < 3600) return relative.format(-Math.round(seconds / 60), "minute");
  if (seconds < 86_400) return relative.format(-Math.round(seconds / 3600), "hour");
  return relative.format(-Math.round(seconds / 86_400), "day");
}

/** `+55 11 91234-5678` */
export function phone(digits: string | null) {
  const match = /^(55)(\d\d)(\d{4,5})(\d{4})$/.exec(digits ?? "");
  if (match) return `+${match[1]} ${match[2]} ${match[3]}-${match[4]}`;
  return digits ? `+${digits}` : "—";
}

/** `42 s`, `3 min`, `2 h 5 min`, `4 d 3 h`: its largest units. @param seconds Zero or more. */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const parts = [
    [Math.floor(whole / 86_400), "d"],
    [Math.floor(whole / 3_600) % 24, "h"],
    [Math.floor(whole / 60) % 60, "min"],
  ] as const;
  const first = parts.findIndex(([amount]) => amount > 0);
  return parts.slice(first, first + 2).filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`).join(" ");
}

/** `99.98 %`; rounded down, so that only what was always there reads `100 %`. */
export function percent(share: number, language: Language): string {
  const hundredths = Math.floor(share * 10_000 + 1e-6) / 100;
  const digits = hundredths === 100 || hundredths === 0 ? 0 : hundredths < 99 ? 1 : 2;
  const rounded = Math.floor(hundredths * 10 ** digits + 1e-6) / 10 ** digits;
  const format = once(
    `percent ${language} ${digits}`,
    () =>
      new Intl.NumberFormat(LOCALES[language], {
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
      }),
  );
  return `${format.format(rounded)} %`;
}

/** `27/11, 14:03` */
export function dayTime(at: number, language: Language): string {
  return timeFormat(language, { day: TWO, month: TWO, hour: TWO, minute: TWO }).format(at);
}

/** `27/11` */
export function day(at: number, language: Language): string {
  return timeFormat(language, { day: TWO, month: TWO }).format(at);
}

/** `1.000` */
export function count(amount: number, language: Language): string {
  return once(`count ${language}`, () => new Intl.NumberFormat(LOCALES[language])).format(amount);
}
