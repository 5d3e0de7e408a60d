/**
 * `advance-ghost-repairs`: each open repair that is due takes one step: probe, look, decide, at most
 * one changing call, and a probe after it. Called by a scheduler when steps are due; answers counts
 * only.
 *
 * @module
 */

import { gatewayOf } from "../_shared/gateway/instance.ts";
import { tryRefreshVersions } from "../_shared/messages/refresh-versions.ts";
import { requireCronSecret } from "../_shared/http/auth.ts";
import { jsonResponse, serveJson } from "../_shared/http/serve.ts";
import type { Effects } from "../_shared/runtime/effects.ts";
import { takeTurns, tally } from "../_shared/runtime/leases.ts";
import { errorName } from "../_shared/runtime/log.ts";
import { advanceRepair, LEASE_SECONDS, LIMITS, TICK_SAMPLES, VERSIONS } from "./advance-repair.ts";
import { callNotices } from "./operator-hook.ts";
import { callRestartAgents } from "./restart-agent.ts";
import { recreateInstances } from "./recreate-instances.ts";
import { createWorkList } from "./work-list.ts";

/** Makes the function. */
export function createHandler(effects: Effects): (request: Request) => Promise<Response> {
  return serveJson("advance-ghost-repairs", effects.log, async (request, { log }) => {
    requireCronSecret(request, effects.cronSecrets);
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
      return {};
    });
    const budget = { left: TICK_SAMPLES };
    const { ends, ...taken } = await takeTurns({
      lease: workList.lease,
      clock: effects.clock,
      turn: (lease) =>
        advanceRepair(lease, {
          gateway: gatewayOf(lease, effects),
          workList,
          budget,
          clock: effects.clock,
          readVersion: () => readVersions(1, lease.instance_id),
        }),
      onFault: ({ instance_id: instanceId }, error) => {
        log.write("error", "repair_step_failed", { instanceId, error: errorName(error) });
        return "failed" as const;
      },
      onLeaseFault: (error) => log.write("error", "lease_failed", { error: errorName(error) }),
    }, LIMITS);
    const noticed = await callNotices(workList, effects, log);
    const counts = { ...tally(ends), ...await recreating };
    log.write(taken.leased > 0 ? "info" : "debug", "tick", { counts, count: taken.leased });
    const restarted = await restarting;
    return jsonResponse(200, { success: true, ...taken, ...counts, noticed, restarted });
  });
}
