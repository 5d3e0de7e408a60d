/**
 * The webhooks about a connection, in the shapes that were recorded.
 *
 * @module
 */

import type { Disconnection, Instance } from "../session/instance.ts";
import type { World } from "../world.ts";

/** The picture every number of the simulator has. */
export const PROFILE_PICTURE = "https://pps.whatsapp.net/v/simulated.jpg";

/** The name a number shows. */
export function profileName(instance: Instance): string {
  return `Loja ${instance.ownerJid?.split("@")[0] ?? instance.phone}`;
}

/** `connection.update`: connecting, open, or thrown out by another socket (440). */
export function announceState(
  world: World,
  instance: Instance,
  state: "connecting" | "open" | "close",
  statusReason: number,
): void {
  const profile = instance.ownerJid === null ? {} : {
    wuid: instance.ownerJid,
    profileName: profileName(instance),
    profilePictureUrl: PROFILE_PICTURE,
  };
  world.emit(instance, "connection.update", {
    instance: instance.name,
    ...profile,
    state,
    statusReason,
  });
}

/** The three webhooks of a session's end, in their order. */
export function announceEnd(world: World, instance: Instance, end: Disconnection): void {
  world.emit(instance, "status.instance", {
    instance: instance.name,
    status: "closed",
    disconnectionAt: end.at,
    disconnectionReasonCode: end.code,
    disconnectionObject: end.object,
  });
  world.emit(instance, "logout.instance", null);
  world.emit(instance, "connection.update", {
    instance: instance.name,
    state: "close",
    statusReason: end.code,
  });
}

/** `qrcode.updated` with the code that is showing. */
export function announceQr(world: World, instance: Instance): void {
  world.emit(instance, "qrcode.updated", {
    qrcode: {
      instance: instance.name,
      pairingCode: null,
      code: instance.qr.code,
      base64: instance.qr.base64,
    },
  });
}

/** The two webhooks of the QR limit. */
export function announceQrLimit(world: World, instance: Instance): void {
  world.emit(instance, "qrcode.updated", {
    message: "QR code limit reached, please login again",
    statusCode: 500,
  });
  world.emit(instance, "connection.update", {
    instance: instance.name,
    state: "refused",
    statusReason: 428,
    ...(instance.ownerJid === null
      ? {}
      : { wuid: instance.ownerJid, profilePictureUrl: PROFILE_PICTURE }),
  });
}
