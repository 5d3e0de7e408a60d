/**
 * An instance from inside, as no gateway shows it.
 *
 * @module
 */

import type { Gateway } from "../model/gateway.ts";
import type { Instance } from "../model/instance.ts";

/** See {@linkcode inspectInstance}. */
export type Inspected = ReturnType<typeof inspectInstance>;

/** A copy: it does not move with the instance. */
export function inspectInstance(gateway: Gateway, instance: Instance) {
  const { name, id: instanceId, registry, socket, paired, ghost, phone, ownerJid } = instance;
  return {
    name,
    instanceId,
    registry,
    /** Null: the process does not hold the instance. */
    memory: instance.inMemory ? instance.memory : null,
    socket,
    paired,
    /** The QR code in memory, stale or showing. */
    qr: { ...instance.qr, showing: socket === "pairing" },
    ghost,
    /** What moves it while nobody asks. */
    life: instance.life?.kind ?? null,
    network: gateway.networkOf(instance),
    phone,
    ownerJid,
    deliveredMessages: [...instance.delivered],
    /** What a logout did to the process on some versions: see `model/versions.ts`. */
    deaf: instance.deaf,
    /** What it is deaf by. */
    deafness: instance.deafness?.kind ?? null,
    ignoresClose: instance.ignoresClose,
    /** How much WhatsApp keeps for the device until it is back. */
    heldForDevice: instance.held.length,
    webhooksSent: instance.webhooksSent.map((sent) => ({ ...sent, attempts: [...sent.attempts] })),
  };
}
