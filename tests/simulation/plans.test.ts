import assert from "node:assert/strict";
import { GHOST_KINDS } from "../../dev/evolution/model/ghost-kinds.ts";
import { ACTION_KINDS, KILLABLE } from "../../dev/tasks/simulate/happenings.ts";
import { planOf } from "../../dev/tasks/simulate/plan.ts";
import { shrink } from "../../dev/tasks/simulate/worker.ts";
import { WRITING_FUNCTIONS } from "../../dev/tasks/simulate/writing-functions.ts";

const PLANS = Array.from({ length: 200 }, (_, index) => planOf(index + 1));
const ACTIONS = PLANS.flatMap((plan) => plan.actions);

Deno.test("200 seeds hold every action, ghost, fault and death, and the versions that a logout harms", () => {
  const drawn = (pick: (action: typeof ACTIONS[number]) => string | null) =>
    [...new Set(ACTIONS.map(pick))].filter((what) => what !== null).sort();
  const ghosts = drawn((action) => action.kind === "ghost" ? action.ghost : null);
  assert.deepEqual(ghosts, [...GHOST_KINDS].sort());
  const killed = drawn((action) => action.kind === "kill" ? action.who : null);
  assert.deepEqual(killed, [...KILLABLE].sort());
  const faults = drawn((action) => action.kind === "database fault" ? action.fault : null);
  assert.deepEqual(faults, ["answer lost", "late", "refused", "slow"]);
  const functions = drawn((action) => action.kind === "database fault" ? action.fn : null);
  assert.deepEqual(functions, [...WRITING_FUNCTIONS]);
  assert.deepEqual(drawn(({ kind }) => kind), [...ACTION_KINDS].sort());
  const versions = new Set(PLANS.map(({ version }) => version));
  assert.deepEqual([...versions].sort(), ["2.3.6", "2.3.7", "2.4.0-rc2"]);
});

Deno.test("whatever writes is found, and nothing that only reads", () => {
  for (const fn of ["finish_message", "apply_webhook", "take_lease", "record_watch"]) {
    assert.equal(WRITING_FUNCTIONS.includes(fn), fn !== "take_lease", fn);
  }
  assert.ok(!WRITING_FUNCTIONS.includes("list_instances"));
  assert.ok(!WRITING_FUNCTIONS.includes("webhook_keys"));
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
