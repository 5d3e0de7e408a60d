import assert from "node:assert/strict";
import { VirtualClock } from "../../dev/world/virtual-clock.ts";
import type { MemoryOutcome } from "../../supabase/functions/_shared/gateway/outcomes.ts";
import { followScan } from "../../supabase/functions/watch-instances/follow-scan.ts";
import type { Lease } from "../../supabase/functions/watch-instances/work-list.ts";

type Memory = MemoryOutcome["outcome"];

/** What the memory says: from so many ms on, the newest that is past. */
type Course = readonly (readonly [fromMs: number, memory: Memory])[];

/** Looks at a number whose code may have been scanned; says what was done. */
async function follow(course: Course, granted = true): Promise<string> {
  const clock = new VirtualClock();
  const began = clock.monotonicMs();
  const done: string[] = [];
  await clock.until(followScan({} as Lease, {
    memory: () => {
      const at = clock.monotonicMs() - began;
      return Promise.resolve({ outcome: course.findLast(([from]) => from <= at)![1], ms: 1 });
    },
    connect: () => {
      done.push("connect");
      return Promise.resolve({ outcome: "no_qr_yet", ms: 1 });
    },
  }, {
    beginScanConnect: () => Promise.resolve(granted ? "a token" : null),
    recordScanConnect: (_, token, found) => Promise.resolve(done.push(`${token}: ${found.result}`)),
  }, clock));
  return done.join(", ");
}

const CONNECTED = "connect, a token: no_qr_yet";

/** What each course of the memory comes to. */
const CASES: readonly (readonly [what: string, course: Course, done: string])[] = [
  ["scanned, and the close went unnoticed", [[0, "close"]], CONNECTED],
  ["a code is showing", [[0, "connecting"]], ""],
  ["a pairing that opens its next socket after 3 s", [[0, "close"], [3_000, "connecting"]], ""],
  ["open by then", [[0, "close"], [3_000, "open"]], ""],
  ["nobody answers", [[0, "unreachable"]], ""],
  ["nobody answers any more", [[0, "close"], [1_000, "timeout"]], ""],
];

for (const [what, course, done] of CASES) {
  Deno.test(`after a look at ${what}: ${done || "nothing"}`, async () => {
    assert.equal(await follow(course), done);
  });
}

Deno.test("a connect that is not granted is not made", async () => {
  assert.equal(await follow([[0, "close"]], false), "");
});
