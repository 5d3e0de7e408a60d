import assert from "node:assert/strict";
import { GHOST_KINDS } from "../../dev/evolution/model/ghost-kinds.ts";
import { KILLABLE, planOf } from "../../dev/tasks/simulate/plan.ts";
import { shrink } from "../../dev/tasks/simulate/worker.ts";

const ACTIONS = Array.from({ length: 200 }, (_, index) => planOf(index + 1))
  .flatMap((plan) => plan.actions);

Deno.test("200 seeds hold every kind of ghost, every fault and everybody's death", () => {
  const drawn = (pick: (action: typeof ACTIONS[number]) => string | null) =>
    [...new Set(ACTIONS.map(pick))].filter((what) => what !== null).sort();
  const ghosts = drawn((action) => action.kind === "ghost" ? action.ghost : null);
  assert.deepEqual(ghosts, [...GHOST_KINDS].sort());
  const killed = drawn((action) => action.kind === "kill" ? action.who : null);
  assert.deepEqual(killed, [...KILLABLE].sort());
  const faults = drawn((action) => action.kind === "database fault" ? action.fault : null);
  assert.deepEqual(faults, ["answer lost", "late", "refused", "slow"]);
});

Deno.test("a seed gives the same plan again, and another seed another one", () => {
  assert.deepEqual(planOf(7), planOf(7));
  assert.notDeepEqual(planOf(7).actions, planOf(8).actions);
});

const NUMBERS = Array.from({ length: 40 }, (_, index) => index);

/** What a history needs in order to fail, and how many tries it takes at the most. */
const NEEDED: readonly (readonly [needed: readonly number[], tries: number])[] = [
  [[4, 5, 31], 500],
  [[], 500],
  [[17, 23], 30],
];

for (const [needed, tries] of NEEDED) {
  Deno.test(`a history that needs ${needed.length} actions is shortened to them`, async () => {
    const fails = (part: readonly number[]) => needed.every((number) => part.includes(number));
    const found = await shrink(NUMBERS, (part) => Promise.resolve(fails(part)), tries);
    assert.deepEqual(found, needed);
    for (let few = 0; few < 20; few++) {
      const left = await shrink(NUMBERS, (part) => Promise.resolve(fails(part)), few);
      assert.ok(fails(left), `after ${few} tries it still fails`);
    }
  });
}
