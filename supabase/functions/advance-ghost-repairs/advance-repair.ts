/**
 * One tick of one repair: probe, look, decide, and at most one changing call.
 *
 * @module
 */

import type { Clock } from "../_shared/runtime/clock.ts";
import type { Gateway } from "../_shared/gateway/client.ts";
import {
  outcomeRecord,
  type ProbeOutcome,
  type RegistryOutcome,
} from "../_shared/gateway/outcomes.ts";
import { decide, type Decision, needsLook } from "./decide.ts";
import type { Evidence } from "./evidence.ts";
import { look } from "./look.ts";
import type { RepairLease, RepairList, StepRecord } from "./work-list.ts";

/** Due again at the next tick, whatever the scheduler's jitter. In seconds. */
const NEXT_TICK_S = 30;

/** After a person was told, the probe goes on at this pace. In seconds. */
const PROBE_S = 300 - NEXT_TICK_S;

/** What a tick of a repair needs. */
export interface AdvanceEffects {
  readonly gateway: Pick<
    Gateway,
    "probe" | "registry" | "memory" | "webhook" | "connect" | "restart" | "logout"
  >;
  readonly clock: Pick<Clock, "sleep">;
  readonly list: Pick<RepairList, "begin" | "record" | "connectingSeen">;
}

/**
 * Takes a repair's next step.
 *
 * @returns What was recorded; `lost` where the repair was no longer ours.
 * @throws What {@linkcode RepairList} throws. The lease then ends by itself, and a changing call that
 * was made is known.
 */
export async function advanceRepair(
  lease: RepairLease,
  effects: AdvanceEffects,
): Promise<StepRecord["next"] | "lost"> {
  const { gateway, list } = effects;
  const registry = await gateway.registry();
  const probe = await ask(lease, registry, gateway);
  const seen = {
    ...lease.known,
    registry: judgeRegistry(registry),
    probe: judgeProbe(probe, registry),
  };
  const looked = needsLook(seen)
    ? await look(lease.instanceId, {
      gateway,
      clock: effects.clock,
      connectingSeen: (seconds) => list.connectingSeen(lease.instanceId, seconds),
    })
    : null;
  const evidence: Evidence = { ...seen, look: looked };
  const decision = decide(evidence);
  const facts = {
    socket_dead: evidence.probe === "dead",
    probe: probe.outcome,
    registry: registry.outcome,
    ...(looked === null ? {} : { memory: looked.memory, connecting: looked.connecting }),
  };

  if (decision.next !== "call") return await record(lease, list, { ...found(decision), ...facts });
  // Written down before it is made, so that a tick that dies here is known to have been about to.
  if (!await list.begin(lease, decision.step)) {
    // No longer ours, or no longer allowed.
    const refused = { next: "wait", reason: "not_granted", seconds: NEXT_TICK_S } as const;
    return await record(lease, list, { ...refused, ...facts });
  }
  const answer = await gateway[decision.step]();
  return await record(lease, list, {
    next: "stepped",
    step: decision.step,
    seconds: NEXT_TICK_S,
    answer: outcomeRecord(answer),
    ...facts,
  });
}

async function record(
  lease: RepairLease,
  list: Pick<RepairList, "record">,
  step: StepRecord,
): Promise<StepRecord["next"] | "lost"> {
  return await list.record(lease, step) ? step.next : "lost";
}

function found(
  decision: Exclude<Decision, { next: "call" }>,
): Pick<StepRecord, "next" | "seconds" | "reason"> {
  switch (decision.next) {
    case "healed":
    case "invalidated":
      return { next: decision.next };
    case "wait":
      return { next: "wait", reason: decision.reason, seconds: NEXT_TICK_S };
    case "needs_operator":
      return { next: "needs_operator", reason: decision.reason, seconds: PROBE_S };
    case "keep_probing":
      return { next: "needs_operator", seconds: PROBE_S };
  }
}

/** The own number comes from the `open` webhook, or else from the registry. */
async function ask(
  lease: RepairLease,
  registry: RegistryOutcome,
  gateway: Pick<Gateway, "probe">,
): Promise<ProbeOutcome> {
  const ownNumber = lease.phoneNumber ?? ("ownNumber" in registry ? registry.ownNumber : null);
  return await gateway.probe(ownNumber ?? "");
}

function judgeRegistry(registry: RegistryOutcome): Evidence["registry"] {
  switch (registry.outcome) {
    case "open":
    case "close":
    case "connecting":
    case "not_found":
      return registry.outcome;
    default:
      return "unknown";
  }
}

/**
 * The socket is dead where the gateway lives and the probe did not come through: an answer of its
 * own, or none in 8 seconds. Where the gateway itself does not answer, nothing is known.
 */
function judgeProbe(probe: ProbeOutcome, registry: RegistryOutcome): Evidence["probe"] {
  if (probe.outcome === "alive") return "alive";
  if (judgeRegistry(registry) === "unknown") return "unknown";
  switch (probe.outcome) {
    case "connection_closed":
    case "refused":
    case "not_found":
    case "no_number":
    case "timeout":
      return "dead";
    default:
      return "unknown";
  }
}
