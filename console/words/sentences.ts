/**
 * What each event says, in Portuguese and English. Pure.
 *
 * @module
 */

import { fill } from "../../supabase/functions/_shared/contracts/plain-words.ts";
import { HEARING_SENTENCES } from "./hearing-sentences.ts";
import { describeMissed } from "./missed-sentences.ts";
import { REPAIR_SENTENCES } from "./repair-sentences.ts";
import { SESSION_SENTENCES } from "./session-sentences.ts";
import { describeStep } from "./step-sentences.ts";
import { adviceOf, outcomeWord, reasonWord } from "./reasons.ts";

import type { Line, Sentence } from "./line.ts";
import type { Language, TimelineEvent } from "../types.ts";

/** The catalogue, by kind; gaps are filled from `gapsOf`. */
const SENTENCES: Readonly<Record<string, Sentence>> = {
  ...REPAIR_SENTENCES,
  ...SESSION_SENTENCES,
  ...HEARING_SENTENCES,
};

const SOURCES: Record<string, Record<Language, string>> = {
  webhook: { pt: "O webhook disse open.", en: "The webhook said open." },
  registry_open: { pt: "O registro diz open.", en: "The registry says open." },
  watch: {
    pt: "O registro diz open, embora nenhum aviso tenha chegado.",
    en: "The registry says open, though no report came.",
  },
  open: { pt: "A reconexão abriu a sessão.", en: "The reconnection opened the session." },
};

/**
 * An event as lines for people; more than one where it tells of several things.
 */
export function describeEvent(
  { kind, detail }: Pick<TimelineEvent, "kind" | "detail">,
  language: Language,
): Line[] {
  if (kind === "repair_step") return [describeStep(detail, language)];
  if (kind === "messages_recovered" || kind === "messages_may_be_missing") {
    return [describeMissed(kind, detail, language)];
  }
  const lines: Line[] = [];
  const probes = Array.isArray(detail.probes) ? detail.probes.map(String) : [];
  if (kind === "logout" && probes.length > 0) {
    const facts = probes.map((probe) => outcomeWord(probe, language));
    lines.push(
      line("probes", { count: probes.length }, language, [[...new Set(facts)].join(", ")]),
    );
  }
  const name = nameOf(kind, detail);
  const facts = kind === "connected" && detail.step === undefined ? [] : factsOf(detail);
  lines.push(line(name, gapsOf(detail, language), language, facts));
  return lines;
}

function nameOf(kind: string, detail: Record<string, unknown>) {
  if (kind === "hearing") return `hearing_${detail.verdict}`;
  if (kind === "hearing_step") return `hearing_step_${detail.step}`;
  if (kind === "healed" && detail.hearing !== undefined) return "healed_hearing";
  if (kind === "logout" && detail.source === "owed") return "logout_made_good";
  if (kind === "verified") return `verified_${record(detail.verified).outcome}`;
  if (kind === "logout" && detail.logout === "not_called") return "logout_not_called";
  if (kind === "qr_required" && detail.qr_limit === true) return "qr_limit";
  return kind;
}

function line(
  name: string,
  gaps: Record<string, unknown>,
  language: Language,
  facts: string[],
): Line {
  // A kind that this page does not know is shown by its own name.
  const sentence = SENTENCES[name] ?? { tone: "quiet", pt: name, en: name };
  return { tone: sentence.tone, text: fill(sentence[language], gaps).trim(), facts };
}

function gapsOf(detail: Record<string, unknown>, language: Language): Record<string, unknown> {
  const { reason, outcome, source, after_seconds: after } = detail;
  const code = typeof reason === "number" ? ` (${reason})` : "";
  return {
    ...detail,
    code,
    registry: record(detail.verified).registry ?? detail.registry,
    reason: reasonWord(reason, language),
    advice: adviceOf(reason, language),
    answer: outcomeWord(detail.logout ?? outcome, language),
    source: SOURCES[String(source ?? outcome)]?.[language] ?? "",
    after: after === undefined ? "" : `${language === "pt" ? "após" : "after"} ${after} s`,
  };
}

function factsOf(detail: Record<string, unknown>) {
  const told = { ...detail, ...record(detail.verified) };
  const status = told.http_status ?? told.httpStatus;
  return [
    ...(status === undefined ? [] : [`HTTP ${status}`]),
    ...(typeof told.ms === "number" ? [`${Math.round(told.ms)} ms`] : []),
    ...(told.stale === true ? ["stale"] : []),
  ];
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
