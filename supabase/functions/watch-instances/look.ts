/**
 * A look at a connected number that nothing was heard of: a probe, what the process's memory says
 * where that was not answered, and both once more before anything is called dead.
 *
 * @module
 */

import type { Gateway } from "../_shared/gateway/client.ts";
import type { MemoryOutcome, ProbeOutcome } from "../_shared/gateway/outcomes.ts";
import { isDoubted } from "../_shared/gateway/prove-life.ts";
import type { Clock } from "../_shared/runtime/clock.ts";
import { judgeProbe, needsMemory, type Verdict } from "./decide.ts";

/** From one silent probe to the next, in ms. */
const AGAIN_MS = 3_000;

/** For looks: the memory answers at once, where the gateway answers at all. In ms. */
export const LOOK_LIMITS = { read: 2_000 } as const;

/** What was seen, for the timeline; no number. */
export interface Seen {
  readonly verdict: Verdict;
  /** Learnt from the registry, where the row did not know it. */
  readonly ownNumber?: string;
  readonly detail: {
    readonly probes: readonly ProbeOutcome["outcome"][];
    readonly memory?: MemoryOutcome["outcome"];
    /** Of the last probe. */
    readonly ms: number;
  };
}

/** What a look needs. */
interface LookEffects {
  readonly gateway: Pick<Gateway, "probe" | "memory" | "registry">;
  readonly clock: Pick<Clock, "sleep">;
  /** Whether the number's gateway is known to be silent by now. */
  readonly isGatewaySilent: () => boolean;
}

/**
 * Looks at one number, twice where it seems dead. Takes 27 s at most.
 *
 * @param phoneNumber Its own; null where the row does not know it.
 */
export async function lookAtNumber(
  phoneNumber: string | null,
  { gateway, clock, isGatewaySilent }: LookEffects,
): Promise<Seen> {
  const registry = phoneNumber === null ? await gateway.registry() : null;
  const ownNumber = registry !== null && "ownNumber" in registry ? registry.ownNumber : null;
  const probes: ProbeOutcome["outcome"][] = [];
  while (true) {
    const probe = await gateway.probe(phoneNumber ?? ownNumber ?? "");
    probes.push(probe.outcome);
    const memory = needsMemory(probe) ? await gateway.memory() : null;
    const followed = isDoubted(probe, memory) ? await gateway.registry() : null;
    const verdict = registry !== null && ownNumber === null
      ? judgeUnknownNumber(registry.outcome)
      : judgeProbe(probe, memory, followed);
    if (verdict === "dead" && probes.length === 1) {
      await clock.sleep(AGAIN_MS);
      // Whoever else asked it has had no answer: what looked dead is not known.
      if (!isGatewaySilent()) continue;
    }
    return {
      verdict: verdict === "dead" && probes.length === 1 ? "skipped" : verdict,
      ...(ownNumber === null ? {} : { ownNumber }),
      detail: {
        probes,
        ...(memory === null ? {} : { memory: memory.outcome }),
        ms: probe.ms,
      },
    };
  }
}

/** Nobody knows whose profile to ask for. */
function judgeUnknownNumber(
  registry: Awaited<ReturnType<Gateway["registry"]>>["outcome"],
): Verdict {
  switch (registry) {
    case "timeout":
    case "unreachable":
      return "silent";
    case "unauthorized":
      return "gateway_unauthorized";
    case "unlicensed":
      return "gateway_unlicensed";
    case "invalid":
      return "gateway_error";
    case "open":
      return "no_number";
    default:
      // The row says connected, and the registry does not even know a session.
      return "dead";
  }
}
