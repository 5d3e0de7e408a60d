// @ts-check
/**
 * The machine's short words, in words. Pure.
 *
 * @module
 */

import {
  ADVICE,
  BLIND,
  POSTPONED,
  SKIPS,
  SUSPICIONS,
  WAITS,
} from "../../supabase/functions/_shared/contracts/reasons.ts";

/** @import { Language } from "../data/types.js" */

/** Why, as the end of a sentence. @type {Record<string, Record<Language, string>>} */
const REASONS = { ...WAITS, ...SKIPS, ...SUSPICIONS, ...BLIND, ...POSTPONED };

/** @type {Record<string, Record<Language, string>>} */
const ADVICES = ADVICE;

/** What an answer came to. @type {Record<string, Record<Language, string>>} */
const OUTCOMES = {
  accepted: { pt: "aceito, a sessão terminou", en: "accepted, the session ended" },
  not_connected: { pt: "recusado, “não conectado”", en: "refused, “not connected”" },
  socket_dead: { pt: "recusado, o socket está morto", en: "refused, the socket is dead" },
  not_found: { pt: "instância desconhecida", en: "unknown instance" },
  unauthorized: { pt: "a chave foi recusada", en: "the key was refused" },
  timeout: { pt: "sem resposta", en: "no answer" },
  unreachable: { pt: "o Evolution não responde", en: "Evolution does not answer" },
  connection_closed: { pt: "Connection Closed", en: "Connection Closed" },
  refused: { pt: "recusado", en: "refused" },
  alive: { pt: "vivo", en: "alive" },
  number_unknown: { pt: "número desconhecido", en: "number not known" },
  no_number: { pt: "número desconhecido", en: "number not known" },
  no_qr_yet: { pt: "ainda sem QR code", en: "no QR code yet" },
  qr: { pt: "um QR code", en: "a QR code" },
  open: { pt: "aberta", en: "open" },
  taken: { pt: "aceito", en: "accepted" },
  invalid: { pt: "uma resposta sem sentido", en: "an answer that makes no sense" },
  unknown: { pt: "não se sabe", en: "not known" },
  fault: { pt: "falhou do nosso lado", en: "failed on our side" },
};

/** @param {unknown} reason @param {Language} language */
export function reasonWord(reason, language) {
  return REASONS[String(reason)]?.[language] ?? String(reason ?? "");
}

/** What a person should do. @param {unknown} reason @param {Language} language */
export function adviceOf(reason, language) {
  return ADVICES[String(reason)]?.[language] ?? String(reason ?? "");
}

/** The advice, by what kept the gateway from giving a QR code. @type {Record<string, string>} */
const WITHOUT_QR = {
  gateway_not_found: "not_found",
  gateway_unauthorized: "gateway_unauthorized",
  gateway_timeout: "gateway_unreachable",
  gateway_unreachable: "gateway_unreachable",
  gateway_invalid: "gateway_error",
  gateway_refused: "gateway_error",
};

/**
 * What a person should do so that there is a QR code; null where it is only not there yet.
 *
 * @param {unknown} reason Of the action's answer.
 * @param {Language} language
 */
export function qrAdvice(reason, language) {
  const advice = WITHOUT_QR[String(reason)];
  return advice === undefined ? null : adviceOf(advice, language);
}

/** @param {unknown} outcome @param {Language} language */
export function outcomeWord(outcome, language) {
  return OUTCOMES[String(outcome)]?.[language] ?? String(outcome ?? "");
}
