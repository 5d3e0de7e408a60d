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

import type { Language } from "../types.ts";

/** Why, as the end of a sentence. */
const REASONS: Record<string, Record<Language, string>> = {
  ...WAITS,
  ...SKIPS,
  ...SUSPICIONS,
  ...BLIND,
  ...POSTPONED,
};

const ADVICES: Record<string, Record<Language, string>> = ADVICE;

/** What an answer came to. */
const OUTCOMES: Record<string, Record<Language, string>> = {
  accepted: { pt: "aceito, a sessão terminou", en: "accepted, the session ended" },
  not_connected: { pt: "recusado, “não conectado”", en: "refused, “not connected”" },
  socket_dead: { pt: "recusado, o socket está morto", en: "refused, the socket is dead" },
  not_found: { pt: "instância desconhecida", en: "unknown instance" },
  unauthorized: { pt: "a chave foi recusada", en: "the key was refused" },
  unlicensed: { pt: "falta a licença do Evolution", en: "Evolution's licence is missing" },
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

export function reasonWord(reason: unknown, language: Language) {
  return REASONS[String(reason)]?.[language] ?? String(reason ?? "");
}

/** What a person should do. */
export function adviceOf(reason: unknown, language: Language) {
  return ADVICES[String(reason)]?.[language] ?? String(reason ?? "");
}

/** The advice, by what kept the gateway from giving a QR code. */
const WITHOUT_QR: Record<string, string> = {
  gateway_not_found: "not_found",
  gateway_unauthorized: "gateway_unauthorized",
  gateway_unlicensed: "gateway_unlicensed",
  gateway_timeout: "gateway_unreachable",
  gateway_unreachable: "gateway_unreachable",
  gateway_invalid: "gateway_error",
  gateway_refused: "gateway_error",
};

/**
 * What a person should do so that there is a QR code; null where it is only not there yet.
 *
 * @param reason Of the action's answer.
 */
export function qrAdvice(reason: unknown, language: Language) {
  const advice = WITHOUT_QR[String(reason)];
  return advice === undefined ? null : adviceOf(advice, language);
}

export function outcomeWord(outcome: unknown, language: Language) {
  return OUTCOMES[String(outcome)]?.[language] ?? String(outcome ?? "");
}
