/**
 * Reading the gateway's error answers. Pure: data in, data out, never throws.
 *
 * The envelope is `{"status","error","response":{"message"}}`, where `message` is a string, an array
 * of strings, an array in an array (validation), an array of objects, or a Boom object; some routes
 * answer the Boom object, or a `message`, at the top.
 *
 * @module
 */

import * as z from "zod/mini";
import type { Answered, Exchange } from "./exchange.ts";
import type { Fault, Measured } from "./outcomes.ts";

const PHRASE = "Connection Closed";

/** What dead sockets answer, to the letter. */
const MEASURED_FORM = /^(?:Error: )?Connection Closed$/;

/**
 * What dead and dying sockets answer besides, to the letter: a half-open one after 60 s (2.3.7: a
 * TypeError; 2.2.3: `Timed Out`), a dying one its close code. The only list: an adopted project's
 * senders ask {@linkcode isConnectionClosed}, too.
 */
const OTHER_FORMS =
  /^(?:Error: )?Timed Out$|^1006$|^(?:TypeError: )?Cannot read properties of undefined \(reading '(?:find|attrs)'\)$/;

/** What WhatsApp says, through a living socket, to somebody who asks too much. */
const RATE_LIMIT = /(?:^|\W)rate-overlimit\W*$/;

/** The phrase at the end, as words of its own. */
const ENDS_WITH_PHRASE = /(?:^|[^\p{L}\p{N}])Connection Closed$/u;

/** Arrays in arrays deeper than this are not the gateway's. */
const DEPTH = 6;

const message = z.optional(z.unknown());
const envelope = z.object({
  message,
  response: z.catch(z.optional(z.object({ message })), undefined),
});
const boom = z.object({ output: z.object({ payload: z.object({ message: z.string() }) }) });

const unlicensed = z.object({ code: z.literal("LICENSE_REQUIRED") });

/** The gateway's own ways to say that something went wrong; `LICENSE_REQUIRED` is 2.4's. */
const ownError = z.union([
  z.object({ status: z.number(), error: z.string(), response: z.object({}) }),
  z.object({
    response: z.object({ message: z.unknown().check(z.refine((it) => it !== undefined)) }),
  }),
  z.object({ error: z.literal(true), message: z.unknown() }),
  unlicensed,
  boom,
]);

/** Whether the gateway waits for the activation of its licence (2.4): it does nothing until then. */
export function isUnlicensed(body: unknown): boolean {
  return z.safeParse(unlicensed, body).success;
}

/**
 * Whether an error's body is the gateway's. A platform's edge, a firewall and a proxy answer JSON,
 * too (`{"message":"Application not found"}`), and what they say is not about the number.
 */
export function isOwnError(body: unknown): boolean {
  return hasEnvelope(body) || isConnectionClosed(body);
}

function hasEnvelope(body: unknown): boolean {
  return z.safeParse(ownError, body).success;
}

/** Statuses with which proxies answer for a gateway that is away or slow. */
const PROXY_STATUSES: ReadonlySet<number> = new Set(
  [408, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 527, 530],
);

/** Everything that stands where the gateway puts its messages, arrays opened. */
export function messageParts(body: unknown): unknown[] {
  const parsed = z.safeParse(envelope, body);
  if (!parsed.success) return [];
  const found = [parsed.data.response?.message, parsed.data.message];
  return found.filter((part) => part !== undefined).flatMap((part) => open(part, DEPTH))
    .concat(z.safeParse(boom, body).success ? [body] : []);
}

/** The texts among {@linkcode messageParts}, those of Boom objects included. */
export function messageElements(body: unknown): string[] {
  return messageParts(body).flatMap((part) => {
    if (typeof part === "string") return [part];
    const parsed = z.safeParse(boom, part);
    return parsed.success ? [parsed.data.output.payload.message] : [];
  });
}

/**
 * Whether an error answer (not 2xx: the caller has looked) says that the socket is closed.
 *
 * An element of the message has to be `Connection Closed` or to end with it, as words of their own
 * (`Error: Connection Closed`). Validation errors echo what was sent: an echo in quotes does not end
 * with the phrase; an echo without them does, so where the sent words themselves hold the phrase,
 * and an element holds those words, only the two measured forms count.
 *
 * @param body The answer's JSON.
 * @param sentWords What the user wrote: text, caption, file name.
 */
export function isConnectionClosed(body: unknown, sentWords: readonly string[] = []): boolean {
  const echoed = sentWords.map((words) => words.trim()).filter((words) => words.includes(PHRASE));
  return messageElements(body).map((element) => element.trimEnd()).some((element) =>
    MEASURED_FORM.test(element) || (OTHER_FORMS.test(element) && hasEnvelope(body)) ||
    (ENDS_WITH_PHRASE.test(element) && !echoed.some((words) => element.includes(words)))
  );
}

/** Whether WhatsApp refuses for a while: its own answer, so the socket lives. */
export function isRateLimited(body: unknown): boolean {
  return hasEnvelope(body) && messageElements(body).some((element) => RATE_LIMIT.test(element));
}

/** Whether a 404 is about the instance. `Cannot GET /…` is about a wrong address. */
export function isInstanceMissing(body: unknown): boolean {
  return messageElements(body).some((element) => /(?:does not exist|not found)\s*$/i.test(element));
}

/**
 * Whether somebody in front of the gateway spoke: an error without the gateway's envelope, whatever
 * its status. A firewall's 403 is not about the key, and a platform's 404 not about the number.
 */
export function isForeignError(answer: Exchange): boolean {
  if (answer.kind === "unanswered" || answer.httpStatus < 400) return false;
  return answer.kind === "answered" ? !isOwnError(answer.body) : answer.why === "not_json";
}

/** Whether a proxy gave up on a gateway that may have had the request. */
export function isProxyAnswer(answer: Exchange): boolean {
  return answer.kind !== "unanswered" && PROXY_STATUSES.has(answer.httpStatus) &&
    (answer.kind === "unreadable" || !isOwnError(answer.body));
}

/** The part that every outcome carries. */
export function measured(answer: Exchange): Measured {
  return answer.kind === "unanswered"
    ? { ms: answer.ms }
    : { ms: answer.ms, httpStatus: answer.httpStatus };
}

/** An outcome that says no more than its name. */
export function ended<Name extends string>(
  outcome: Name,
  answer: Exchange,
): Measured & { readonly outcome: Name } {
  return { outcome, ...measured(answer) };
}

/** Whether the gateway took the call. */
export function isSuccess(httpStatus: number): boolean {
  return httpStatus >= 200 && httpStatus < 300;
}

/**
 * Sorts out the ends that mean the same for every call but a send.
 *
 * @returns The fault, or the answer: JSON with a 2xx, 4xx or 5xx that the call has to interpret.
 */
export function readAnswer(exchange: Exchange): Fault | Answered {
  const fault = (outcome: Fault["outcome"]): Fault => ended(outcome, exchange);
  if (exchange.kind === "unanswered") {
    if (exchange.why === "no_such_address") return fault("not_found");
    return fault(exchange.why === "timeout" ? "timeout" : "unreachable");
  }
  const { httpStatus } = exchange;
  if (isProxyAnswer(exchange) || isForeignError(exchange)) return fault("unreachable");
  if (httpStatus === 401 || httpStatus === 403) return fault("unauthorized");
  if (exchange.kind === "unreadable") {
    if (exchange.why === "timeout") return fault("timeout");
    return fault(exchange.why === "cut" ? "unreachable" : "invalid");
  }
  if (httpStatus === 404) {
    return fault(isInstanceMissing(exchange.body) ? "not_found" : "invalid");
  }
  if (httpStatus === 503 && isUnlicensed(exchange.body)) return fault("unlicensed");
  return isSuccess(httpStatus) || (httpStatus >= 400 && httpStatus < 600)
    ? exchange
    : fault("invalid");
}

function open(part: unknown, depth: number): unknown[] {
  if (!Array.isArray(part)) return [part];
  return depth === 0 ? [] : part.flatMap((inner) => open(inner, depth - 1));
}
