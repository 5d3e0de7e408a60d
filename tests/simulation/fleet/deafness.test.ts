import assert from "node:assert/strict";
import { createCleanUp } from "../../../dev/process/clean-up.ts";
import type { DeafKind } from "../../../dev/evolution/model/deaf-kinds.ts";
import { fleetPlanOf } from "../../../dev/tasks/simulate/fleet/plan.ts";
import { type FleetReport, playFleet } from "../../../dev/tasks/simulate/fleet/run.ts";
import { closeServerAfterAll, testServer } from "../../support/server.ts";

closeServerAfterAll();

const HOUR = 3_600_000;

/** Of ten numbers some go deaf at nine in the morning, where they are. */
function play(
  kinds: readonly DeafKind[],
  judge: (report: FleetReport) => void,
  plant: readonly string[] = [],
): () => Promise<void> {
  return async () => {
    const cleanUp = createCleanUp();
    try {
      const plan = fleetPlanOf({ seed: 5, numbers: 10, days: 1, canaries: true });
      judge(
        await playFleet(
          await testServer(),
          {
            ...plan,
            members: plan.members.map((member) => ({
              ...member,
              habit: "busy",
              policy: "keep-pairing",
            })),
            happenings: kinds.map((deafness, number) => ({
              at: 12 * HOUR,
              kind: "deafness",
              number,
              deafness,
              forMs: 5 * HOUR,
            })),
            days: 17.5 / 24,
          },
          cleanUp,
          {
            plant: async (database) => {
              await database.run("update ghost_repair.settings set watch_interval = null");
              for (const statement of plant) await database.run(statement);
            },
          },
        ),
      );
    } finally {
      await cleanUp.close();
    }
  };
}

// The server outlives the test.
const SHARED = { sanitizeOps: false, sanitizeResources: false };

Deno.test({
  name:
    "in a fleet that wants canaries deafness is known soon after a habit is broken, and no other",
  ...SHARED,
  fn: play(["F2a", "F6", "F5"], (report) => {
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
  }),
});

Deno.test({
  name: "where nobody looks at habits deafness is missed, and that is seen",
  ...SHARED,
  fn: play(["F6"], ({ violations, deafnesses }) => {
    assert.equal(deafnesses[0]?.foundAfterMs, null);
    assert.ok(violations.some((violation) => /missed: deaf/.test(violation)), violations.join());
  }, ["update ghost_repair.hearing set habit_check_at = 'infinity'"]),
});
