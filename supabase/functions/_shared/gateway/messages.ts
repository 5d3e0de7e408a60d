/**
 * What the answer to `findMessages` means: one page of the messages that a gateway has stored of an
 * instance in a window of time. Pure.
 *
 * Measured on 2.3.7: both bounds are needed, in ms or ISO 8601; with seconds there are no rows, and
 * one bound alone is ignored. Newest first, but two messages of one second come in any order, which
 * differs from page to page: whoever walks back in time asks for the oldest second again.
 *
 * @module
 */

import * as z from "zod/mini";
import { ended, isSuccess, measured, messageElements, readAnswer } from "./answer.ts";
import type { Exchange } from "./exchange.ts";
import type { MessagesOutcome, MessagesWindow } from "./outcomes.ts";

const page = z.object({
  messages: z.object({
    total: z.int().check(z.minimum(0)),
    currentPage: z.int(),
    records: z.array(z.unknown()),
  }),
});

const dated = z.object({ messageTimestamp: z.number() });

/** The body of the question. `offset` is the gateway's word for a page's size. */
export function findMessagesBody({ from, until, page, size, id }: MessagesWindow): unknown {
  const messageTimestamp = { gte: from.toISOString(), lte: until.toISOString() };
  const key = id === undefined ? {} : { key: { id } };
  return { where: { messageTimestamp, ...key }, page, offset: size };
}

/**
 * Classifies `findMessages`.
 *
 * @param asked A page of another number, of another size, or with messages of another time is not
 * the answer to it: a gateway that does not know the bounds would hand out a phone's whole history.
 * Nor is a page that is not newest first, or one past the end: whoever walks back on those would miss
 * messages, or never arrive.
 */
export function classifyMessages(exchange: Exchange, asked: MessagesWindow): MessagesOutcome {
  if (
    exchange.kind === "unreadable" && exchange.why === "too_large" &&
    isSuccess(exchange.httpStatus)
  ) {
    return ended("too_large", exchange);
  }
  if (
    exchange.kind === "answered" && exchange.httpStatus === 404 &&
    messageElements(exchange.body).some((element) => element.startsWith("Cannot POST "))
  ) {
    return ended("unsupported", exchange);
  }
  const answer = readAnswer(exchange);
  if ("outcome" in answer) return answer;
  if (!isSuccess(answer.httpStatus)) return ended("refused", answer);
  const { data } = z.safeParse(page, answer.body);
  if (!data || !isAnswerTo(asked, data.messages)) return ended("invalid", answer);
  return { outcome: "page", records: data.messages.records, ...measured(answer) };
}

function isAnswerTo(
  asked: MessagesWindow,
  { currentPage, records, total }: z.infer<typeof page>["messages"],
): boolean {
  if (currentPage !== asked.page || records.length > asked.size) return false;
  if (records.length > 0 && asked.page > 1 && (asked.page - 1) * asked.size >= total) return false;
  const times = records.flatMap((record) =>
    z.safeParse(dated, record).data?.messageTimestamp ?? []
  );
  return times.every((seconds, place) => {
    // The gateway rounds its bounds to seconds.
    const ms = seconds * 1000;
    return ms > asked.from.getTime() - 1000 && ms < asked.until.getTime() + 1000 &&
      seconds <= (times[place - 1] ?? Infinity);
  });
}
