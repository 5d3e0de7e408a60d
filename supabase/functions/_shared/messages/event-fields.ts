/**
 * What all events are made of: texts and ids on their way into the database, and times by two
 * clocks.
 *
 * @module
 */

import * as z from "zod/mini";
import { storable } from "../http/validation.ts";

const storedText = z.pipe(z.string(), z.transform(storable));

/** Text that may be missing; of any other type it counts as missing. */
export const optionalText = z.pipe(
  z.catch(z.nullish(storedText), null),
  z.transform((text) => text || null),
);

/** An id: 1 to 200 characters. */
export const storedId = z.pipe(storedText, z.string().check(z.minLength(1), z.maxLength(200)));

/** An event that can never be understood, however often it comes. */
export class MalformedError extends Error {
  override readonly name = "MalformedError";
  /** @param field What is wrong first: a path of our own schema, never what was sent. */
  constructor(readonly field: string) {
    super(field);
  }
}

/**
 * Reads an event's data.
 *
 * @throws {MalformedError} Naming the first field that has another shape.
 */
export function parseData<T>(schema: z.core.$ZodType<T>, data: unknown): T {
  const parsed = z.safeParse(schema, data);
  if (parsed.success) return parsed.data;
  throw new MalformedError(["data", ...parsed.error.issues[0]?.path ?? []].join("."));
}

/** How far ahead of our clock a message may be and still be believed, in ms. */
const BELIEVED_AHEAD_MS = 10 * 60_000;

/** WhatsApp's first year; nothing can be older. */
const FIRST_MS = Date.UTC(2009, 0, 1);

const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;

/** Nothing that is read here happens later. */
const LAST_MS = Date.UTC(2100, 0, 1);

/**
 * Reads a webhook's `date_time`: the gateway's local time, written as if it were UTC. It moves with
 * zones and daylight saving, so it is compared with itself only, and orders nothing alone.
 *
 * @param value ISO 8601.
 * @param now Taken where the value is missing or senseless.
 */
export function eventTime(value: unknown, now: Date): Date {
  if (typeof value !== "string" || !ISO.test(value)) return now;
  const ms = Date.parse(value);
  return ms >= FIRST_MS && ms < LAST_MS ? new Date(ms) : now;
}

/**
 * Reads a message's `messageTimestamp`.
 *
 * @param value Seconds, as a number, as digits, or as the two halves of a 64-bit number.
 * @param now Our clock's instant.
 * @returns Null where it is missing, senseless, or more than ten minutes ahead.
 */
export function knownTime(value: unknown, now: Date): Date | null {
  const ms = secondsOf(value) * 1000;
  return ms >= FIRST_MS && ms <= now.getTime() + BELIEVED_AHEAD_MS ? new Date(ms) : null;
}

function secondsOf(value: unknown): number {
  if (typeof value === "number") return value;
  if (typeof value === "string" && /^\d{1,12}$/.test(value)) return Number(value);
  if (typeof value === "object" && value !== null && "low" in value) {
    return typeof value.low === "number" ? value.low >>> 0 : NaN;
  }
  return NaN;
}
