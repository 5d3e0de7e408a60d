/**
 * A probe whose answer proves life. A socket that waits for a scan answers about numbers as well
 * (2.2.3 and 2.3.6, recorded), so an answer is doubted where nobody at the gateway calls the session
 * open.
 *
 * @module
 */

import type { Gateway } from "./client.ts";
import type { MemoryOutcome, ProbeOutcome, RegistryOutcome } from "./outcomes.ts";

/** What memory and registry say of a session that is not open. */
const NOT_OPEN: ReadonlySet<string | undefined> = new Set([
  "close",
  "connecting",
  "missing",
  "not_found",
]);

/** What the gateway says of a session; null: it was not asked. */
export type Said = { readonly outcome: (MemoryOutcome | RegistryOutcome)["outcome"] } | null;

/**
 * Whether an answered probe proves nothing: everybody who was asked said that the session is not open.
 * Nothing asked or no answer says nothing. WhatsApp's own limit comes from WhatsApp, through the socket,
 * and is never doubted.
 *
 * Registry and memory are asked one after the other, and the second only where the first leaves a
 * doubt: the registry follows the session, and the memory flickers.
 *
 * @param said What the one that was asked first says.
 * @param other What the other says, once it was asked.
 */
export function isDoubted(probe: ProbeOutcome, said: Said, other: Said = said): boolean {
  return probe.outcome === "alive" && probe.limited !== true &&
    NOT_OPEN.has(said?.outcome) && NOT_OPEN.has(other?.outcome);
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
  const memory = await gateway.memory();
  if (!isDoubted(probe, memory)) return probe;
  const doubted = isDoubted(probe, memory, await gateway.registry());
  return doubted ? { ...probe, outcome: "connection_closed" } : probe;
}
