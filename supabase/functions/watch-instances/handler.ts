/**
 * `watch-instances`: looks before anybody complains. Called by a scheduler when looks are due; answers
 * counts only.
 *
 * Connected numbers that nothing was heard of are probed; one that is dead is the ladder's at once.
 * Whether a silent one hears is tried by canaries, where its organization wants that.
 * Numbers that wait (for a scan, for a person after the last attempt, or because a person
 * disconnected them) are looked up in their gateway's registry, each rarely. It only reads, but for
 * two calls: a session that lives on although a person disconnected it is logged out, once, when the
 * database says so; and on versions whose pairing does not finish by itself a connect follows the scan.
 *
 * @module
 */

import type { Gateway } from "../_shared/gateway/client.ts";
import { gatewayOf } from "../_shared/gateway/instance.ts";
import { serveScheduled } from "../_shared/http/serve-scheduled.ts";
import type { Clock } from "../_shared/runtime/clock.ts";
import type { Effects } from "../_shared/runtime/effects.ts";
import {
  addCounts,
  addTurns,
  type Counts,
  takeTurns,
  type TurnLimits,
  type TurnsTaken,
} from "../_shared/runtime/leases.ts";
import { errorName, type Log } from "../_shared/runtime/log.ts";
import { readOwedLogout, readRegistry, type TurnEnd } from "./decide.ts";
import { followScan } from "./follow-scan.ts";
import { LOOK_LIMITS, lookAtNumber, type Seen } from "./look.ts";
import { tryHearing } from "./trials.ts";
import { createWorkList, type Lease, type ProbeLease, type WorkList } from "./work-list.ts";

/**
 * Within what the platform gives a request: the longest turn takes 46 s (registry 8, record 10,
 * logout 10, registry 8, record 10).
 */
const WAITING_LIMITS: TurnLimits = {
  concurrency: 20,
  leases: 500,
  leasingMs: 45_000,
  gatherMs: 100,
};

/**
 * The longest turn takes 47 s (its place 10, twice probe 8, memory 2 and registry 2, 3 between, record
 * 10), and a look 2 ms of the platform's 2 s of processor. `ghost_repair.settings.looks_a_call`
 * knows how many leases one call takes.
 */
const PROBE_LIMITS: TurnLimits = {
  concurrency: 60,
  leases: 300,
  leasingMs: 45_000,
  gatherMs: 100,
};

const LEASE_SECONDS = 120;

/** What was found is written so many at once, or after so long, in ms. */
const BATCH = 40;
const BATCH_MS = 2_000;

/** Makes the function. */
export function createHandler(effects: Effects): (request: Request) => Promise<Response> {
  return serveScheduled("watch-instances", effects, async (log) => {
    const workList = createWorkList(effects.database, LEASE_SECONDS);
    return addTurns(
      ...await Promise.all([
        watchWaiting(effects, workList, log),
        watchConnected(effects, workList, log),
        tryHearing(effects, log),
      ]),
    );
  });
}

/** Looks at the connected numbers that are due. */
async function watchConnected(effects: Effects, workList: WorkList, log: Log): Promise<TurnsTaken> {
  const { clock } = effects;
  const silent = new Set<string>();
  let batch: (readonly [ProbeLease, Seen])[] = [];
  let batchSince = 0;
  const record = async (found: typeof batch): Promise<Counts> => {
    if (found.length === 0) return {};
    try {
      return await workList.recordProbes(found);
    } catch (error) {
      // Their leases end by themselves, and they are looked at again.
      log.write("error", "watch_failed", { count: found.length, error: errorName(error) });
      return { failed: found.length };
    }
  };
  const flush = () => {
    const found = batch;
    batch = [];
    return record(found);
  };
  const turn = async (lease: ProbeLease): Promise<Counts> => {
    const { instance_id: instanceId, api_url: apiUrl } = lease;
    await clock.sleep(lease.wait_ms);
    const isGatewaySilent = () => silent.has(apiUrl);
    const seen: Seen = isGatewaySilent()
      ? { verdict: "skipped", detail: { probes: [], ms: 0 } }
      : await lookAtNumber(lease.phone_number, {
        gateway: gatewayOf(lease, effects, LOOK_LIMITS),
        clock,
        isGatewaySilent,
      });
    log.write("debug", "probed", { instanceId, outcome: seen.verdict });
    // Told at once, alone: the number's row is waited for, and the gateway's others wait for it.
    if (seen.verdict === "silent") silent.add(apiUrl);
    if (seen.verdict === "dead" || seen.verdict === "silent") return await record([[lease, seen]]);
    if (batch.length === 0) batchSince = clock.monotonicMs();
    batch.push([lease, seen]);
    const isDue = batch.length >= BATCH || clock.monotonicMs() - batchSince >= BATCH_MS;
    return isDue ? await flush() : {};
  };
  const taken = await takeTurns({
    lease: workList.leaseProbes,
    turn,
    faultEvent: "watch_failed",
    log,
    clock,
  }, PROBE_LIMITS);
  return { ...taken, counts: addCounts([taken.counts, await flush()]) };
}

/** Looks at the waiting numbers that are due. */
function watchWaiting(effects: Effects, workList: WorkList, log: Log): Promise<TurnsTaken> {
  return takeTurns<Lease>({
    lease: workList.lease,
    turn: async (lease) => {
      const end = await watch(lease, gatewayOf(lease, effects), workList, effects.clock);
      log.write("debug", "watched", { instanceId: lease.instance_id, outcome: end });
      return end;
    },
    faultEvent: "watch_failed",
    log,
    clock: effects.clock,
  }, WAITING_LIMITS);
}

/** Takes one waiting number's turn. */
async function watch(
  lease: Lease,
  gateway: Pick<Gateway, "registry" | "memory" | "connect" | "logout">,
  workList: WorkList,
  clock: Pick<Clock, "sleep">,
): Promise<TurnEnd> {
  const registry = await gateway.registry();
  if (lease.scanning && registry.outcome === "connecting") {
    await followScan(lease, gateway, workList, clock);
  }
  const recorded = await workList.record(lease, readRegistry(registry));
  if (recorded.next !== "logout") return recorded.next;
  const logout = await gateway.logout();
  // Its status is never believed.
  const outcome = readOwedLogout(logout, await gateway.registry());
  await workList.recordLogout(lease, recorded.token, outcome);
  return "logout";
}
