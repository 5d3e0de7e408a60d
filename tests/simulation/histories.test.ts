import assert from "node:assert/strict";
import { describe, planOf } from "../../dev/tasks/simulate/plan.ts";
import { run } from "../../dev/tasks/simulate/run.ts";
import { createGround } from "../../dev/world/ground.ts";
import { serverTest } from "../support/server.ts";

serverTest(
  "nothing is broken in a history, all ends, and a seed gives the same calls again",
  async (server) => {
    const ground = await createGround(server);
    const live = async (seed: number) => {
      const plan = planOf(seed);
      const lived = await run(server, plan, ground);
      assert.deepEqual(lived.violations, [], plan.actions.map(describe).join("\n"));
      assert.ok(lived.steps > plan.actions.length && lived.calls.length > 5);
      return lived;
    };
    const first = await live(36);
    // At the same instants, also where other histories were played before, on the same ground.
    await live(22);
    const second = await live(36);
    await ground.close();
    assert.deepEqual(second, first);
  },
);
