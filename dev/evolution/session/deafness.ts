/**
 * How a number becomes deaf and hears again, and the way of what WhatsApp hands over: past the mutex,
 * through the instance's queue. See `model/deaf-kinds.ts`.
 *
 * @module
 */

import { z } from "zod";
import { type DeafKind, deafPlace, deafRules } from "../model/deaf-kinds.ts";
import type { Gateway } from "../model/gateway.ts";
import type { Instance } from "../model/instance.ts";
import type { StoredMessage } from "../model/message-store.ts";

/** How long the slow queue takes for a message (F7). */
const PICTURE_QUERY_MS = 60_000;

/** Variations of a deafness. */
export const DeafOptions = z.object({
  /** When it ends by itself, in ms; 0: never. As measured unless given. */
  forMs: z.number().optional(),
  /** F6: WhatsApp routes again from the next login on; default true. */
  routesAtLogin: z.boolean().optional(),
});

/** See {@linkcode DeafOptions}. */
export type DeafOptions = z.infer<typeof DeafOptions>;

/** A number that hears, or another deafness, is deaf from now on. */
export function becomeDeaf(
  gateway: Gateway,
  instance: Instance,
  kind: DeafKind,
  { forMs = deafRules(kind).endsAfterMs ?? 0, routesAtLogin = true }: DeafOptions = {},
): void {
  hearAgain(instance);
  const now = gateway.now().getTime();
  const endsAt = forMs === 0 ? Infinity : now + forMs;
  const stop = new AbortController();
  const deafness = { kind, stuck: [], freeAt: now, endsAt, routesAtLogin, stop };
  instance.deafness = deafness;
  if (forMs === 0) return;
  gateway.settings.background.start(async (signal) => {
    await gateway.settings.clock.sleep(forMs, signal);
    if (instance.deafness === deafness) hearAgain(instance);
  }, stop);
}

/** Its cause is over: what waited in the process comes now, what WhatsApp kept with it. */
export function hearAgain(instance: Instance): void {
  const { deafness } = instance;
  if (deafness === null) return;
  instance.deafness = null;
  for (const act of deafness.stuck) act();
  if (instance.socket === "open") {
    for (const { handOver } of instance.held.splice(0)) handOver();
  }
  // Last: who ends it may be its own end.
  deafness.stop.abort();
}

/** The socket is a new one: its mutex is free, and WhatsApp hands over again what was not taken. */
export function renewSocket(instance: Instance): void {
  const { deafness } = instance;
  const isOver = deafness?.kind === "F2a" || (deafness?.kind === "F6" && deafness.routesAtLogin);
  if (!isOver || deafness === null) return;
  instance.deafness = null;
  deafness.stop.abort();
  instance.held.unshift(...deafness.stuck.map((handOver) => ({ handOver, message: null })));
}

/** Hands something to the device now, or when it is back. */
export function reachDevice(
  gateway: Gateway,
  instance: Instance,
  message: StoredMessage | null,
  act: () => void,
): "delivered" | "held" {
  const handOver = () => handOverTo(gateway, instance, message !== null, act);
  const isRouted = message === null || deafPlace(instance.deafness) !== "routing";
  if (instance.socket === "open" && isRouted) {
    handOver();
    return "delivered";
  }
  instance.held.push({ handOver, message });
  return "held";
}

/**
 * Something that WhatsApp hands over: a message, or (`isMessage` false) a receipt.
 *
 * @param act What the instance then does: stores it, tells of it.
 */
function handOverTo(
  gateway: Gateway,
  instance: Instance,
  isMessage: boolean,
  act: () => void,
): void {
  const { deafness } = instance;
  if (deafPlace(deafness) === "mutex") return void deafness!.stuck.push(act);
  throughQueue(gateway, instance, act, isMessage ? PICTURE_QUERY_MS : 0);
}

/**
 * An event on its way through the instance's queue.
 *
 * @param takesMs How long a slow queue takes for it.
 */
export function throughQueue(
  gateway: Gateway,
  instance: Instance,
  act: () => void,
  takesMs = 0,
): void {
  const { deafness } = instance;
  switch (deafPlace(deafness)) {
    case "queue":
      return void deafness!.stuck.push(act);
    case "slow queue": {
      const now = gateway.now().getTime();
      deafness!.freeAt = Math.max(now, deafness!.freeAt) + takesMs;
      if (deafness!.freeAt === now) return act();
      return gateway.settings.background.start(async (signal) => {
        await gateway.settings.clock.sleep(deafness!.freeAt - now, signal);
        act();
      });
    }
    default:
      act();
  }
}

/** Whether nothing passes the instance's queue: then a close is not noticed either. */
export function isQueueBlocked({ deafness }: Instance): boolean {
  return deafPlace(deafness) === "queue";
}
