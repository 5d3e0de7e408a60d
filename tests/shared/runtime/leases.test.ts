import assert from "node:assert/strict";
import { VirtualClock } from "../../../dev/world/virtual-clock.ts";
import {
  addTurns,
  nameTurns,
  takeTurns,
  type TurnLimits,
  type TurnsTaken,
} from "../../../supabase/functions/_shared/runtime/leases.ts";

const LIMITS: TurnLimits = { concurrency: 3, leases: 100, leasingMs: 10_000, gatherMs: 100 };

interface Scene {
  /** How much is due. */
  readonly due: number;
  /** How long each turn takes, in ms. */
  readonly turnMs?: (index: number) => number;
  /** Leases from this one on throw. */
  readonly leaseFails?: number;
  readonly limits?: Partial<TurnLimits>;
}

const fault = new Error("down");
const numbered = (index: number) => ({ instance_id: String(index) });

/** Takes turns, numbered from 0, in virtual time. */
async function turns(scene: Scene) {
  const clock = new VirtualClock(new Date(0));
  const asked: number[] = [];
  const order: number[] = [];
  const faults: string[] = [];
  let next = 0;
  let running = 0;
  let most = 0;
  const taken = await clock.until(takeTurns({
    clock,
    lease: (limit) => {
      asked.push(limit);
      if (asked.length > (scene.leaseFails ?? Infinity)) return Promise.reject(fault);
      const leases = Array.from(
        { length: Math.min(limit, scene.due - next) },
        (_, n) => numbered(next + n),
      );
      next += leases.length;
      return Promise.resolve(leases);
    },
    turn: async ({ instance_id: id }) => {
      const index = Number(id);
      order.push(index);
      most = Math.max(most, ++running);
      await clock.sleep(scene.turnMs?.(index) ?? 1000);
      running--;
      return "done";
    },
    faultEvent: "turn_failed",
    log: { write: (_, event) => void faults.push(event) },
  }, { ...LIMITS, ...scene.limits }));
  assert.equal(running, 0, "what was taken is finished");
  return { ...taken, asked, order, faults, most, ms: clock.monotonicMs() };
}

const up = (count: number) => Array.from({ length: count }, (_, index) => index);

const SCENES: readonly (readonly [
  sentence: string,
  scene: Scene,
  expected: Partial<Awaited<ReturnType<typeof turns>>>,
  withinMs: number,
])[] = [
  [
    "with nothing due it asks once and is over",
    { due: 0 },
    { leased: 0, stopped: null, asked: [3] },
    1,
  ],
  [
    "everything due has its turn, in order, never too many at once",
    { due: 10 },
    { leased: 10, stopped: null, counts: { done: 10 }, order: up(10), most: 3, faults: [] },
    10_000,
  ],
  [
    "a turn that hangs holds up only its own place",
    { due: 9, turnMs: (index) => index === 0 ? 9000 : 100 },
    { leased: 9, stopped: null, most: 3 },
    9001,
  ],
  [
    "places that come free together are filled by one query",
    { due: 6, turnMs: (index) => 1000 + index },
    { asked: [3, 3, 3] },
    10_000,
  ],
  [
    "out of time it takes no more, and says so",
    { due: 100, turnMs: () => 4000 },
    { leased: 9, stopped: "time", order: up(9) },
    14_000,
  ],
  [
    "it takes as many as allowed and no more, and says so",
    { due: 100, limits: { leases: 7 } },
    { leased: 7, stopped: "count", asked: [3, 3, 1] },
    10_000,
  ],
  [
    "where no further lease can be had, the rest waits",
    { due: 10, leaseFails: 1 },
    { leased: 3, stopped: "database", order: up(3), faults: ["lease_failed"] },
    10_000,
  ],
];

for (const [sentence, scene, expected, withinMs] of SCENES) {
  Deno.test(`taking turns: ${sentence}`, async () => {
    const seen = await turns(scene);
    assert.partialDeepStrictEqual(seen, expected);
    assert.ok(seen.ms < withinMs, `${seen.ms} ms`);
  });
}

Deno.test("when not even the first lease can be had, nothing was done at all", async () => {
  await assert.rejects(turns({ due: 10, leaseFails: 0 }), fault);
});

Deno.test("a turn that throws is told and counted as failed, and holds up nobody", async () => {
  const clock = new VirtualClock(new Date(0));
  const due = [0, 1, 2, 3].map(numbered);
  const lines: unknown[] = [];
  const taken = await clock.until(takeTurns({
    clock,
    lease: (limit) => Promise.resolve(due.splice(0, limit)),
    turn: ({ instance_id: id }) =>
      id === "1"
        ? Promise.reject(fault)
        : Promise.resolve(id === "3" ? { done: 2, left: 1, none: 0 } : "done"),
    faultEvent: "turn_failed",
    log: { write: (...line) => void lines.push(line) },
  }, LIMITS));
  assert.deepEqual(taken, { leased: 4, counts: { done: 4, failed: 1, left: 1 }, stopped: null });
  assert.deepEqual(lines, [["error", "turn_failed", { instanceId: "1", error: "Error" }]]);
});

Deno.test("what several kinds of turns came to is added up, and a kind may have names of its own", () => {
  const taken = (counts: TurnsTaken["counts"], stopped: TurnsTaken["stopped"] = null) =>
    ({ leased: 2, counts, stopped }) as const;
  assert.deepEqual(
    addTurns(
      taken({ failed: 1, overtaken: 1 }),
      taken({ failed: 2 }, "time"),
      nameTurns("trial", taken({ failed: 1, deaf: 1 }, "count")),
    ),
    {
      leased: 6,
      counts: { failed: 3, overtaken: 1, trial_failed: 1, trial_deaf: 1 },
      stopped: "time",
    },
  );
  assert.deepEqual(addTurns(taken({}), taken({}, "count")).stopped, "count");
});
