// @ts-check
/**
 * What the ladder's steps say. Pure.
 *
 * @module
 */

import { outcomeWord, reasonWord } from "./reasons.js";
import { fill } from "./strings.js";

/** @import { Language } from "./types.js" */
/** @import { Line, Sentence } from "./sentences.js" */

/** @type {Record<string, Sentence>} */
const STEPS = {
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
  stepped: {
    tone: "busy",
    pt: "O {step} respondeu: {answer}. O socket será perguntado de novo.",
    en: "The {step} answered: {answer}. The socket will be asked again.",
  },
  wait: { tone: "busy", pt: "Escada: espera, {reason}.", en: "Ladder: waits, {reason}." },
  invalidated: {
    tone: "ok",
    pt: "O registro agora diz close: a reconexão assume.",
    en: "The registry says close now: the reconnection takes over.",
  },
};

/**
 * @param {Record<string, unknown>} detail
 * @param {Language} language
 * @returns {Line}
 */
export function describeStep(detail, language) {
  const name = String(detail.next ?? detail.step);
  const sentence = STEPS[name] ?? { tone: "quiet", pt: name, en: name };
  const answer = typeof detail.answer === "object" && detail.answer !== null ? detail.answer : {};
  const { outcome, ms } = /** @type {Record<string, unknown>} */ (answer);
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
