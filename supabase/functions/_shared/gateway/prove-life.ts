/**
 * A probe whose answer proves life. A socket that waits for a scan answers about numbers as well
 * (2.2.3 and 2.3.6, recorded), so an answer is doubted where nobody at the gateway calls the session
 * open.
 *
 * @module
 */

import type { Gateway } from "./client.ts";
import { isNotOpen, type MemoryOutcome, type ProbeOutcome } from "./outcomes.ts";

/**
 * Whether an answered probe is to be doubted: the memory says that the session is not open. The
 * registry decides: it follows the session, and the memory flickers.
 */
export function needsRegistry(probe: ProbeOutcome, memory: MemoryOutcome | null): boolean {
  return probe.outcome === "alive" && probe.limited !== true && isNotOpen(memory);
}

/**
 * Probes, and takes an answer that is to be doubted for `connection_closed`. Takes as long as the
 * client's limits for a probe and two readings at the most.
 *
 * @param ownNumber Digits.
 */
export async function proveLife(
  gateway: Pick<Gateway, "probe" | "memory" | "registry">,
  ownNumber: string,
): Promise<ProbeOutcome> {
  const probe = await gateway.probe(ownNumber);
  if (probe.outcome !== "alive" || probe.limited === true) return probe;
  const isDoubted = needsRegistry(probe, await gateway.memory()) &&
    isNotOpen(await gateway.registry());
  if (!isDoubted) return probe;
  return { ...probe, outcome: "connection_closed" };
}
