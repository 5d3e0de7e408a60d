/**
 * `auto-reconnect-instances`: every minute, what is disconnected is looked up at its gateway and
 * connected again. Called by a scheduler; answers counts only, no names and no QR codes.
 *
 * ```text
 * lease ─▶ registry ── open ──────────────────────────▶ connected (nothing is called)
 *             ├── close, connecting ─▶ count ─▶ connect ▶ open | QR | not yet | refused
 *             └── not known ──────────────────────────▶ nothing but an event
 * ```
 *
 * @module
 */

import type { Gateway } from "../_shared/gateway/client.ts";
import { gatewayOf, readConnect } from "../_shared/gateway/instance.ts";
import { requireCronSecret } from "../_shared/http/auth.ts";
import { jsonResponse, serveJson } from "../_shared/http/serve.ts";
import type { Effects } from "../_shared/runtime/effects.ts";
import { takeTurns, type TurnLimits } from "../_shared/runtime/leases.ts";
import { errorName } from "../_shared/runtime/log.ts";
import { countTurns, decide, type TurnEnd } from "./decide.ts";
import { createWorkList, type Lease, type WorkList } from "./work-list.ts";

/**
 * Within what the platform gives a request, 150 s of time and 2 s of processor: the longest turn
 * takes 48 s (registry 8, attempt 10, connect 20, record 10), and 1,000 turns with a QR each take
 * nearly 2 s of processor (docs/performance.md). The scheduler calls more than one where it can.
 */
export const TICK_LIMITS: TurnLimits & { readonly leaseSeconds: number } = {
  concurrency: 64,
  leases: 1000,
  leasingMs: 50_000,
  leaseSeconds: 120,
  gatherMs: 100,
};

/**
 * Makes the function.
 *
 * @param effects What it does to the world.
 * @param limits How much one tick may do.
 */
export function createHandler(
  effects: Effects,
  limits = TICK_LIMITS,
): (request: Request) => Promise<Response> {
  return serveJson("auto-reconnect-instances", effects.log, async (request, { log }) => {
    requireCronSecret(request, effects.cronSecrets);
    const started = effects.clock.monotonicMs();
    const workList = createWorkList(effects.database, limits.leaseSeconds);
    const { leased, ends, stopped } = await takeTurns<Lease, TurnEnd>({
      lease: workList.lease,
      turn: async (lease) => {
        const end = await reconnectInstance(lease, gatewayOf(lease, effects), workList);
        log.write("debug", "reconnect", { instanceId: lease.instance_id, outcome: end.result });
        return end;
      },
      onFault: ({ instance_id: instanceId }, error) => {
        log.write("error", "reconnect_failed", { instanceId, error: errorName(error) });
        return { result: "failed" };
      },
      onLeaseFault: (error) => log.write("error", "lease_failed", { error: errorName(error) }),
      clock: effects.clock,
    }, limits);

    const counts = { leased, ...countTurns(ends) };
    log.write(leased > 0 ? "info" : "debug", "tick", {
      counts,
      ms: Math.round(effects.clock.monotonicMs() - started),
      reason: stopped ?? undefined,
    });
    return jsonResponse(200, { success: true, ...counts, stopped });
  });
}

/**
 * Takes one number's turn.
 *
 * @throws What {@linkcode WorkList} throws; without a counted attempt there is no connect.
 */
async function reconnectInstance(
  lease: Lease,
  gateway: Pick<Gateway, "registry" | "connect">,
  workList: WorkList,
): Promise<TurnEnd> {
  const decision = decide(await gateway.registry());
  if (decision.next === "connect" && !await workList.beginAttempt(lease)) {
    return { result: "skipped" };
  }
  const found = decision.next === "record" ? decision.record : readConnect(await gateway.connect());
  return { result: found.result, overtaken: !await workList.record(lease, found) };
}
