/**
 * Tests that play a small fleet, in which what happens is told.
 *
 * @module
 */

import { createCleanUp } from "../../../dev/process/clean-up.ts";
import type { Happening } from "../../../dev/tasks/simulate/fleet/happening.ts";
import { type FleetPlan, fleetPlanOf } from "../../../dev/tasks/simulate/fleet/plan.ts";
import { type FleetReport, playFleet } from "../../../dev/tasks/simulate/fleet/run.ts";
import { serverTest } from "../../support/server.ts";

/** So many numbers for so many hours. */
export interface SmallFleet {
  readonly numbers: number;
  readonly hours: number;
  readonly habit: "receives only" | "busy";
  readonly happenings: readonly Happening[];
}

/** Registers a test that plays a fleet; `plant` are statements that break the product before. */
export function fleetTest(
  name: string,
  { numbers, hours, habit, happenings }: SmallFleet,
  judge: (report: FleetReport) => void,
  plant: readonly string[] = [],
): void {
  serverTest(name, async (server) => {
    const canaries = habit === "busy";
    const plan = fleetPlanOf({ seed: 5, numbers, days: 1, ...(canaries ? { canaries } : {}) });
    const told: FleetPlan = {
      ...plan,
      members: plan.members.map((each) => ({ ...each, habit, policy: "keep-pairing" })),
      happenings,
      days: hours / 24,
    };
    const cleanUp = createCleanUp();
    try {
      judge(
        await playFleet(server, told, cleanUp, {
          plant: async (database) => {
            for (const statement of plant) await database.run(statement);
          },
        }),
      );
    } finally {
      await cleanUp.close();
    }
  });
}
