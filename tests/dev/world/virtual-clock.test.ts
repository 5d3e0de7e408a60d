import assert from "node:assert/strict";
import { VirtualClock } from "../../../dev/world/virtual-clock.ts";
import {
  TimeLimitError,
  withTimeLimit,
} from "../../../supabase/functions/_shared/runtime/clock.ts";

Deno.test("a promise that nothing can settle is a hang, not a wait", async () => {
  const clock = new VirtualClock();
  await assert.rejects(clock.until(new Promise(() => {})), /nothing waits/);
  const endless = (async () => {
    while (true) await clock.sleep(1000);
  })();
  await assert.rejects(clock.until(endless, 10_000), /not settled within 10000 ms/);
});

Deno.test("a time limit ends a task that does not heed it, exactly then", async () => {
  const clock = new VirtualClock(new Date(0));
  const limited = withTimeLimit(clock, 8_000, () => new Promise(() => {}));
  await assert.rejects(clock.until(limited), TimeLimitError);
  assert.equal(clock.monotonicMs(), 8_000);
});

Deno.test("an aborted sleep rejects at once and leaves no timer", async () => {
  const clock = new VirtualClock(new Date(0));
  const stop = new AbortController();
  const slept = clock.sleep(1000, stop.signal);
  stop.abort("enough");
  await assert.rejects(slept, (reason) => reason === "enough");
  await assert.rejects(clock.until(new Promise(() => {})), /nothing waits/);
});
