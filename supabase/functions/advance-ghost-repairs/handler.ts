/**
 * `advance-ghost-repairs`: each open repair that is due takes one step: probe, look, decide, at most
 * one changing call, and a probe after it. Called by a scheduler when steps are due; answers counts
 * only.
 *
 * @module
 */

import type { Gateway } from "../_shared/gateway/client.ts";
import { gatewayOf } from "../_shared/gateway/instance.ts";
import { isNotOpen, outcomeRecord } from "../_shared/gateway/outcomes.ts";
import { refreshVersions } from "../_shared/messages/refresh-versions.ts";
import { requireCronSecret } from "../_shared/http/auth.ts";
import { jsonResponse, serveJson } from "../_shared/http/serve.ts";
import type { Clock } from "../_shared/runtime/clock.ts";
import type { Effects } from "../_shared/runtime/effects.ts";
import { takeTurns, type TurnLimits } from "../_shared/runtime/leases.ts";
import { errorName } from "../_shared/runtime/log.ts";
import { decide, type Decision, type Evidence, nextProofIn } from "./decide.ts";
import { gatherEvidence, type SampleBudget } from "./look.ts";
import { callNotices } from "./operator-hook.ts";
import { callRestartAgents } from "./restart-agent.ts";
import { createWorkList, type RepairLease, type StepRecord, type WorkList } from "./work-list.ts";

/**
 * One step takes 105 s at most: registry 8, probe 8, look 12 to 46, one call 20, the probe after it 12,
 * the database. Within the platform's 2 s of processor: about 3 ms a step without a look.
 */
const LIMITS: TurnLimits = { concurrency: 40, leases: 300, leasingMs: 40_000, gatherMs: 100 };

/**
 * Samples of the memory in one tick, all looks together: each costs 0.4 to 1.3 ms of processor
 * (measured). Repairs whose look does not fit are the next tick's first.
 */
const TICK_SAMPLES = 1_000;

/** Gateways whose version is read in one tick, at once. */
const VERSIONS = 10;

/** Well after the longest step. */
const LEASE_SECONDS = 150;

/** Looked at again after so long: with a scheduler of minutes at its next tick. In seconds. */
const NEXT_TICK_S = 30;

/**
 * After a connect or a restart the session is open within 3 s (measured: 0.5 and 2.2), and the tick
 * that made the call sees it: the next may be a minute away. In ms.
 */
const OPENS_WITHIN_MS = 3_000;

/** After a person was told, the probe goes on at this pace. In seconds. */
const PROBE_S = 300 - NEXT_TICK_S;

/** Makes the function. */
export function createHandler(effects: Effects): (request: Request) => Promise<Response> {
  return serveJson("advance-ghost-repairs", effects.log, async (request, { log }) => {
    requireCronSecret(request, effects.cronSecrets);
    const steps = createWorkList(effects.database, LEASE_SECONDS);
    const readVersions = (limit: number, instanceId?: string) =>
      refreshVersions(limit, effects, instanceId).catch((error: unknown) =>
        log.write("error", "version_not_read", { error: errorName(error) })
      );
    const workList: WorkList = {
      ...steps,
      // A gateway may have been brought to another version since: a logout is allowed by today's.
      begin: async (lease, step) => {
        if (step === "logout") await readVersions(1, lease.instance_id);
        return await steps.begin(lease, step);
      },
    };
    await readVersions(VERSIONS);
    // Beside the steps: a restart takes seconds, and the steps are other numbers'.
    const restarting = callRestartAgents(workList, effects, log).catch((error: unknown) => {
      log.write("error", "lease_failed", { error: errorName(error) });
      return 0;
    });
    const budget = { left: TICK_SAMPLES };
    const { ends, ...taken } = await takeTurns({
      lease: workList.lease,
      clock: effects.clock,
      turn: async (lease) => {
        const gateway = gatewayOf(lease, effects);
        return await advanceRepair(lease, { gateway, workList, budget, clock: effects.clock });
      },
      onFault: ({ instance_id: instanceId }, error) => {
        log.write("error", "repair_step_failed", { instanceId, error: errorName(error) });
        return "failed" as const;
      },
      onLeaseFault: (error) => log.write("error", "lease_failed", { error: errorName(error) }),
    }, LIMITS);
    const noticed = await callNotices(workList, effects, log);
    const counts: Record<string, number> = {};
    for (const end of ends) counts[end] = (counts[end] ?? 0) + 1;
    log.write(taken.leased > 0 ? "info" : "debug", "tick", { counts, count: taken.leased });
    const restarted = await restarting;
    return jsonResponse(200, { success: true, ...taken, ...counts, noticed, restarted });
  });
}

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
  { gateway, clock, budget, workList }: StepEffects,
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
    ? await call(decision.step, lease, ownNumber, { gateway, clock, workList })
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
  { gateway, clock, workList }: {
    readonly gateway: Pick<Gateway, "connect" | "restart" | "logout" | "probe" | "memory">;
    readonly clock: Pick<Clock, "sleep">;
    readonly workList: Pick<WorkList, "begin">;
  },
): Promise<Step> {
  // Written down before it is made, so that a tick that dies here is known to have been about to.
  if (!await workList.begin(lease, step)) {
    // No longer ours, or no longer allowed.
    return { next: "wait", reason: "not_granted", seconds: NEXT_TICK_S };
  }
  const made = await gateway[step]();
  const stepped = { step, answer: outcomeRecord(made), seconds: NEXT_TICK_S } as const;
  if (step === "logout" || ownNumber === null) return { next: "stepped", ...stepped };
  await clock.sleep(OPENS_WITHIN_MS);
  const { outcome } = await gateway.probe(ownNumber);
  // A code says nothing: a paired session answers its old one. But a socket that waits for a scan
  // answers probes, too.
  const healed = outcome === "alive" &&
    (made.outcome !== "qr" || !isNotOpen(await gateway.memory()));
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
