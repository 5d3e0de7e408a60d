/**
 * What the timeline says of messages that were missed: brought in, or not to be had. Pure but for the
 * reader's own time.
 *
 * @module
 */

import { fill } from "../../supabase/functions/_shared/contracts/plain-words.ts";
import { minuteTime } from "./format.ts";

import type { Language } from "../types.ts";
import type { Line } from "./line.ts";

type Counted = Record<Language, { one: string; many: string; unknown: string }>;

const RECOVERED: Counted = {
  pt: {
    one: "1 mensagem perdida entre {from} e {until} foi recuperada.",
    many: "{messages} mensagens perdidas entre {from} e {until} foram recuperadas.",
    unknown: "Mensagens perdidas foram recuperadas.",
  },
  en: {
    one: "1 message missed between {from} and {until} was recovered.",
    many: "{messages} messages missed between {from} and {until} were recovered.",
    unknown: "Missed messages were recovered.",
  },
};

const MISSING: Counted = {
  pt: {
    one: "1 mensagem pode faltar entre {from} e {until}: {why}.",
    many: "{messages} mensagens podem faltar entre {from} e {until}: {why}.",
    unknown: "Podem faltar mensagens entre {from} e {until}: {why}. Confira no celular.",
  },
  en: {
    one: "1 message may be missing between {from} and {until}: {why}.",
    many: "{messages} messages may be missing between {from} and {until}: {why}.",
    unknown: "Messages may be missing between {from} and {until}: {why}. Check on the phone.",
  },
};

/** Why they cannot be had. */
const WHY: Record<string, Record<Language, string>> = {
  unreadable: {
    pt: "o Evolution as tem, mas não se leem",
    en: "Evolution has them, but they cannot be read",
  },
  too_old: { pt: "é tempo demais para trás", en: "it is too long ago" },
  not_kept: { pt: "este Evolution não guarda mensagens", en: "this Evolution stores no messages" },
  unsupported: {
    pt: "este Evolution não sabe dizer o que guardou",
    en: "this Evolution cannot say what it has stored",
  },
  unauthorized: { pt: "o Evolution recusa a chave", en: "Evolution refuses the key" },
  unlicensed: { pt: "falta a licença do Evolution", en: "Evolution's licence is missing" },
  not_found: {
    pt: "o Evolution não conhece a instância",
    en: "Evolution does not know the instance",
  },
  not_asked: {
    pt: "ninguém pôde perguntar ao Evolution",
    en: "nobody could ask Evolution",
  },
};

const NO_ANSWER: Record<Language, string> = {
  pt: "o Evolution não respondeu",
  en: "Evolution did not answer",
};

export function describeMissed(
  kind: "messages_recovered" | "messages_may_be_missing",
  detail: Record<string, unknown>,
  language: Language,
): Line {
  const recovered = kind === "messages_recovered";
  const { messages, reason } = detail;
  const number = typeof messages !== "number" ? "unknown" : messages === 1 ? "one" : "many";
  const [from, until] = [Date.parse(`${detail.from}`), Date.parse(`${detail.until}`)];
  const gaps = {
    messages,
    from: moment(from, until, language),
    until: moment(until, from, language),
    why: (WHY[`${reason}`] ?? NO_ANSWER)[language],
  };
  const text = fill((recovered ? RECOVERED : MISSING)[language][number], gaps);
  return { tone: recovered ? "ok" : "bad", text, facts: [] };
}

/** `14:02`, with its day where that is not the other's. */
function moment(at: number, other: number, language: Language) {
  if (Number.isNaN(at)) return "—";
  const day = (when: number) => new Date(when).toDateString();
  const time = minuteTime(at, language);
  if (day(at) === day(other)) return time;
  const options = { day: "2-digit", month: "2-digit" } as const;
  const locale = language === "pt" ? "pt-BR" : "en-GB";
  return `${new Date(at).toLocaleDateString(locale, options)} ${time}`;
}
