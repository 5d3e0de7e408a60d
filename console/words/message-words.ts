/**
 * What a message's row says, in words. Pure.
 *
 * @module
 */

import {
  failureSentence,
  isMessageFailure,
  MAY_HAVE_LEFT_BY_ITSELF,
  whyOf,
} from "../../supabase/functions/_shared/messages/sentences.ts";

import type { Language, Message } from "../types.ts";
import type { Word } from "./strings.ts";

const STATUS_WORDS: Record<string, Word> = {
  sending: "sending",
  held: "held",
  sent: "sent",
  delivered: "delivered",
  read: "read",
  failed: "failedMessage",
  received: "received",
};

export function statusWord(message: Message): Word | undefined {
  if (message.queued === true) {
    return message.error_code === "rate_limited_by_whatsapp" ? "waitsForWhatsApp" : "queued";
  }
  if (message.edited_at && !message.deleted_at) return "edited";
  if (message.status === "received" && message.recovered_at) return "recovered";
  return message.unconfirmed === true ? "unconfirmed" : STATUS_WORDS[message.status];
}

/**
 * Why a message failed, in the reader's language; a reason of another version as its row says it.
 */
export function failureWords(message: Message, language: Language) {
  const { error_code: code, error_message: said } = message;
  return code !== null && isMessageFailure(code)
    ? failureSentence({ code, why: whyOf(said) }, language, mayHaveLeft(message))
    : said ?? "";
}

/** @param message Where its project says nothing more, by its reason. */
export function mayHaveLeft({ may_have_left: left, error_code: code }: Message) {
  return left ?? MAY_HAVE_LEFT_BY_ITSELF.has(code ?? "");
}
