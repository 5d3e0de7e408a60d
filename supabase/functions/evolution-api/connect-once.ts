/**
 * One connect that somebody asked for, under a claim from the database.
 *
 * ```text
 * registry ── open ─────────────────────────▶ connected (nothing is called: it may be a live loop)
 *    ├── close ──────────────▶ connect ─▶ open | QR | not yet
 *    ├── connecting ─▶ memory ── connecting ▶ connect: it repeats the QR that is showing
 *    │                   └── anything else ─▶ nothing: a second socket could come of it
 *    └── not known ─────────────────────────▶ nothing
 * ```
 *
 * @module
 */

import { z } from "zod";
import { instanceStatus, qrView } from "../_shared/contracts/instances.ts";
import type { Effects } from "../_shared/runtime/effects.ts";
import { ApiError } from "../_shared/http/errors.ts";
import { createGateway, type Gateway } from "../_shared/gateway/client.ts";
import type { ConnectOutcome, Measured } from "../_shared/gateway/outcomes.ts";
import type { Log } from "../_shared/runtime/log.ts";
import { type GatewayFailure, isGatewayFailure } from "./gateway-errors.ts";
import { type InstanceConnection, instanceConnection } from "../_shared/messages/send-messages.ts";

/** The database's leave to connect. */
export const claimedConnect = z.object({
  result: z.literal("claimed"),
  token: z.uuid(),
  instance: instanceConnection,
});

/** How the number is afterwards. */
export interface Connected {
  readonly status: z.infer<typeof instanceStatus>;
  readonly qr: z.infer<typeof qrView> | null;
  /** Why the gateway gave nothing; null where it answered. */
  readonly failure: GatewayFailure | null;
}

const recorded = z.object({ status: instanceStatus, qr: z.nullable(qrView) }).nullable();

/** A claim and what it is about. */
export interface ConnectClaim {
  readonly token: string;
  readonly instance: Pick<InstanceConnection, "id" | "instance_name" | "api_url" | "api_key">;
}

/**
 * Connects and writes down what came of it.
 *
 * @param isNew Made a moment ago: its registry need not be read.
 * @throws {ApiError} INSTANCE_NOT_FOUND where the number was deleted meanwhile.
 */
export async function connectOnce(
  { token, instance }: ConnectClaim,
  effects: Effects,
  log: Log,
  { isNew = false } = {},
): Promise<Connected> {
  const gateway = createGateway({
    apiUrl: instance.api_url,
    apiKey: instance.api_key,
    instanceName: instance.instance_name,
  }, effects);
  const found = isNew ? readConnect(await gateway.connect()) : await ask(gateway);
  const { result, step, ms, httpStatus } = found;
  log.write("info", "connect_answered", {
    step,
    outcome: result,
    ms,
    ...(httpStatus === undefined ? {} : { httpStatus }),
  });
  const now = await effects.database.call("record_connect", {
    p_instance_id: instance.id,
    p_token: token,
    p_source: "user",
    p_outcome: toRecord(found),
  }, recorded);
  if (now === null) throw new ApiError("INSTANCE_NOT_FOUND", { field: "instanceId" });
  return { ...now, failure: isGatewayFailure(result) ? result : null };
}

interface Found extends Measured {
  readonly step: "registry" | "memory" | "connect";
  readonly result: "registry_open" | "open" | "qr" | "no_qr_yet" | GatewayFailure;
  readonly qr?: Readonly<Record<"code" | "base64" | "pairing_code", string | null>>;
}

async function ask(gateway: Gateway): Promise<Found> {
  const registry = await gateway.registry();
  switch (registry.outcome) {
    case "open":
      return { ...measuredBy("registry", registry), result: "registry_open" };
    case "close":
      return readConnect(await gateway.connect());
    case "connecting": {
      const memory = await gateway.memory();
      return memory.outcome === "connecting"
        ? readConnect(await gateway.connect())
        : { ...measuredBy("memory", memory), result: "no_qr_yet" };
    }
    default:
      return { ...measuredBy("registry", registry), result: registry.outcome };
  }
}

function readConnect(answer: ConnectOutcome): Found {
  const seen = measuredBy("connect", answer);
  if (answer.outcome !== "qr") return { ...seen, result: answer.outcome };
  const { code, base64, pairingCode } = answer;
  return { ...seen, result: "qr", qr: { code, base64, pairing_code: pairingCode } };
}

function measuredBy<S extends Found["step"]>(step: S, { ms, httpStatus }: Measured) {
  return { step, ms: Math.round(ms), ...(httpStatus === undefined ? {} : { httpStatus }) };
}

/** Unknown is not disconnected: `record_connect` then writes the event alone. */
function toRecord({ result, ...rest }: Found): Record<string, unknown> {
  return isGatewayFailure(result) && result !== "refused" && result !== "not_found"
    ? { ...rest, result: "unknown", outcome: result }
    : { ...rest, result };
}
