/**
 * `auto-reconnect-instances`: every minute, what is disconnected is looked up at its gateway and
 * connected again. Called by a scheduler; answers counts only, no names and no QR codes.
 *
 * @module
 */

import { requireCronSecret } from "../_shared/http/auth.ts";
import type { Effects } from "../_shared/runtime/effects.ts";
import { createGateway } from "../_shared/gateway/client.ts";
import { jsonResponse, serveJson } from "../_shared/http/serve.ts";
import { errorName } from "../_shared/runtime/log.ts";
import { reconnectInstance } from "./reconnect-instance.ts";
import { runTick, TICK_LIMITS, type TickLimits } from "./tick.ts";
import { createWorkList } from "./work-list.ts";

/**
 * Makes the function.
 *
 * @param effects What it does to the world.
 * @param limits How much one tick may do.
 */
export function createHandler(
  effects: Effects,
  limits: TickLimits = TICK_LIMITS,
): (request: Request) => Promise<Response> {
  return serveJson("auto-reconnect-instances", effects.log, async (request, { log }) => {
    requireCronSecret(request, effects.cronSecrets);
    const started = effects.clock.monotonicMs();
    const workList = createWorkList(effects.database, limits.leaseSeconds);
    const report = await runTick({
      workList,
      clock: effects.clock,
      reconnect: async (lease) => {
        const gateway = createGateway(lease, { fetch: effects.fetch, clock: effects.clock });
        const end = await reconnectInstance(lease, gateway, workList);
        log.write("debug", "reconnect", { instanceId: lease.instanceId, outcome: end.result });
        return end;
      },
      onFault: (error, lease) =>
        log.write("error", lease === null ? "lease_failed" : "reconnect_failed", {
          ...(lease === null ? {} : { instanceId: lease.instanceId }),
          error: errorName(error),
        }),
    }, limits);

    const { stopped, ...counts } = report;
    log.write(counts.leased > 0 ? "info" : "debug", "tick", {
      counts,
      ms: Math.round(effects.clock.monotonicMs() - started),
      ...(stopped === null ? {} : { reason: stopped }),
    });
    return jsonResponse(200, { success: true, ...report });
  });
}
