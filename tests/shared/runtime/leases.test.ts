import assert from "node:assert/strict";
import { VirtualClock } from "../../../dev/world/virtual-clock.ts";
import {
  countEnds,
  takeTurns,
  type TurnLimits,
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

/** Takes turns, numbered from 0, in virtual time. */
async function turns(scene: Scene) {
  const clock = new VirtualClock(new Date(0));
  const asked: number[] = [];
  const order: number[] = [];
  const faults: unknown[] = [];
  let next = 0;
  let running = 0;
  let most = 0;
  const taken = await clock.until(takeTurns<number, void>({
    clock,
    lease: (limit) => {
      asked.push(limit);
      if (asked.length > (scene.leaseFails ?? Infinity)) return Promise.reject(fault);
      const leases = Array.from({ length: Math.min(limit, scene.due - next) }, (_, n) => next + n);
      next += leases.length;
      return Promise.resolve(leases);
    },
    turn: async (index) => {
      order.push(index);
      most = Math.max(most, ++running);
      await clock.sleep(scene.turnMs?.(index) ?? 1000);
      running--;
    },
    onFault: (_, error) => void faults.push(error),
    onLeaseFault: (error) => faults.push(error),
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
    { leased: 10, stopped: null, order: up(10), most: 3, faults: [] },
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
    { leased: 3, stopped: "database", order: up(3), faults: [fault] },
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

Deno.test("a turn that throws has the end that its caller gives it, and holds up nobody", async () => {
  const clock = new VirtualClock(new Date(0));
  const due = [0, 1, 2];
  const { ends, leased } = await clock.until(takeTurns<number, string>({
    clock,
    lease: (limit) => Promise.resolve(due.splice(0, limit)),
    turn: (index) => index === 1 ? Promise.reject(fault) : Promise.resolve("done"),
    onFault: (index, error) => {
      assert.deepEqual([index, error], [1, fault]);
      return "failed";
    },
    onLeaseFault: (error) => assert.fail(String(error)),
  }, LIMITS));
  assert.deepEqual([leased, [...ends].sort()], [3, ["done", "done", "failed"]]);
  assert.deepEqual(
    countEnds<"done" | "failed" | "left", string>(["done", "failed", "done"], {
      done: "well",
      failed: "ill",
      left: "left",
    }),
    {
      well: 2,
      ill: 1,
      left: 0,
    },
  );
});
