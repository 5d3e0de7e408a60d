/**
 * The life of a QR code: shown, renewed, scanned, or given up.
 *
 * @module
 */

import { announceQr, announceQrLimit, announceState } from "../webhooks/announcements.ts";
import type { Instance } from "./instance.ts";
import type { Qr } from "../model.ts";
import { qrDataUrl } from "../qr-image.ts";
import { open } from "./session.ts";
import type { World } from "../world.ts";

/** From the first byte to the first QR code. */
const FIRST_QR_MS = 220;
/** From a scan to `connecting`, and from there to `open`. */
const SCAN_MS = 220;

/** What came of a scan. */
export type ScanOutcome =
  | { readonly accepted: true }
  | { readonly accepted: false; readonly reason: "no QR is showing" | "expired" };

/** A new QR code, as if WhatsApp had sent it. */
export function nextQr(world: World, instance: Instance): Qr {
  const { random } = world.settings;
  const parts = [random.base64(48), random.base64(32), random.base64(32), random.base64(32)];
  const code = `2@${parts.join(",")}`;
  return { count: instance.qr.count + 1, code, base64: qrDataUrl(code) };
}

/** Asks WhatsApp for QR codes and shows them, until one is scanned or the limit is reached. */
export function pair(world: World, instance: Instance): void {
  world.begin(instance, "pairing", async (sleep) => {
    instance.ghost = null;
    instance.sockets = 1;
    while (true) {
      instance.memory = "connecting";
      instance.socket = "upgrading";
      announceState(world, instance, "connecting", 200);
      await sleep(FIRST_QR_MS);
      if (world.networkOf(instance).kind === "reachable") break;
      instance.memory = "close";
      instance.socket = "closed";
      await sleep(world.settings.reconnectLoopMs + world.rules.reconnectDelayMs);
    }
    while (instance.qr.count < world.settings.qrLimit) {
      instance.qr = nextQr(world, instance);
      instance.socket = "pairing";
      instance.register("connecting", world.now());
      announceQr(world, instance);
      await sleep(world.settings.qrLifetimeMs);
    }
    giveUp(world, instance);
  });
}

/** C4: too many QR codes without a scan; the next connect starts again. */
export function giveUp(world: World, instance: Instance): void {
  instance.rest();
  instance.memory = "close";
  instance.socket = "closed";
  instance.qr = { count: 0 };
  instance.ghost = "C4";
  instance.register("close", world.now());
  announceQrLimit(world, instance);
}

/**
 * A phone scans the QR code that is showing; the session is open half a second later.
 *
 * @param scan.code The code on the screen, if it may be an old one; the current one, unless given.
 * @param scan.phone The number that scans, digits only; the instance's own, unless given.
 */
export function scan(
  world: World,
  instance: Instance,
  { code, phone }: { readonly code?: string | undefined; readonly phone?: string | undefined },
): ScanOutcome {
  if (instance.socket !== "pairing") return { accepted: false, reason: "no QR is showing" };
  if (code !== undefined && code !== instance.qr.code) {
    return { accepted: false, reason: "expired" };
  }
  world.begin(instance, "scanning", async (sleep) => {
    await sleep(SCAN_MS);
    instance.socket = "upgrading";
    instance.phone = phone ?? instance.phone;
    instance.paired = true;
    instance.refusal = null;
    announceState(world, instance, "connecting", 200);
    await sleep(SCAN_MS);
    open(world, instance);
  });
  return { accepted: true };
}
