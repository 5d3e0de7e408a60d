/**
 * Deleting an instance at its gateway.
 *
 * @module
 */

import type { Gateway } from "./client.ts";
import type { RemoveOutcome } from "./outcomes.ts";

/** Why an instance is not gone. */
export type NotRemoved = Exclude<RemoveOutcome["outcome"], "removed" | "not_found">;

/**
 * Deletes it. Without an answer it may have been deleted all the same: the registry says.
 *
 * @returns null where it is gone.
 */
export async function removeInstance(
  gateway: Pick<Gateway, "remove" | "registry">,
): Promise<NotRemoved | null> {
  const { outcome } = await gateway.remove();
  if (outcome === "removed" || outcome === "not_found") return null;
  if (outcome === "refused" || outcome === "unauthorized") return outcome;
  return (await gateway.registry()).outcome === "not_found" ? null : outcome;
}
