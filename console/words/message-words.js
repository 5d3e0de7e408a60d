// @ts-check
/**
 * What a message's row says, in words. Pure.
 *
 * @module
 */

/** @import { Language, Message } from "../data/types.js" */
/** @import { Word } from "./strings.js" */

/** @type {Record<string, Word>} */
const STATUS_WORDS = {
  sending: "sending",
  held: "held",
  sent: "sent",
  delivered: "delivered",
  read: "read",
  failed: "failedMessage",
  received: "received",
};

/** Whether it left is not known: sending again may send twice. */
const UNKNOWN_WHETHER_LEFT = new Set(["gateway_timeout", "interrupted"]);

/** Reasons that are given after the send's answer. @type {Record<string, Record<Language, string>>} */
const FAILURES = {
  interrupted: {
    pt: "O envio foi interrompido; não se sabe se a mensagem saiu: confira antes de reenviar.",
    en: "The send was interrupted; whether it left is unknown: check before sending it again.",
  },
  not_sent: {
    pt: "O número não esteve conectado a tempo. A mensagem não saiu; tente de novo.",
    en: "The number was not connected in time. The message did not leave; try again.",
  },
  rate_limited_by_whatsapp: {
    pt: "O WhatsApp limitou os envios deste número. A mensagem não saiu; espere alguns minutos.",
    en: "WhatsApp limits what this number may send. It did not leave; wait a few minutes.",
  },
  rejected_by_whatsapp: {
    pt:
      "O WhatsApp não entregou. Em geral ele limita contatos novos; respostas continuam passando.",
    en: "WhatsApp did not deliver it. Usually it limits new contacts; replies still pass.",
  },
};

/** @param {Message} message @returns {Word | undefined} */
export function statusWord(message) {
  if (message.queued === true) {
    return message.error_code === "rate_limited_by_whatsapp" ? "waitsForWhatsApp" : "queued";
  }
  if (message.status === "received" && message.recovered_at) return "recovered";
  return message.unconfirmed === true ? "unconfirmed" : STATUS_WORDS[message.status];
}

/**
 * Why a message failed: in the reader's language where the page knows the reason, else as the row
 * says it.
 *
 * @param {Message} message
 * @param {Language} language
 */
export function failureWords(message, language) {
  const { error_code: code, error_message: said } = message;
  return FAILURES[code ?? ""]?.[language] ?? said ?? "";
}

/** @param {Message} message Where its project says nothing more, by its reason. */
export function mayHaveLeft({ may_have_left: left, error_code: code }) {
  return left ?? UNKNOWN_WHETHER_LEFT.has(code ?? "");
}
