/**
 * What the answer to a send means: for the message, and for the session. Pure.
 *
 * @module
 */

import * as z from "zod/mini";
import {
  isConnectionClosed,
  isForeignError,
  isInstanceMissing,
  isProxyAnswer,
  isRateLimited,
  isSuccess,
  isUnlicensed,
  measured,
  messageElements,
  messageParts,
} from "./answer.ts";
import type { Answered, Exchange } from "./exchange.ts";
import { type SendFailure, type SendOutcome, SLOW_SEND_MS } from "./outcomes.ts";

const accepted = z.object({
  key: z.object({ id: z.string().check(z.minLength(1)) }),
});
const absentNumber = z.object({ exists: z.literal(false), jid: z.catch(z.string(), "") });

/** The head of an answer that is too large (media as base64) or was cut. */
const KEY_AT_THE_START = /^\s*\{"key":\{(?:[^{}]*"id":"([^"\\]+)")?/;

/** Not a complaint about the request: an exception's text, a socket's close code, a lost object. */
const NOT_A_COMPLAINT = /^\w*(?:Error|Exception)\b|^\d+$|^\[object \w+\]$|^Cannot read propert/;

/** Too large, wrong type, not processable: about the request, whoever says so. */
const ABOUT_THE_REQUEST: ReadonlySet<number> = new Set([413, 415, 422]);

/**
 * Classifies the end of a send.
 *
 * `sent` is a 2xx that holds, or begins with, the message's key: a page of HTML, an empty body or
 * somebody else's JSON is not the gateway's word. `gateway_unreachable` is claimed only where nothing
 * reached the gateway; where that is not known (no answer, half an answer, a proxy that gave up
 * waiting) it is `gateway_timeout`, because a second try could be a second message.
 *
 * @param exchange How the call ended.
 * @param sentWords What the user wrote, see `isConnectionClosed`.
 */
export function classifySend(exchange: Exchange, sentWords: readonly string[] = []): SendOutcome {
  const message = exchange.kind !== "unanswered" && isSuccess(exchange.httpStatus)
    ? identity(exchange)
    : null;
  if (message !== null) return { outcome: "sent", ...message, ...measured(exchange) };
  const outcome = failure(exchange, sentWords);
  const unread = outcome === "gateway_error" && isUnread(exchange) ? { unread: true } as const : {};
  return { outcome, ...unread, ...measured(exchange) };
}

/**
 * Whether an error came after the gateway may have sent: a success without a message, or a server's
 * error in words that are not the gateway's. A page that answers with success stands where no gateway
 * is.
 */
function isUnread(exchange: Exchange): boolean {
  if (exchange.kind === "unanswered") return false;
  if (isSuccess(exchange.httpStatus)) {
    return exchange.kind === "answered" || !/^\s*</.test(exchange.start);
  }
  return exchange.httpStatus >= 500 &&
    (exchange.kind === "unreadable" || isForeignError(exchange));
}

/** @returns null where the answer is not about a message. */
function identity(
  answer: Exclude<Exchange, { kind: "unanswered" }>,
): { whatsappMessageId: string | null } | null {
  if (answer.kind === "unreadable") {
    const head = KEY_AT_THE_START.exec(answer.start);
    return head && { whatsappMessageId: head[1] ?? null };
  }
  const { data } = z.safeParse(accepted, answer.body);
  return data ? { whatsappMessageId: data.key.id } : null;
}

function failure(exchange: Exchange, sentWords: readonly string[]): SendFailure {
  if (exchange.kind === "unanswered") {
    if (exchange.why === "no_such_address") return "instance_not_found";
    return exchange.why === "never_sent" ? "gateway_unreachable" : "gateway_timeout";
  }
  const { httpStatus } = exchange;
  if (exchange.kind === "answered" && isConnectionClosed(exchange.body, sentWords)) {
    return "connection_closed";
  }
  if (ABOUT_THE_REQUEST.has(httpStatus)) return "invalid_request";
  if (isProxyAnswer(exchange)) return "gateway_timeout";
  // A refusal in front of the gateway did not let it through; a 500 may have come after it.
  if (isForeignError(exchange)) return httpStatus < 500 ? "gateway_unreachable" : "gateway_error";
  if (httpStatus === 401 || httpStatus === 403) return "gateway_unauthorized";
  if (exchange.kind === "unreadable") {
    return exchange.why === "cut" || exchange.why === "timeout"
      ? "gateway_timeout"
      : "gateway_error";
  }
  return isUnlicensed(exchange.body) ? "gateway_unlicensed" : refusal(exchange);
}

function refusal({ httpStatus, body }: Answered): SendFailure {
  if (httpStatus === 404 && isInstanceMissing(body)) return "instance_not_found";
  if (isRateLimited(body)) return "rate_limited_by_whatsapp";
  if (httpStatus !== 400) return "gateway_error";
  for (const part of messageParts(body)) {
    const absent = z.safeParse(absentNumber, part);
    if (!absent.success) continue;
    // A gateway that asks WhatsApp for a hidden number as if it were one hears of nobody.
    return absent.data.jid.endsWith("@lid")
      ? "hidden_number_unsupported"
      : "number_not_on_whatsapp";
  }
  const elements = messageElements(body);
  const complains = elements.length > 0 && !elements.some((text) => NOT_A_COMPLAINT.test(text));
  return complains ? "invalid_request" : "gateway_error";
}

/** The part of an answer that is judged. */
export interface SendAnswer {
  /** `sent`, `connection_closed`, or another failure. */
  readonly outcome: string;
  /** How long the answer took, in ms. */
  readonly ms: number;
  /** See `SendOutcome`. */
  readonly unread?: true | undefined;
}

/** See {@linkcode judgeSend}. */
export interface SendVerdict {
  /** Whether the answer alone decides the message, or a look at the socket does. */
  readonly message: "decided" | "undecided";
  /** Whether the session may be a ghost. */
  readonly suspicious: boolean;
  /** Where the socket turns out to live: whether the message may be sent once more. */
  readonly maySendAgain: boolean;
  /** Where the message failed: whether it may have left all the same. */
  readonly mayHaveLeft: boolean;
}

/** Answered sooner than this, "Connection Closed" means that nothing was written. In ms. */
const NOTHING_WRITTEN_MS = 5_000;

/**
 * Judges an answer. "Connection Closed" leaves the message undecided until the socket was probed;
 * any other answer decides it. A slow answer, whatever it says, makes the session suspicious.
 */
export function judgeSend(answer: SendAnswer): SendVerdict {
  const closed = answer.outcome === "connection_closed";
  const slow = answer.ms > SLOW_SEND_MS;
  return {
    message: closed ? "undecided" : "decided",
    suspicious: closed || slow,
    maySendAgain: closed && answer.ms < NOTHING_WRITTEN_MS,
    mayHaveLeft: answer.outcome === "gateway_timeout" || answer.unread === true ||
      (closed && answer.ms >= NOTHING_WRITTEN_MS) ||
      (answer.outcome === "gateway_error" && slow),
  };
}
