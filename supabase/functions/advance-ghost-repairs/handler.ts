/**
 * `advance-ghost-repairs`: every minute, each open repair takes one step. Called by a scheduler;
 * answers counts only.
 *
 * @module
 */

import { requireCronSecret } from "../_shared/http/auth.ts";
import type { Effects } from "../_shared/runtime/effects.ts";
import { createGateway } from "../_shared/gateway/client.ts";
import { jsonResponse, serveJson } from "../_shared/http/serve.ts";
import { errorName } from "../_shared/runtime/log.ts";
import { takeTurns, type TurnLimits } from "../_shared/runtime/leases.ts";
import { advanceRepair } from "./advance-repair.ts";
import { callNotices } from "./call-notices.ts";
import { createRepairList } from "./work-list.ts";

/** One step takes 60 s at most: registry 8, probe 8, look 12 and more, one call 20, the database. */
const LIMITS: TurnLimits = { concurrency: 40, leases: 500, leasingMs: 40_000, gatherMs: 100 };

/** Well after the longest step. */
const LEASE_SECONDS = 150;

/** Makes the function. */
export function createHandler(effects: Effects): (request: Request) => Promise<Response> {
  return serveJson("advance-ghost-repairs", effects.log, async (request, { log }) => {
    requireCronSecret(request, effects.cronSecrets);
    const list = createRepairList(effects.database, LEASE_SECONDS);
    const counts: Record<string, number> = {};
    const count = (what: string) => counts[what] = (counts[what] ?? 0) + 1;
    const taken = await takeTurns({
      lease: (limit) => list.lease(limit),
      clock: effects.clock,
      turn: async (lease) => {
        try {
          const gateway = createGateway(lease, { fetch: effects.fetch, clock: effects.clock });
          count(await advanceRepair(lease, { gateway, list, clock: effects.clock }));
        } catch (error) {
          count("failed");
          log.write("error", "repair_step_failed", {
            instanceId: lease.instanceId,
            error: errorName(error),
          });
        }
      },
      onLeaseFault: (error) => log.write("error", "lease_failed", { error: errorName(error) }),
    }, LIMITS);
    const noticed = await callNotices(effects, log);
    log.write(taken.leased > 0 ? "info" : "debug", "tick", { counts, count: taken.leased });
    return jsonResponse(200, { success: true, ...taken, ...counts, noticed });
  });
}
