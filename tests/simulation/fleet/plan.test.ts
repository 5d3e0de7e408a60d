import assert from "node:assert/strict";
import { GHOST_KINDS } from "../../../dev/evolution/model/ghost-kinds.ts";
import { HABIT_NAMES, HABITS, trafficOf } from "../../../dev/tasks/simulate/fleet/habits.ts";
import { describeHappening } from "../../../dev/tasks/simulate/fleet/happening.ts";
import { fleetPlanOf } from "../../../dev/tasks/simulate/fleet/plan.ts";
import { joinReports, shareOf } from "../../../dev/tasks/simulate/fleet/shares.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** A Monday. */
const MONDAY = Date.UTC(2026, 0, 5);

Deno.test("a small fleet meets every kind of death and every trouble, and a seed gives it again", () => {
  const size = { seed: 3, numbers: 50, days: 2 };
  const { happenings, members } = fleetPlanOf(size);
  const kinds = new Set(happenings.map(({ kind }) => kind));
  assert.deepEqual([...kinds].sort(), [
    "blip",
    "death",
    "gateway",
    "process restart",
    "rate limit",
    "webhooks away",
    "whatsapp away",
  ]);
  const ghosts = new Set(happenings.flatMap((it) => it.kind === "death" ? [it.ghost] : []));
  // A QR limit and a logout are ends of a pairing, not deaths; two sockets are a fight.
  const others = ["C4", "E", "flapping-440"];
  assert.deepEqual([...ghosts].sort(), GHOST_KINDS.filter((it) => !others.includes(it)).sort());
  const moods = new Set(happenings.flatMap((it) => it.kind === "gateway" ? [it.mood] : []));
  assert.deepEqual([...moods].sort(), ["answers anything", "down", "hangs"]);
  assert.deepEqual(new Set(members.map(({ habit }) => habit)), new Set(HABIT_NAMES));
  assert.equal(new Set(happenings.map(describeHappening)).size > 20, true);
  assert.deepEqual(fleetPlanOf(size), fleetPlanOf(size));
  assert.notDeepEqual(fleetPlanOf(size).happenings, fleetPlanOf({ ...size, seed: 4 }).happenings);
});

Deno.test("no number dies twice within twelve hours, and nothing happens at the very end", () => {
  const { happenings } = fleetPlanOf({ seed: 1, numbers: 200, days: 30 });
  assert.deepEqual(
    happenings.map(({ at }) => at),
    happenings.map(({ at }) => at).sort((a, b) => a - b),
  );
  assert.ok(happenings.every(({ at }) => at < 30 * DAY - 3 * HOUR));
  const last = new Map<number, number>();
  for (const happening of happenings) {
    if (happening.kind !== "death") continue;
    const before = last.get(happening.number) ?? -DAY;
    assert.ok(happening.at - before >= 12 * HOUR, describeHappening(happening));
    last.set(happening.number, happening.at);
  }
  assert.ok(last.size > 150);
});

Deno.test("people write by day, less on Sundays, and as much as a number's habit says", () => {
  for (const habit of HABIT_NAMES) {
    const days = (day: number) =>
      Array.from(
        { length: 150 },
        (_, number) => trafficOf({ seed: 1, number, habit, day, startMs: MONDAY }),
      ).flat();
    const monday = days(0);
    const inbound = (day: number) =>
      days(day).filter(({ direction }) => direction === "inbound").length / 150;
    const { inbound: wanted, weekend } = HABITS[habit];
    assert.ok(Math.abs(inbound(0) / wanted - 1) < 0.2, `${habit}: ${inbound(0)} of ${wanted}`);
    assert.ok(Math.abs(inbound(6) / (wanted * weekend) - 1) < 0.25, `${habit} on a Sunday`);
    assert.ok(monday.every(({ at }) => at >= 0 && at < DAY));
    // Local nights: 0 to 6 o'clock, three hours behind UTC.
    const nights = monday.filter(({ at }) => at >= 3 * HOUR && at < 9 * HOUR).length;
    assert.ok(nights < monday.length / 20, `${habit}: ${nights} of ${monday.length} at night`);
  }
});

Deno.test("a fleet's shares hold every number and trouble once, and everybody's in each", () => {
  const plan = fleetPlanOf({ seed: 3, numbers: 150, days: 6 });
  const shares = [0, 1].map((share) => shareOf(plan, share, 2));
  const names = shares.flatMap(({ members }) => members.map(({ name }) => name));
  assert.deepEqual(names.toSorted(), plan.members.map(({ name }) => name).toSorted());
  const isOfAll = (it: typeof plan.happenings[number]) =>
    !("number" in it) && (!("gateway" in it) || it.gateway === null);
  for (const { members, happenings, gateways, numbers } of shares) {
    assert.equal(members.length, numbers);
    assert.deepEqual(happenings.filter(isOfAll), plan.happenings.filter(isOfAll));
    for (const [place, { index, gateway }] of members.entries()) {
      assert.equal(index, place);
      assert.ok(gateway < gateways);
    }
  }
  // Told by the number's name, and of whichever share, the same happens to the same.
  const told = (of: readonly typeof plan[]) =>
    of.flatMap(({ members, happenings }) =>
      happenings.filter((it) => !isOfAll(it)).map((it) => {
        const who = "number" in it ? members[it.number]!.name : "";
        const forgets = "forgets" in it ? it.forgets.map((number) => members[number]!.name) : [];
        return `${it.at} ${it.kind} ${who} ${forgets}`;
      })
    ).toSorted();
  assert.deepEqual(told(shares), told([plan]));
});

Deno.test("the reports of a fleet's shares are summed up as one", () => {
  const report = (numbers: number, probes: number) => ({
    ...{ seed: 7, numbers, days: 1, deaths: [], deafnesses: [], falseRepairs: 1, missed: 0 },
    inbound: { here: 10, waits: 1, "at the gateway": 0 },
    probesPerNumberAndDay: probes,
    ...{ violations: [`of ${numbers}`], late: [] },
  });
  const size = { seed: 3, numbers: 40, days: 1 };
  const joined = joinReports(size, [report(30, 200), report(10, 400)]);
  assert.deepEqual(joined, {
    ...size,
    ...{ deaths: [], deafnesses: [], falseRepairs: 2, missed: 0, late: [] },
    inbound: { here: 20, waits: 2, "at the gateway": 0 },
    probesPerNumberAndDay: 250,
    violations: ["of 30", "of 10"],
  });
});
