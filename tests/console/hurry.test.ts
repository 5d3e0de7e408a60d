import assert from "node:assert/strict";
import { recordJobs } from "../../dev/platform/console/job-record.ts";
import { fasterClock } from "../../dev/platform/faster-clock.ts";
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

Deno.test("a watched job is remembered with its result, and still throws", async () => {
  const clock = new VirtualClock(new Date("2026-03-01T12:00:00Z"));
  const record = recordJobs([
    { name: "good", run: () => clock.sleep(200).then(() => ({ leased: 2 })) },
    { name: "bad", run: () => Promise.reject(new Error("HTTP 500")) },
  ], () => clock.now());
  assert.deepEqual(record.runs().map(({ result }) => result), ["never", "never"]);
  const [good, bad] = record.jobs;
  await clock.until(good!.run());
  await assert.rejects(bad!.run(), /HTTP 500/);
  const at = "2026-03-01T12:00:00.200Z";
  assert.deepEqual(record.runs(), [
    { name: "good", result: "ok", at, ms: 200, said: { leased: 2 } },
    { name: "bad", result: "failed", at, ms: 0, said: "HTTP 500" },
  ]);
});
