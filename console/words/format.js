// @ts-check
/**
 * Times as people read them. Pure but for the language's rules.
 *
 * @module
 */

/** @import { Language } from "../data/types.js" */

/** @type {Record<Language, string>} */
const LOCALES = { pt: "pt-BR", en: "en-GB" };

/** `14:03:27` @param {number} at @param {Language} language */
export function clockTime(at, language) {
  return new Date(at).toLocaleTimeString(LOCALES[language], { hour12: false });
}

/** `14:03` @param {number} at @param {Language} language */
export function minuteTime(at, language) {
  const options = /** @type {const} */ ({ hour: "2-digit", minute: "2-digit", hour12: false });
  return new Date(at).toLocaleTimeString(LOCALES[language], options);
}

/** `0:42`, `12:05`; never below zero. @param {number} ms */
export function countdown(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** `agora`, `3 min ago` @param {string | null} instant @param {number} now @param {Language} language */
export function ago(instant, now, language) {
  const at = instant === null ? NaN : Date.parse(instant);
  if (Number.isNaN(at)) return null;
  const seconds = Math.max(0, Math.round((now - at) / 1000));
  const relative = new Intl.RelativeTimeFormat(LOCALES[language], {
    numeric: "auto",
    style: "short",
  });
  // A second's hand that moves all the time distracts.
  if (seconds < 60) return relative.format(-Math.floor(seconds / 10) * 10, "second");
  if (seconds < 3600) return relative.format(-Math.round(seconds / 60), "minute");
  if (seconds < 86_400) return relative.format(-Math.round(seconds / 3600), "hour");
  return relative.format(-Math.round(seconds / 86_400), "day");
}

/** `+55 11 91234-5678` @param {string | null} digits */
export function phone(digits) {
  const match = /^(55)(\d\d)(\d{4,5})(\d{4})$/.exec(digits ?? "");
  if (match) return `+${match[1]} ${match[2]} ${match[3]}-${match[4]}`;
  return digits ? `+${digits}` : "—";
}
