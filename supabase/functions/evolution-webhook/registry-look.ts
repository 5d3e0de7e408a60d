/**
 * Where two reports contradict each other, the gateway's registry decides: read after the webhook
 * was answered, once for all who doubt at the same time.
 *
 * @module
 */

import * as z from "zod/mini";
import { instanceAddress } from "../_shared/contracts/instance-row.ts";
import { gatewayOf } from "../_shared/gateway/instance.ts";
import type { Effects } from "../_shared/runtime/effects.ts";
import {
  applyLook,
  type Change,
  type ChangeResult,
  type RegistryLook,
  type WebhookDelivery,
} from "./changes.ts";

/** Tries to read the registry; what is still unknown then is the scheduler's. */
const TRIES = 2;

/** Between two tries, in ms. The client gives each of them 8 seconds. */
const PAUSE_MS = 3_000;

const looks = z.array(z.object({
  token: z.string(),
  ...instanceAddress.shape,
}));

/**
 * Reads the registry for a report that was doubted, and has the report judged once more.
 *
 * @returns What became of the report; null where somebody else is looking.
 */
export async function settleDoubt(
  effects: Effects,
  instanceId: string,
  change: Change,
  delivery: WebhookDelivery,
): Promise<ChangeResult | null> {
  const { database, clock } = effects;
  const [row] = await database.call("begin_registry_look", { p_instance_id: instanceId }, looks);
  if (row === undefined) return null;
  const gateway = gatewayOf(row, effects);
  let registry: RegistryLook["registry"] = null;
  for (let tries = 1; registry === null && tries <= TRIES; tries++) {
    if (tries > 1) await clock.sleep(PAUSE_MS);
    const { outcome } = await gateway.registry();
    registry = outcome === "open" || outcome === "close" || outcome === "connecting"
      ? outcome
      : null;
  }
  return await applyLook(database, instanceId, change, delivery, { token: row.token, registry });
}
