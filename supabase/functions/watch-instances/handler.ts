/**
 * `watch-instances`: every minute, numbers that wait (for a scan, for a person after the last
 * attempt, or because a person disconnected them) are looked up in their gateway's registry, each
 * rarely. Called by a scheduler; answers counts only.
 *
 * It only reads, but for one call: a session that lives on although a person disconnected it is
 * logged out, once, when the database says so.
 *
 * @module
 */

import type { Gateway } from "../_shared/gateway/client.ts";
import { gatewayOf } from "../_shared/gateway/instance.ts";
import { requireCronSecret } from "../_shared/http/auth.ts";
import { jsonResponse, serveJson } from "../_shared/http/serve.ts";
import type { Effects } from "../_shared/runtime/effects.ts";
import { takeTurns, type TurnLimits } from "../_shared/runtime/leases.ts";
import { errorName } from "../_shared/runtime/log.ts";
import { countTurns, lookAt, readOwedLogout, type TurnEnd } from "./decide.ts";
import { createWorkList, type Lease, type WorkList } from "./work-list.ts";

/**
 * Within what the platform gives a request: the longest turn takes 46 s (registry 8, record 10,
 * logout 10, registry 8, record 10).
 */
const WATCH_LIMITS: TurnLimits & { readonly leaseSeconds: number } = {
  concurrency: 20,
  leases: 500,
  leasingMs: 45_000,
  leaseSeconds: 120,
  gatherMs: 100,
};

/** Makes the function. */
export function createHandler(
  effects: Effects,
  limits = WATCH_LIMITS,
): (request: Request) => Promise<Response> {
  return serveJson("watch-instances", effects.log, async (request, { log }) => {
    requireCronSecret(request, effects.cronSecrets);
    const workList = createWorkList(effects.database, limits.leaseSeconds);
    const ends: TurnEnd[] = [];
    const { leased, stopped } = await takeTurns({
      lease: workList.lease,
      turn: async (lease) => {
        const instanceId = lease.instance_id;
        try {
          const end = await watch(lease, gatewayOf(lease, effects), workList);
          log.write("debug", "watched", { instanceId, outcome: end });
          ends.push(end);
        } catch (error) {
          log.write("error", "watch_failed", { instanceId, error: errorName(error) });
          ends.push("failed");
        }
      },
      onLeaseFault: (error) => log.write("error", "lease_failed", { error: errorName(error) }),
      clock: effects.clock,
    }, limits);
    const counts = { leased, ...countTurns(ends) };
    log.write(leased > 0 ? "info" : "debug", "tick", {
      counts,
      ...(stopped === null ? {} : { reason: stopped }),
    });
    return jsonResponse(200, { success: true, ...counts, stopped });
  });
}

/** Takes one number's turn. */
async function watch(
  lease: Lease,
  gateway: Pick<Gateway, "registry" | "logout">,
  workList: WorkList,
): Promise<TurnEnd> {
  const recorded = await workList.record(lease, lookAt(await gateway.registry()));
  if (recorded.next !== "logout") return recorded.next;
  const logout = await gateway.logout();
  // Its status is never believed.
  const outcome = readOwedLogout(logout, await gateway.registry());
  await workList.recordLogout(lease, recorded.token, outcome);
  return "logout";
}
