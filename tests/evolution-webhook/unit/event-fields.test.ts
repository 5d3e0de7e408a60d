import assert from "node:assert/strict";
import { eventTime, knownTime } from "../../../supabase/functions/_shared/messages/event-fields.ts";

const now = new Date("2026-11-22T21:00:00.000Z");

for (
  const [what, value, expected] of [
    ["as the gateway writes it", "2026-11-22T20:59:58.641Z", "2026-11-22T20:59:58.641Z"],
    ["three hours behind", "2026-11-22T18:00:00.000Z", "2026-11-22T18:00:00.000Z"],
    ["nine hours ahead, as in Tokyo", "2026-11-23T06:00:00.000Z", "2026-11-23T06:00:00.000Z"],
    ["a century ahead", "2126-11-22T21:00:00.000Z", now.toISOString()],
    ["before WhatsApp", "0000-01-01T00:00:00.000Z", now.toISOString()],
    ["no such day", "2026-11-99T21:00:00.000Z", now.toISOString()],
    ["no date", "yesterday", now.toISOString()],
    ["a number", 1795381270, now.toISOString()],
    ["missing", undefined, now.toISOString()],
    ["null", null, now.toISOString()],
  ] as const
) {
  Deno.test(`an event's time that is ${what} is read as ${expected}`, () => {
    assert.equal(eventTime(value, now).toISOString(), expected);
  });
}

for (
  const [what, value, expected] of [
    ["seconds", 1795381200, "2026-11-22T21:00:00.000Z"],
    ["digits", "1795381200", "2026-11-22T21:00:00.000Z"],
    ["a 64-bit number in halves", { low: 1795381200, high: 0 }, "2026-11-22T21:00:00.000Z"],
    ["halves after 2038", { low: -1, high: 0 }, null],
    ["last year", 1763845200, "2025-11-22T21:00:00.000Z"],
    ["milliseconds", 1795381200000, null],
    ["zero", 0, null],
    ["negative", -5, null],
    ["infinite", Infinity, null],
    ["text", "soon", null],
    ["halves of nothing", { low: "x" }, null],
    ["missing", undefined, null],
  ] as const
) {
  Deno.test(`a message's time given as ${what} is read as ${expected}`, () => {
    assert.equal(knownTime(value, now)?.toISOString() ?? null, expected);
  });
}
