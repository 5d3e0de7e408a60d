import assert from "node:assert/strict";
import { startTicker, type TickerJob } from "../../../dev/platform/scheduler.ts";
import { VirtualClock } from "../../../dev/world/virtual-clock.ts";

/** A job that ends at once and notes when it ran. */
function noting(name: string, runs: Date[], clock: () => { now(): Date }): TickerJob {
  return { name, run: () => Promise.resolve(void runs.push(clock().now())) };
}

/** Starts a ticker on a virtual clock that fails the test where a job's error is not expected. */
function tick(seconds: number, jobs: readonly TickerJob[], errors?: unknown[]) {
  const clock = new VirtualClock(new Date("2026-01-01T00:00:00Z"));
  const onError = (job: string, error: unknown) => {
    if (!errors) throw error;
    errors.push([job, error]);
  };
  return { clock, ticker: startTicker({ clock, seconds, jobs, onError }) };
}

Deno.test("a job runs once per interval, the first time after one, and every 0 seconds never", async () => {
  const runs: Date[] = [];
  const { clock, ticker } = tick(60, [noting("job", runs, () => clock)]);
  await clock.advance(59_999);
  assert.equal(runs.length, 0);
  await clock.advance(120_001);
  assert.deepEqual(runs.map((at) => at.toISOString().slice(14, 19)), ["01:00", "02:00", "03:00"]);
  await ticker.stop();
  const none = tick(0, [noting("job", runs, () => none.clock)]);
  await none.clock.advance(3_600_000);
  assert.equal(runs.length, 3);
  await none.ticker.stop();
});

Deno.test("a job that takes longer than the interval is not run beside itself", async () => {
  let running = 0;
  let most = 0;
  const starts: number[] = [];
  const slow: TickerJob = {
    name: "slow",
    run: async () => {
      starts.push(clock.now().getTime() - epoch);
      most = Math.max(most, ++running);
      await clock.sleep(90_000);
      running--;
    },
  };
  const quick: Date[] = [];
  const { clock, ticker } = tick(60, [slow, noting("quick", quick, () => clock)]);
  const epoch = clock.now().getTime();
  await clock.advance(5 * 60_000);
  assert.equal(most, 1);
  assert.deepEqual(starts, [60_000, 180_000, 300_000]);
  assert.equal(quick.length, 5, "the other job keeps its pace");
  await clock.until(ticker.stop());
});

Deno.test("how a job went is remembered; one that fails is reported and comes again", async () => {
  const errors: unknown[] = [];
  const good = { name: "good", run: () => clock.sleep(200).then(() => ({ leased: 2 })) };
  const bad = { name: "bad", run: () => Promise.reject(new Error("HTTP 500")) };
  const { clock, ticker } = tick(60, [good, bad], errors);
  assert.deepEqual(ticker.runs().map(({ result }) => result), ["never", "never"]);
  await clock.advance(120_200);
  assert.deepEqual(ticker.runs(), [
    { name: "good", result: "ok", at: "2026-01-01T00:02:00.200Z", ms: 200, said: { leased: 2 } },
    { name: "bad", result: "failed", at: "2026-01-01T00:02:00.000Z", ms: 0, said: "HTTP 500" },
  ]);
  assert.deepEqual(errors.map(String), ["bad,Error: HTTP 500", "bad,Error: HTTP 500"]);
  await ticker.stop();
});

Deno.test("stopping waits for the running job, and no tick comes after", async () => {
  const done: string[] = [];
  const job: TickerJob = {
    name: "job",
    run: async () => {
      await clock.sleep(30_000);
      done.push("ended");
    },
  };
  const { clock, ticker } = tick(60, [job]);
  await clock.advance(60_000);
  const stopped = ticker.stop().then(() => done.push("stopped"));
  await clock.until(stopped);
  await clock.advance(600_000);
  assert.deepEqual(done, ["ended", "stopped"]);
});
