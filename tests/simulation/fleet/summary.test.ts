import assert from "node:assert/strict";
import { fleetPlanOf } from "../../../dev/tasks/simulate/fleet/plan.ts";
import { type Death } from "../../../dev/tasks/simulate/fleet/referee.ts";
import type { FleetReport } from "../../../dev/tasks/simulate/fleet/run.ts";
import { percentile, summarize } from "../../../dev/tasks/simulate/fleet/summary.ts";

const [number] = fleetPlanOf({ seed: 1, numbers: 10, days: 1 }).members;

/** Deaths found after so many seconds each; null: they healed first. */
function reportOf(seconds: readonly (number | null)[]): FleetReport {
  const deaths: Death[] = seconds.map((after) => ({
    ...{ number: { ...number!, habit: "quiet" }, ghost: "A2", at: 0, over: true, isOutage: false },
    ...after === null
      ? { foundAfterMs: null, foundBy: null }
      : { foundAfterMs: after * 1000, foundBy: "watch" },
  }));
  return {
    ...{ seed: 1, numbers: 10, days: 1, deaths, deafnesses: [], falseRepairs: 0, missed: 0 },
    inbound: { here: 100, waits: 0, "at the gateway": 0 },
    ...{ probesPerNumberAndDay: 212.4, violations: [], late: [] },
  };
}

Deno.test("a report is one line of figures, and what healed first was not found", () => {
  const { last, lines, violations } = summarize(reportOf([100, null, 200]));
  assert.equal(
    last,
    "fleet: 10 numbers, 1 virtual days, 3 deaths, found p50 100 s p99 200 s, 0 false repairs, " +
      "0 missed, 100 of 100 inbound messages here, 212 probes per number and day",
  );
  assert.match(lines[0]!, /^A2 +3 deaths: watch 2, healed first 1; p50 100 s p99 200 s$/);
  assert.deepEqual(violations, []);
});

Deno.test("deaths that were found too late are a violation, where there are enough of them", () => {
  assert.deepEqual(summarize(reportOf([900])).violations, []);
  const { violations } = summarize(reportOf(Array.from({ length: 200 }, () => 500)));
  assert.equal(violations.length, 2);
  assert.match(violations[1]!, /p99 was 500 s/);
});

Deno.test("a message that is not here is a violation", () => {
  const { last, violations } = summarize({
    ...reportOf([100]),
    inbound: { here: 95, waits: 2, "at the gateway": 3 },
  });
  assert.match(last, /, 95 of 100 inbound messages here,/);
  assert.deepEqual(violations, ["5 inbound messages are not here"]);
});

const NUMBERS = Array.from({ length: 200 }, (_, index) => index + 1);

Deno.test("a percentile is the value that so many in a hundred do not exceed, 0 of none", () => {
  assert.deepEqual([50, 99, 100].map((percent) => percentile(NUMBERS, percent)), [100, 198, 200]);
  assert.equal(percentile([], 50), 0);
});
