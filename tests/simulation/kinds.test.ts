import assert from "node:assert/strict";
import { GHOST_KINDS } from "../../dev/evolution/model.ts";
import { MORTALS } from "../../dev/tasks/simulate/actions.ts";
import { planOf } from "../../dev/tasks/simulate/plan.ts";

const ACTIONS = Array.from({ length: 200 }, (_, index) => planOf(index + 1))
  .flatMap((plan) => plan.actions);

Deno.test("200 seeds hold every kind of ghost, every fault and everybody's death", () => {
  const ghosts = new Set(
    ACTIONS.flatMap((action) => action.kind === "ghost" ? [action.ghost] : []),
  );
  assert.deepEqual([...ghosts].sort(), [...GHOST_KINDS].sort());
  const dead = new Set(ACTIONS.flatMap((action) => action.kind === "kill" ? [action.who] : []));
  assert.deepEqual([...dead].sort(), [...MORTALS].sort());
  const faults = new Set(
    ACTIONS.flatMap((action) => action.kind === "database fault" ? [action.fault] : []),
  );
  assert.deepEqual([...faults].sort(), ["answer lost", "late", "refused", "slow"]);
});
