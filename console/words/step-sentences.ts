/**
 * What the ladder's steps say. Pure.
 *
 * @module
 */

import { fill } from "../../supabase/functions/_shared/contracts/plain-words.ts";
import { outcomeWord, reasonWord } from "./reasons.ts";

import type { Language } from "../types.ts";
import type { Line, Sentence } from "./line.ts";

const STEPS: Record<string, Sentence> = {
  connect: {
    tone: "busy",
    pt: "Escada: um connect, o único deste reparo.",
    en: "Ladder: one connect, the only one of this repair.",
  },
  restart: {
    tone: "busy",
    pt: "Escada: um restart da sessão, o único deste reparo.",
    en: "Ladder: one restart of the session, the only one of this repair.",
  },
  logout: {
    tone: "busy",
    pt: "Escada: um logout, o último recurso.",
    en: "Ladder: one logout, the last resort.",
  },
  recreate: {
    tone: "busy",
    pt: "Último passo: a instância é apagada no Evolution e criada de novo.",
    en: "Last step: the instance is deleted at Evolution and made anew.",
  },
  stepped: {
    tone: "busy",
    pt: "O {step} respondeu: {answer}. O socket será perguntado de novo.",
    en: "The {step} answered: {answer}. The socket will be asked again.",
  },
  // While the device is still paired the gateway repeats a code from its memory.
  stepped_qr: {
    tone: "busy",
    pt:
      "O {step} respondeu um QR code, que pode ser velho: não o leia. O socket será perguntado de " +
      "novo; se for preciso ler um código, um novo aparece nesta página.",
    en:
      "The {step} answered a QR code, which may be an old one: do not scan it. The socket will be " +
      "asked again; if a scan is needed, a fresh code appears on this page.",
  },
  wait: { tone: "busy", pt: "Escada: espera, {reason}.", en: "Ladder: waits, {reason}." },
  invalidated: {
    tone: "ok",
    pt: "O registro agora diz close: a reconexão assume.",
    en: "The registry says close now: the reconnection takes over.",
  },
};

export function describeStep(detail: Record<string, unknown>, language: Language): Line {
  const answer = typeof detail.answer === "object" && detail.answer !== null ? detail.answer : {};
  const { outcome, ms } = answer as Record<string, unknown>;
  const next = String(detail.next ?? detail.step);
  const name = next === "stepped" && outcome === "qr" ? "stepped_qr" : next;
  const sentence = STEPS[name] ?? { tone: "quiet", pt: name, en: name };
  const status = Object.entries(answer).find(([key]) => /^http_?status$/i.test(key))?.[1];
  const text = fill(sentence[language], {
    step: detail.step,
    reason: reasonWord(detail.reason, language),
    // A logout that is accepted ends the session; a restart does not.
    answer: outcomeWord(outcome === "accepted" ? "taken" : outcome, language),
  });
  const seen = [
    ["probe", detail.probe],
    ["registry", detail.registry],
    ["memory", detail.memory],
  ].filter(([, value]) => value !== undefined).map((pair) => pair.join(" "));
  const facts = [
    ...(status === undefined ? [] : [`HTTP ${status}`]),
    ...(typeof ms === "number" ? [`${Math.round(ms)} ms`] : []),
    ...seen,
  ];
  return { tone: sentence.tone, text, facts };
}
