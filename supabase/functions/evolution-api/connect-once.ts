/**
 * A connect that a person asked for, under a lease from the database, and once more where it brought
 * no QR, or one that is old: after the QR limit the gateway's first answer is empty, and the next
 * one has a code. Nobody who opens the page is left without one.
 *
 * Where the registry says `connecting`, the process's memory is asked too: a connect repeats the QR
 * that is showing there, and into anything else it could start a second socket. Memory that stays
 * `close` is a pairing that was given up; one that is `close` for a moment has just been scanned.
 *
 * @module
 */

import * as z from "zod/mini";
import { instanceStatus, qrView } from "../_shared/contracts/instances.ts";
import type { Gateway } from "../_shared/gateway/client.ts";
import { instanceConnection } from "../_shared/contracts/instance-row.ts";
import {
  type ConnectRecord,
  decideByRegistry,
  finding,
  gatewayOf,
  type InstanceAddress,
  readConnect,
} from "../_shared/gateway/instance.ts";
import { ApiError } from "../_shared/http/errors.ts";
import type { Clock } from "../_shared/runtime/clock.ts";
import type { Call, GatewayFailure } from "./action.ts";

/** The database's leave to connect. */
export const claimedConnect = z.object({
  result: z.literal("claimed"),
  token: z.uuid(),
  epoch: z.int(),
  instance: instanceConnection,
  shown: z.nullable(z.string()),
});

/** How the number is afterwards. */
interface Connected {
  readonly status: z.infer<typeof instanceStatus>;
  readonly qr: z.infer<typeof qrView> | null;
  /** Why the gateway gave nothing; null where it answered. */
  readonly failure: GatewayFailure | null;
}

const recorded = z.nullable(z.object({ status: instanceStatus, qr: z.nullable(qrView) }));

/** Memory is `close` for half a second after a scan, on 2.4 for three, and has to be so for four. */
const LOOKS = 15;
const LOOK_EVERY_MS = 300;

/** A pairing that was begun anew has its first code by then. */
const AGAIN_AFTER_MS = 3_000;

/** A gateway this slow is not asked again: the lease would end. */
const AGAIN_WITHIN_MS = 20_000;

/** A leave and what it is about. */
interface ConnectClaim {
  readonly token: string;
  /** How often the session had been reported open by then; what is found counts for no later one. */
  readonly epoch: number;
  /** The code that was shown last, and is old by now. A secret. */
  readonly shown: string | null;
  readonly instance: InstanceAddress & { readonly id: string };
}

/**
 * Connects and writes down what came of it.
 *
 * @param isNew Made a moment ago: its registry need not be read.
 * @throws {ApiError} INSTANCE_NOT_FOUND where the number was deleted meanwhile.
 */
export async function connectOnce(
  { token, epoch, shown, instance }: ConnectClaim,
  { effects, log }: Pick<Call, "effects" | "log">,
  { isNew = false } = {},
): Promise<Connected> {
  const gateway = gatewayOf(instance, effects);
  const began = effects.clock.monotonicMs();
  const asked = { gateway, shown, clock: effects.clock };
  let found = isNew ? await connect(asked) : await askAndConnect(asked);
  if (isOld(found, shown) && effects.clock.monotonicMs() - began < AGAIN_WITHIN_MS) {
    await effects.clock.sleep(AGAIN_AFTER_MS);
    found = await connectAgain(asked, found);
  }
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
    p_epoch: epoch,
  }, recorded);
  if (now === null) throw new ApiError("INSTANCE_NOT_FOUND", { field: "instanceId" });
  return { ...now, failure: failureOf(found) };
}

/** A gateway, and what is known of its QR. */
interface Asked {
  readonly gateway: Gateway;
  readonly shown: string | null;
  readonly clock: Clock;
}

async function connect({ gateway }: Asked): Promise<ConnectRecord> {
  return readConnect(await gateway.connect());
}

async function askAndConnect(asked: Asked): Promise<ConnectRecord> {
  const decision = decideByRegistry(await asked.gateway.registry());
  if (decision.next === "record") return decision.record;
  if (decision.next === "connect") return await connect(asked);
  return await lookAtMemory(asked) ?? await connect(asked);
}

/** The answer to a connect that brought nothing to scan. */
function isOld(found: ConnectRecord, shown: string | null): boolean {
  return found.step === "connect" &&
    (found.result === "no_qr_yet" ||
      (found.result === "qr" && shown !== null && found.qr.code === shown));
}

/** Once more, unless memory says that somebody scans; an old QR is better than none. */
async function connectAgain(asked: Asked, first: ConnectRecord): Promise<ConnectRecord> {
  if (await lookAtMemory(asked) !== null) return first;
  const second = await connect(asked);
  return second.result === "qr" || second.result === "open" ? second : first;
}

/** Null: a connect does no harm. Otherwise what was seen, to be recorded instead. */
async function lookAtMemory({ gateway, clock }: Asked): Promise<ConnectRecord | null> {
  for (let look = 1;; look++) {
    const memory = await gateway.memory();
    if (memory.outcome === "connecting" && look === 1) return null;
    if (memory.outcome !== "close") return { result: "no_qr_yet", ...finding("memory", memory) };
    if (look === LOOKS) return null;
    await clock.sleep(LOOK_EVERY_MS);
  }
}

function failureOf(found: ConnectRecord): GatewayFailure | null {
  if (found.result === "unknown") return found.outcome;
  return found.result === "refused" || found.result === "not_found" ? found.result : null;
}
