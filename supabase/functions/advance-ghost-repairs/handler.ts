/**
 * `advance-ghost-repairs`: each open repair that is due takes one step: probe, look, decide, at most
 * one changing call, and a probe after it. Called by a scheduler when steps are due; answers counts
 * only.
 *
 * @module
 */

import { gatewayOf } from "../_shared/gateway/instance.ts";
import { tryRefreshVersions } from "../_shared/messages/refresh-versions.ts";
import { serveScheduled } from "../_shared/http/serve-scheduled.ts";
import type { Effects } from "../_shared/runtime/effects.ts";
import { addTurns, takeTurns } from "../_shared/runtime/leases.ts";
import { errorName } from "../_shared/runtime/log.ts";
import { advanceRepair, LEASE_SECONDS, LIMITS, TICK_SAMPLES, VERSIONS } from "./advance-repair.ts";
import { callNotices } from "./operator-hook.ts";
import { callRestartAgents } from "./restart-agent.ts";
import { recreateInstances } from "./recreate-instances.ts";
import { createWorkList } from "./work-list.ts";

/** Makes the function. */
export function createHandler(effects: Effects): (request: Request) => Promise<Response> {
  return serveScheduled("advance-ghost-repairs", effects, async (log) => {
    const workList = createWorkList(effects.database, LEASE_SECONDS);
    const readVersions = (limit: number, instanceId?: string) =>
      tryRefreshVersions(limit, effects, log, instanceId);
    await readVersions(VERSIONS);
    // Beside the steps: a restart takes seconds, and the steps are other numbers'.
    const restarting = callRestartAgents(workList, effects, log).catch((error: unknown) => {
      log.write("error", "lease_failed", { error: errorName(error) });
      return 0;
    });
    const recreating = recreateInstances(effects, log).catch((error: unknown) => {
      log.write("error", "lease_failed", { error: errorName(error) });
      return { leased: 0, counts: {}, stopped: "database" } as const;
    });
    const budget = { left: TICK_SAMPLES };
    const advanced = await takeTurns({
      lease: workList.lease,
      turn: (lease) =>
        advanceRepair(lease, {
          gateway: gatewayOf(lease, effects),
          workList,
          budget,
          clock: effects.clock,
          readVersion: () => readVersions(1, lease.instance_id),
        }),
      faultEvent: "repair_step_failed",
      log,
      clock: effects.clock,
    }, LIMITS);
    const told = {
      noticed: await callNotices(workList, effects, log),
      restarted: await restarting,
    };
    return addTurns(advanced, await recreating, { leased: 0, counts: told, stopped: null });
  });
}
