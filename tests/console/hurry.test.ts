import assert from "node:assert/strict";
import { fasterClock } from "../../dev/platform/function-handlers.ts";
import { VirtualClock } from "../../dev/world/virtual-clock.ts";

Deno.test("under a faster clock a minute takes seconds and still reads as a minute", async () => {
  const clock = new VirtualClock();
  const faster = fasterClock(clock, 10);
  const began = clock.monotonicMs();
  const measured = faster.monotonicMs();
  await clock.until(faster.sleep(60_000));
  assert.equal(clock.monotonicMs() - began, 6_000);
  assert.equal(faster.monotonicMs() - measured, 60_000);
  assert.equal(faster.now().getTime(), clock.now().getTime());
});

Deno.test("a clock does not go slower than time", () => {
  assert.throws(() => fasterClock(new VirtualClock(), 0.5), /speed must be at least 1: 0.5/);
});
