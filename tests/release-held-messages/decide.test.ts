import assert from "node:assert/strict";
import {
  decide,
  type Decision,
  type Progress,
} from "../../supabase/functions/release-held-messages/decide.ts";

const end = (reason: "empty" | "not_alive" | "failed" | "limit"): Decision => ({
  next: "end",
  reason,
});
const send = (pauseMs: number): Decision => ({ next: "send", pauseMs });

const ROWS: readonly (readonly [what: string, progress: Partial<Progress>, expected: Decision])[] =
  [
    ["a number that lives begins at once", {}, send(0)],
    ["a socket that is closed gets nothing", { probe: "connection_closed" }, end("not_alive")],
    ["whose number is not known is sent from", { probe: "no_number" }, send(0)],
    ["a socket that does not answer gets nothing", { probe: "timeout" }, end("not_alive")],
    ["after a message the next one comes a second later", { sent: 1, last: "sent" }, send(1_000)],
    ["nothing waits any more", { sent: 3, last: "none" }, end("empty")],
    ["others' media took all the memory", { last: "no_room" }, end("limit")],
    ["a message that failed is the last: the order is kept", { last: "failed" }, end("failed")],
    ["29 messages are not too many", { sent: 29, last: "sent" }, send(1_000)],
    ["30 messages are enough for a minute", { sent: 30, last: "sent" }, end("limit")],
    ["200 messages are enough for a call", { begun: 200, last: "sent" }, end("limit")],
    ["199 are not too many", { sent: 1, begun: 199, last: "sent" }, send(1_000)],
    ["none begins after 40 seconds", { sent: 4, last: "sent", ms: 40_000 }, end("limit")],
    ["one begins right before", { sent: 4, last: "sent", ms: 39_999 }, send(1_000)],
  ];

for (const [what, progress, expected] of ROWS) {
  Deno.test(`release: ${what}`, () => {
    const seen: Progress = { probe: "alive", ms: 0, sent: 0, begun: 0, last: null, ...progress };
    assert.deepEqual(decide(seen), expected);
  });
}
