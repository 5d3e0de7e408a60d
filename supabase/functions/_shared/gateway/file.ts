/**
 * What the answer to `getBase64FromMediaMessage` means: a message's file, or why the gateway does not
 * have it. Pure.
 *
 * Read in the source of 2.2.3 to 2.4.0-rc2, and of their Baileys. The file comes from WhatsApp's servers
 * over HTTP, whatever the state of the socket. A file that they do not have any more is asked of the
 * phone through the socket up to Baileys 7.0.0-rc.3; rc.6 and rc.9 mean to and do not. From 2.3.1 on a
 * download that failed is made once more after five seconds. Every error is a 400 with its text.
 *
 * @module
 */

import * as z from "zod/mini";
import { LargeText } from "../runtime/large-text.ts";
import {
  ended,
  isConnectionClosed,
  isSuccess,
  measured,
  messageElements,
  readAnswer,
} from "./answer.ts";
import type { Exchange } from "./exchange.ts";
import type { FileOutcome } from "./outcomes.ts";

const text = z.catch(z.nullish(z.string()), null);

const file = z.object({
  base64: z.union([z.string(), z.instanceof(LargeText)]),
  mimetype: text,
  fileName: text,
});

/** Where the gateway has no such message, or one that holds no file. */
const UNKNOWN =
  /^(?:Message not found|The message is (?:not of the media type|messageContextInfo)|Template message does not contain a supported media type)$/;

/** What WhatsApp's file server, or the phone, refuses for good: axios' words, those of today, the phone's. */
const EXPIRED =
  /status code (?:403|404|410)\b|Failed to fetch stream from |re-upload failed by device/;

/** Nothing that could be asked is in the process. */
const NOT_LOADED = /\(reading '(?:getBase64FromMediaMessage|updateMediaMessage)'\)$/;

/** Classifies `getBase64FromMediaMessage`. */
export function classifyFile(exchange: Exchange): FileOutcome {
  if (
    exchange.kind === "unreadable" && exchange.why === "too_large" &&
    isSuccess(exchange.httpStatus)
  ) {
    return ended("too_large", exchange);
  }
  const answer = readAnswer(exchange);
  if ("outcome" in answer) return answer;
  if (isSuccess(answer.httpStatus)) {
    // 2.3.7 answers nothing to a message that holds nothing.
    if (answer.body === null) return ended("unknown_message", answer);
    const { data } = z.safeParse(file, answer.body);
    if (!data) return ended("invalid", answer);
    const { base64, mimetype = null, fileName = null } = data;
    return { outcome: "file", base64, mimetype, fileName, ...measured(answer) };
  }
  const said = messageElements(answer.body);
  const isSaid = (words: RegExp) => said.some((element) => words.test(element));
  if (isSaid(UNKNOWN)) return ended("unknown_message", answer);
  if (isSaid(EXPIRED)) return ended("expired", answer);
  if (isConnectionClosed(answer.body) || isSaid(NOT_LOADED)) return ended("not_open", answer);
  return ended("unavailable", answer);
}

const long = z.object({ low: z.number(), high: z.number() });
const length = z.object({
  fileLength: z.union([z.number(), z.pipe(z.string(), z.transform(Number)), long]),
});
const record = z.object({ message: z.record(z.string(), z.unknown()) });

/** Wrappers in wrappers have no more. */
const MAX_DEPTH = 6;

/**
 * How large a stored message says that its file is, in bytes, as `findMessages` shows it; null where it
 * does not say. The sender's word: what is larger all the same is cut off when it comes.
 */
export function fileBytes(stored: unknown): number | null {
  return lengthIn(z.safeParse(record, stored).data?.message, MAX_DEPTH);
}

function lengthIn(value: unknown, depth: number): number | null {
  if (typeof value !== "object" || value === null || depth === 0) return null;
  const said = z.safeParse(length, value).data?.fileLength;
  if (said !== undefined) {
    return typeof said === "number" ? said : said.high * 2 ** 32 + (said.low >>> 0);
  }
  const inner = Object.values(value).map((part) => lengthIn(part, depth - 1));
  return inner.find((bytes) => bytes !== null) ?? null;
}
