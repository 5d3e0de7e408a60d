// @ts-check
/**
 * What a message's row says, in words. Pure.
 *
 * @module
 */

import {
  failureSentence,
  isMessageFailure,
  MAY_HAVE_LEFT_BY_ITSELF,
} from "../../supabase/functions/_shared/messages/sentences.ts";

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

/** @param {Message} message @returns {Word | undefined} */
export function statusWord(message) {
  if (message.queued === true) {
    return message.error_code === "rate_limited_by_whatsapp" ? "waitsForWhatsApp" : "queued";
  }
  if (message.edited_at && !message.deleted_at) return "edited";
  if (message.status === "received" && message.recovered_at) return "recovered";
  return message.unconfirmed === true ? "unconfirmed" : STATUS_WORDS[message.status];
}

/**
 * Why a message failed, in the reader's language; a reason of another version as its row says it.
 *
 * @param {Message} message
 * @param {Language} language
 */
export function failureWords(message, language) {
  const { error_code: code, error_message: said } = message;
  return code !== null && isMessageFailure(code)
    ? failureSentence(code, language, mayHaveLeft(message))
    : said ?? "";
}

/** @param {Message} message Where its project says nothing more, by its reason. */
export function mayHaveLeft({ may_have_left: left, error_code: code }) {
  return left ?? MAY_HAVE_LEFT_BY_ITSELF.has(code ?? "");
}
