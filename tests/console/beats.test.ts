import assert from "node:assert/strict";
import { BEATS, beatsOf } from "../../console/data/beats.ts";

const NOW = Date.parse("2026-03-01T12:30:40Z");
const minutesAgo = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString();

function event(minutes: number, kind: string) {
  const createdAt = minutesAgo(minutes);
  return { id: 1000 - minutes, instanceId: "a", kind, detail: {}, createdAt };
}

function tones(
  status: "connected" | "disconnected" | "awaiting_qr",
  ...events: [number, string][]
) {
  const happened = events.map(([minutes, kind]) => event(minutes, kind));
  return beatsOf({ status }, happened, NOW, null).map(({ tone }) => tone);
}

Deno.test("an hour without events was as the number is now", () => {
  assert.deepEqual(tones("connected"), Array(BEATS).fill("ok"));
  assert.deepEqual(tones("awaiting_qr"), Array(BEATS).fill("ask"));
});

Deno.test("an outage lasts from the mark to the cure, both minutes included", () => {
  const hour = tones("connected", [20, "marked_disconnected"], [15, "healed"]);
  const down = hour.flatMap((tone, minute) => tone === "bad" ? [BEATS - 1 - minute] : []);
  assert.deepEqual(down, [20, 19, 18, 17, 16, 15]);
  assert.equal(hour[0], "ok");
  assert.equal(hour.at(-1), "ok");
});

Deno.test("a false alarm is a minute of trouble, not of disconnection", () => {
  const hour = tones("connected", [9, "connection_closed"], [9, "false_alarm"]);
  assert.equal(hour[BEATS - 1 - 9], "busy");
  assert.equal(hour.filter((tone) => tone !== "ok").length, 1);
});

Deno.test("what happened before the hour still counts", () => {
  const hour = tones("disconnected", [90, "webhook_close"]);
  assert.deepEqual(hour, Array(BEATS).fill("bad"));
});

Deno.test("minutes before the number existed are empty", () => {
  const hour = beatsOf({ status: "connected" }, [], NOW, Date.parse(minutesAgo(2)));
  assert.equal(hour.filter(({ tone }) => tone === "quiet").length, BEATS - 3);
});

Deno.test("each beat holds the events of its minute", () => {
  const hour = beatsOf({ status: "connected" }, [event(1, "logout")], NOW, null);
  assert.deepEqual(hour.map(({ events }) => events.length), [...Array(58).fill(0), 1, 0]);
});
