/**
 * One connect that a person asked for, under a lease from the database. Where the registry says
 * `connecting`, the process's memory is asked too: a connect repeats the QR that is showing there,
 * and into anything else it could start a second socket.
 *
 * @module
 */

import * as z from "zod/mini";
import { instanceStatus, qrView } from "../_shared/contracts/instances.ts";
import type { Gateway } from "../_shared/gateway/client.ts";
import {
  type ConnectRecord,
  decideByRegistry,
  finding,
  gatewayOf,
  type InstanceAddress,
  readConnect,
} from "../_shared/gateway/instance.ts";
import { ApiError } from "../_shared/http/errors.ts";
import { instanceConnection } from "../_shared/messages/send-messages.ts";
import type { Call, GatewayFailure } from "./action.ts";

/** The database's leave to connect. */
export const claimedConnect = z.object({
  result: z.literal("claimed"),
  token: z.uuid(),
  instance: instanceConnection,
});

/** How the number is afterwards. */
interface Connected {
  readonly status: z.infer<typeof instanceStatus>;
  readonly qr: z.infer<typeof qrView> | null;
  /** Why the gateway gave nothing; null where it answered. */
  readonly failure: GatewayFailure | null;
}

const recorded = z.nullable(z.object({ status: instanceStatus, qr: z.nullable(qrView) }));

/** A leave and what it is about. */
interface ConnectClaim {
  readonly token: string;
  readonly instance: InstanceAddress & { readonly id: string };
}

/**
 * Connects and writes down what came of it.
 *
 * @param isNew Made a moment ago: its registry need not be read.
 * @throws {ApiError} INSTANCE_NOT_FOUND where the number was deleted meanwhile.
 */
export async function connectOnce(
  { token, instance }: ConnectClaim,
  { effects, log }: Call,
  { isNew = false } = {},
): Promise<Connected> {
  const gateway = gatewayOf(instance, effects);
  const found = isNew ? readConnect(await gateway.connect()) : await askAndConnect(gateway);
  const outcome = found.result === "unknown" ? found.outcome : found.result;
  log.write("info", "connect_answered", {
    instanceId: instance.id,
    ...finding(found.step, found),
    outcome,
  });
  const now = await effects.database.call("record_connect", {
    p_instance_id: instance.id,
    p_token: token,
    p_source: "user",
    p_outcome: found,
  }, recorded);
  if (now === null) throw new ApiError("INSTANCE_NOT_FOUND", { field: "instanceId" });
  return { ...now, failure: failureOf(found) };
}

async function askAndConnect(gateway: Gateway): Promise<ConnectRecord> {
  const decision = decideByRegistry(await gateway.registry());
  if (decision.next === "record") return decision.record;
  if (decision.next === "connecting") {
    const memory = await gateway.memory();
    if (memory.outcome !== "connecting") {
      return { result: "no_qr_yet", ...finding("memory", memory) };
    }
  }
  return readConnect(await gateway.connect());
}

function failureOf(found: ConnectRecord): GatewayFailure | null {
  if (found.result === "unknown") return found.outcome;
  return found.result === "refused" || found.result === "not_found" ? found.result : null;
}
