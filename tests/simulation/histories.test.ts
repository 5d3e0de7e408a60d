import assert from "node:assert/strict";
import { describe, planOf } from "../../dev/tasks/simulate/plan.ts";
import { run } from "../../dev/tasks/simulate/run.ts";
import { createGround } from "../../dev/world/ground.ts";
import { closeServerAfterAll, testServer } from "../support/server.ts";

closeServerAfterAll();

/** Histories with many kinds of ghosts and faults; `deno task simulate` tries more. */
const SEEDS = [2, 3, 5];

for (const seed of SEEDS) {
  Deno.test({
    name: `history ${seed}: nothing is broken on the way, and all ends`,
    // The server outlives the test, and what a killed function waited for never comes.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      const plan = planOf(seed);
      const { violations, steps } = await run(await testServer(), plan);
      assert.deepEqual(violations, [], plan.actions.map(describe).join("\n"));
      assert.ok(steps > plan.actions.length);
    },
  });
}

Deno.test({
  name: "a seed gives the same calls at the same instants again",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const server = await testServer();
    const first = await run(server, planOf(12));
    // Also where another history was played before, on the same ground.
    const ground = await createGround(server);
    await run(server, planOf(2), ground);
    const second = await run(server, planOf(12), ground);
    await ground.close();
    assert.ok(first.calls.length > 5);
    assert.deepEqual(second, first);
  },
});
