/**
 * One step of an open repair: probe, look, decide, at most one changing call, and a probe after it; and
 * how many of them fit into one tick.
 *
 * @module
 */

import type { Gateway } from "../_shared/gateway/client.ts";
import { outcomeRecord } from "../_shared/gateway/outcomes.ts";
import { isDoubted } from "../_shared/gateway/prove-life.ts";
import type { Clock } from "../_shared/runtime/clock.ts";
import type { TurnLimits } from "../_shared/runtime/leases.ts";
import { decide, type Decision, type Evidence, nextProofIn } from "./decide.ts";
import { gatherEvidence, type SampleBudget } from "./look.ts";
import type { RepairLease, StepRecord, WorkList } from "./work-list.ts";

/**
 * One step takes 105 s at most: registry 8, probe 8, look 12 to 46, one call 20, the probe after it 12,
 * the database. Within the platform's 2 s of processor: about 3 ms a step without a look.
 */
export const LIMITS: TurnLimits = {
  concurrency: 40,
  leases: 300,
  leasingMs: 40_000,
  gatherMs: 100,
};

/**
 * Samples of the memory in one tick, all looks together: each costs 0.4 to 1.3 ms of processor
 * (measured). Repairs whose look does not fit are the next tick's first.
 */
export const TICK_SAMPLES = 1_000;

/** Gateways whose version is read in one tick, at once. */
export const VERSIONS = 10;

/** Well after the longest step. */
export const LEASE_SECONDS = 150;

/** Looked at again after so long: with a scheduler of minutes at its next tick. In seconds. */
const NEXT_TICK_S = 30;

/**
 * After a connect or a restart the session is open within 3 s (measured: 0.5 and 2.2), and the tick
 * that made the call sees it: the next may be a minute away. In ms.
 */
const OPENS_WITHIN_MS = 3_000;

/** After a person was told, the probe goes on at this pace. In seconds. */
const PROBE_S = 300 - NEXT_TICK_S;

/** What a step needs. */
export interface StepEffects {
  readonly gateway: Pick<
    Gateway,
    "probe" | "registry" | "memory" | "connect" | "restart" | "logout"
  >;
  readonly clock: Pick<Clock, "sleep" | "monotonicMs">;
  /** Shared by all steps of a tick. */
  readonly budget: SampleBudget;
  readonly workList: Pick<WorkList, "begin" | "record" | "postpone" | "connectingSeen">;
  /** Reads the version of the number's gateway again; must not throw. */
  readonly readVersion: () => Promise<unknown>;
}

/**
 * Takes a repair's next step.
 *
 * @returns What was recorded; `lost` where the repair was no longer ours, `queued` where it waits for
 * the next tick.
 * @throws What {@linkcode WorkList} throws. The lease then ends by itself, and a changing call that
 * was made is known.
 */
export async function advanceRepair(
  lease: RepairLease,
  { gateway, clock, budget, workList, readVersion }: StepEffects,
): Promise<StepRecord["next"] | "lost" | "queued"> {
  const seen = await gatherEvidence(lease, {
    gateway,
    clock,
    budget,
    connectingSeen: (seconds) => workList.connectingSeen(lease.instance_id, seconds),
  });
  if (seen === null) return await workList.postpone(lease) ? "queued" : "lost";
  const { evidence, probe, registry, ownNumber } = seen;
  const decision = decide(evidence);
  const step = decision.next === "call"
    ? await call(decision.step, lease, ownNumber, { gateway, clock, workList, readVersion })
    : toRecord(decision, evidence);
  const { look } = evidence;
  const ours = await workList.record(lease, {
    ...step,
    socket_dead: step.next !== "healed" && evidence.probe === "dead",
    probe,
    registry,
    ...(look === null ? {} : { memory: look.memory, connecting: look.connecting }),
  });
  return ours ? step.next : "lost";
}

type Step = Pick<StepRecord, "next" | "seconds" | "step" | "reason"> & {
  readonly answer?: ReturnType<typeof outcomeRecord>;
};

async function call(
  step: "connect" | "restart" | "logout",
  lease: RepairLease,
  ownNumber: string | null,
  { gateway, clock, workList, readVersion }: Omit<StepEffects, "budget">,
): Promise<Step> {
  // The gateway may have been brought to another version since: a logout is allowed by today's.
  if (step === "logout") await readVersion();
  // Written down before it is made, so that a tick that dies here is known to have been about to.
  if (!await workList.begin(lease, step)) {
    // No longer ours, or no longer allowed.
    return { next: "wait", reason: "not_granted", seconds: NEXT_TICK_S };
  }
  const made = await gateway[step]();
  const stepped = { step, answer: outcomeRecord(made), seconds: NEXT_TICK_S } as const;
  if (step === "logout" || ownNumber === null) return { next: "stepped", ...stepped };
  await clock.sleep(OPENS_WITHIN_MS);
  const probe = await gateway.probe(ownNumber);
  // A code says nothing: a paired session answers its old one. But a socket that waits for a scan
  // answers probes, too.
  const healed = probe.outcome === "alive" &&
    !(made.outcome === "qr" && isDoubted(probe, await gateway.memory()));
  return { next: healed ? "healed" : "stepped", ...stepped };
}

function toRecord(
  decision: Exclude<Decision, { next: "call" }>,
  { probe, secondsSinceProcessRestart }: Evidence,
): Step {
  switch (decision.next) {
    case "healed":
    case "invalidated":
      return { next: decision.next };
    case "wait":
      return {
        next: "wait",
        reason: decision.reason,
        seconds: decision.reason === "process_restarted"
          ? nextProofIn(secondsSinceProcessRestart) ?? NEXT_TICK_S
          : NEXT_TICK_S,
      };
    case "not_helped":
      return { next: "not_helped", seconds: PROBE_S };
    case "needs_operator":
      return { next: "needs_operator", reason: decision.reason, seconds: PROBE_S };
    case "keep_probing":
      // Alive, but not quiet yet: soon.
      return { next: "needs_operator", seconds: probe === "alive" ? NEXT_TICK_S : PROBE_S };
  }
}
