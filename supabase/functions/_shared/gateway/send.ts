/**
 * What the answer to a send means for the message. Pure.
 *
 * @module
 */

import * as z from "zod/mini";
import {
  isConnectionClosed,
  isInstanceMissing,
  isProxyAnswer,
  isSuccess,
  measured,
  messageElements,
  messageParts,
} from "./answer.ts";
import type { Answered, Exchange } from "./exchange.ts";
import type { SendFailure, SendOutcome } from "./outcomes.ts";

const accepted = z.object({
  key: z.catch(z.optional(z.object({ id: z.string().check(z.minLength(1)) })), undefined),
  status: z._default(z.catch(z.nullable(z.string()), null), null),
});
const absentNumber = z.object({ exists: z.literal(false) });

/** The head of an answer that is too large (media as base64) or was cut. */
const KEY_AT_THE_START = /^\s*\{"key":\{[^{}]*"id":"([^"\\]+)"/;

/** Not a complaint about the request: an exception's text, a socket's close code, a lost object. */
const NOT_A_COMPLAINT = /^\w*(?:Error|Exception)\b|^\d+$|^\[object \w+\]$|^Cannot read propert/;

/** Too large, wrong type, not processable: about the request, whoever says so. */
const ABOUT_THE_REQUEST: ReadonlySet<number> = new Set([413, 415, 422]);

/**
 * Classifies the end of a send.
 *
 * A 2xx is `sent` whatever its body is like: the gateway took the message, and a second try could
 * be a second message. `gateway_unreachable` is claimed only where nothing left; where that is not
 * known (no answer, half an answer, a proxy that gave up waiting) it is `gateway_timeout`.
 *
 * @param exchange How the call ended.
 * @param sentWords What the user wrote, see `isConnectionClosed`.
 */
export function classifySend(exchange: Exchange, sentWords: readonly string[] = []): SendOutcome {
  if (exchange.kind !== "unanswered" && isSuccess(exchange.httpStatus)) {
    return { outcome: "sent", ...identity(exchange), ...measured(exchange) };
  }
  return { outcome: failure(exchange, sentWords), ...measured(exchange) };
}

function identity(
  answer: Exclude<Exchange, { kind: "unanswered" }>,
): { whatsappMessageId: string | null; status: string | null } {
  if (answer.kind === "unreadable") {
    return { whatsappMessageId: KEY_AT_THE_START.exec(answer.start)?.[1] ?? null, status: null };
  }
  const { data } = z.safeParse(accepted, answer.body);
  return { whatsappMessageId: data?.key?.id ?? null, status: data?.status ?? null };
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
  if (httpStatus === 401 || httpStatus === 403) return "gateway_unauthorized";
  if (ABOUT_THE_REQUEST.has(httpStatus)) return "invalid_request";
  if (isProxyAnswer(exchange)) return "gateway_timeout";
  if (exchange.kind === "unreadable") {
    return exchange.why === "cut" || exchange.why === "timeout"
      ? "gateway_timeout"
      : "gateway_error";
  }
  return refusal(exchange);
}

function refusal({ httpStatus, body }: Answered): SendFailure {
  if (httpStatus === 404 && isInstanceMissing(body)) return "instance_not_found";
  if (httpStatus !== 400) return "gateway_error";
  if (messageParts(body).some((part) => z.safeParse(absentNumber, part).success)) {
    return "number_not_on_whatsapp";
  }
  const elements = messageElements(body);
  const complains = elements.length > 0 && !elements.some((text) => NOT_A_COMPLAINT.test(text));
  return complains ? "invalid_request" : "gateway_error";
}
