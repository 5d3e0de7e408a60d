import assert from "node:assert/strict";
import { createCleanUp } from "../../../dev/process/clean-up.ts";
import { fleetPlanOf } from "../../../dev/tasks/simulate/fleet/plan.ts";
import { playFleet } from "../../../dev/tasks/simulate/fleet/run.ts";
import { closeServerAfterAll, testServer } from "../../support/server.ts";

closeServerAfterAll();

const HOUR = 3_600_000;
const KINDS = ["F2a", "F6", "F5"] as const;

// The server outlives the test.
Deno.test({
  name:
    "in a fleet that wants canaries deafness is known soon after a habit is broken, and no other",
  sanitizeOps: false,
  sanitizeResources: false,
}, async () => {
  const cleanUp = createCleanUp();
  try {
    const plan = fleetPlanOf({ seed: 5, numbers: 10, days: 1, canaries: true });
    const report = await playFleet(
      await testServer(),
      {
        ...plan,
        members: plan.members.map((member) => ({
          ...member,
          habit: "busy",
          policy: "keep-pairing",
        })),
        // From nine in the morning, where the numbers are.
        happenings: KINDS.map((deafness, number) => ({
          at: 12 * HOUR,
          kind: "deafness",
          number,
          deafness,
          forMs: 6 * HOUR,
        })),
        days: 17.5 / 24,
      },
      cleanUp,
      {
        plant: (database) => database.run("update ghost_repair.settings set watch_interval = null"),
      },
    );
    assert.deepEqual(report.violations, []);
    assert.equal(report.falseRepairs, 0);
    assert.deepEqual(report.deafnesses.map(({ kind, verdict }) => [kind, verdict]), [
      ["F2a", "deaf"],
      ["F6", "deaf"],
      ["F5", "webhook_mute"],
    ]);
    for (const { kind, foundAfterMs } of report.deafnesses) {
      assert.ok(foundAfterMs !== null && foundAfterMs <= 1_200_000, `${kind}: ${foundAfterMs} ms`);
    }
  } finally {
    await cleanUp.close();
  }
});
