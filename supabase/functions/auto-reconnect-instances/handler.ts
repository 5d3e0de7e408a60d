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
import {
  type ConnectRecord,
  decideByRegistry,
  gatewayOf,
  readConnect,
} from "../_shared/gateway/instance.ts";
import { serveScheduled } from "../_shared/http/serve-scheduled.ts";
import type { Effects } from "../_shared/runtime/effects.ts";
import { addCounts, takeTurns, type TurnLimits } from "../_shared/runtime/leases.ts";
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
  return serveScheduled("auto-reconnect-instances", effects, async (log) => {
    const workList = createWorkList(effects.database, limits.leaseSeconds);
    return await takeTurns<Lease>({
      lease: workList.lease,
      turn: async (lease) => {
        const ends = await reconnectInstance(lease, gatewayOf(lease, effects), workList);
        log.write("debug", "reconnect", { instanceId: lease.instance_id, outcome: ends[0] });
        return addCounts(ends);
      },
      faultEvent: "reconnect_failed",
      log,
      clock: effects.clock,
    }, limits);
  });
}

/**
 * Takes one number's turn.
 *
 * @returns How it ended: `skipped`, where it was no longer ours to connect (disconnected by hand,
 * already back, out of attempts): nothing was called and nothing written. Otherwise what was found;
 * and `overtaken` besides, where something newer, usually the webhook, had changed the row by then, and
 * the finding was not written over it.
 * @throws What {@linkcode WorkList} throws; without a counted attempt there is no connect.
 */
async function reconnectInstance(
  lease: Lease,
  gateway: Pick<Gateway, "registry" | "connect">,
  workList: WorkList,
): Promise<readonly (ConnectRecord["result"] | "skipped" | "overtaken")[]> {
  const decision = decideByRegistry(await gateway.registry());
  // One that is `connecting` for longer than the database's patience is connected like a closed one.
  const connects = decision.next !== "record";
  if (connects && !await workList.beginAttempt(lease)) return ["skipped"];
  const found = connects ? readConnect(await gateway.connect()) : decision.record;
  return await workList.record(lease, found) ? [found.result] : [found.result, "overtaken"];
}
