/**
 * The life of a QR code: shown, renewed, scanned, or given up.
 *
 * @module
 */

import type { Gateway } from "../model/gateway.ts";
import { type Instance, PROFILE_PICTURE, type Qr } from "../model/instance.ts";
import { MessageStore } from "../model/message-store.ts";
import { qrDataUrl } from "./qr-image.ts";
import { openSession, startConnecting } from "./session.ts";

/** From the first byte to the first QR code. */
const FIRST_QR_MS = 220;
/** From a scan to `connecting`, and from there to `open`. */
const SCAN_MS = 220;

/** What came of a scan. */
export type ScanOutcome =
  | { readonly accepted: true }
  | { readonly accepted: false; readonly reason: "no QR is showing" | "expired" };

/** A new QR code, as if WhatsApp had sent it. */
export function nextQr(gateway: Gateway, instance: Instance): Qr {
  const { random } = gateway.settings;
  const parts = [random.base64(48), random.base64(32), random.base64(32), random.base64(32)];
  const code = `2@${parts.join(",")}`;
  let drawn: string | undefined;
  return {
    count: instance.qr.count + 1,
    code,
    // Drawn for whoever looks: that takes longer than all the rest of a pairing.
    get base64() {
      return drawn ??= qrDataUrl(code);
    },
  };
}

/** Asks WhatsApp for QR codes and shows them, until one is scanned or the limit is reached. */
export function beginPairing(gateway: Gateway, instance: Instance): void {
  gateway.begin(instance, "pairing", async (sleep) => {
    instance.ghost = null;
    instance.sockets = 1;
    while (true) {
      startConnecting(gateway, instance);
      await sleep(FIRST_QR_MS);
      if (gateway.networkOf(instance).kind === "reachable") break;
      instance.become("close", "closed");
      await sleep(gateway.settings.reconnectLoopMs + gateway.rules.reconnectDelayMs);
    }
    while (instance.qr.count < gateway.settings.qrLimit) {
      instance.qr = nextQr(gateway, instance);
      instance.socket = "pairing";
      instance.register("connecting", gateway.now());
      const { code, base64 } = instance.qr;
      const qrcode = { instance: instance.name, pairingCode: null, code, base64 };
      gateway.emit(instance, "qrcode.updated", { qrcode });
      await sleep(gateway.settings.qrLifetimeMs);
    }
    giveUpPairing(gateway, instance);
  });
}

/** C4: too many QR codes without a scan; the next connect starts again. */
export function giveUpPairing(gateway: Gateway, instance: Instance): void {
  instance.rest();
  instance.become("close", "closed");
  instance.qr = { count: 0 };
  instance.ghost = "C4";
  instance.register("close", gateway.now());
  gateway.emit(instance, "qrcode.updated", {
    message: "QR code limit reached, please login again",
    statusCode: 500,
  });
  gateway.emit(instance, "connection.update", {
    instance: instance.name,
    state: "refused",
    statusReason: 428,
    ...(instance.ownerJid === null
      ? {}
      : { wuid: instance.ownerJid, profilePictureUrl: PROFILE_PICTURE }),
  });
}

/**
 * A phone scans the QR code that is showing; the session is open half a second later.
 *
 * @param scan.code The code on the screen, if it may be an old one; the current one, unless given.
 * @param scan.phone The number that scans, digits only; the instance's own, unless given.
 */
export function scanQr(
  gateway: Gateway,
  instance: Instance,
  { code, phone }: { readonly code?: string | undefined; readonly phone?: string | undefined },
): ScanOutcome {
  if (instance.socket !== "pairing") return { accepted: false, reason: "no QR is showing" };
  if (code !== undefined && code !== instance.qr.code) {
    return { accepted: false, reason: "expired" };
  }
  gateway.begin(instance, "scanning", async (sleep) => {
    await sleep(SCAN_MS);
    if (phone !== undefined && phone !== instance.phone) {
      instance.phone = phone;
      instance.phoneMessages = new MessageStore();
    }
    instance.paired = true;
    instance.historyOwed = true;
    instance.refusal = null;
    // A pairing ends with a close and a new login. Where closes go unnoticed, that is a connect's.
    if (instance.ignoresClose) return instance.become("close", "closed");
    startConnecting(gateway, instance);
    await sleep(SCAN_MS);
    openSession(gateway, instance);
  });
  return { accepted: true };
}
