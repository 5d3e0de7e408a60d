/**
 * How a session begins, breaks and ends.
 *
 * ```
 *            drop()                    WhatsApp answers
 *   open ───────────▶ reconnecting ───────────────────────▶ open
 *    ▲                  │      ▲ │
 *    │                  │      └─┘ refused, rejected, hanging (B1–B4)
 *    │ scan             ▼ final code
 *   pairing ◀──────── ended (pairing deleted)
 *            connect
 * ```
 *
 * @module
 */

import { announceState } from "../webhooks/announcements.ts";
import type { Instance } from "./instance.ts";
import type { Network } from "../model.ts";
import { end, loginFailure } from "./session-end.ts";
import type { World } from "../world.ts";

/** From the first byte to `open`, when WhatsApp answers. */
const LOGIN_MS = 150;
/** How long Baileys waits for a login's answer (B3), and for a websocket upgrade (B4). */
const GIVES_UP_AFTER_MS = { login: 60_000, upgrade: 30_000 } as const;
/** From a half-open socket's silence to the keep-alive that notices it. */
export const KEEP_ALIVE_NOTICES_MS = 55_000;
/** From an ordinary close to the next try, while nothing is wrong. */
export const BLIP_MS = 550;
/** The same where the gateway itself closed the socket. */
export const RESTART_MS = 250;

/** The session is open: registry, memory and websocket agree. */
export function open(world: World, instance: Instance): void {
  instance.rest();
  instance.memory = "open";
  instance.socket = "open";
  instance.ghost = null;
  instance.ownerJid = `${instance.phone}@s.whatsapp.net`;
  instance.register("open", world.now());
  announceState(world, instance, "open", 200);
  if (instance.relapses) return goSilent(world, instance, KEEP_ALIVE_NOTICES_MS);
  handOver(instance);
}

/** WhatsApp hands over what it kept while the device was away. */
function handOver(instance: Instance): void {
  for (const deliver of instance.held.splice(0)) deliver();
}

/** A1: the socket stays open and nothing comes back, until the keep-alive notices. */
export function goSilent(world: World, instance: Instance, noticedAfterMs: number): void {
  instance.memory = "open";
  instance.socket = "silent";
  instance.ghost = "A1";
  world.begin(instance, "silence", async (sleep) => {
    await sleep(noticedAfterMs);
    drop(world, instance, 0);
  });
}

/**
 * The websocket closes and the process notices: it reconnects.
 *
 * @param pauseMs From the close to the first try.
 */
export function drop(world: World, instance: Instance, pauseMs: number): void {
  instance.socket = "closed";
  if (instance.ignoresClose) {
    instance.ghost = "A2";
    return instance.rest();
  }
  instance.memory = "close";
  reconnect(world, instance, pauseMs + world.rules.reconnectDelayMs);
}

/** Baileys' reconnect loop: tries until WhatsApp lets it in or throws it out for good. */
export function reconnect(world: World, instance: Instance, pauseMs: number): void {
  world.begin(instance, "reconnect", async (sleep) => {
    if (pauseMs > 0) await sleep(pauseMs);
    while (true) {
      instance.memory = "connecting";
      instance.socket = "upgrading";
      announceState(world, instance, "connecting", 200);
      const network = world.networkOf(instance);
      const verdict = verdictOf(world, instance, network);
      if (verdict !== "try again") {
        await sleep(LOGIN_MS);
        if (verdict === "welcome") {
          return instance.sockets > 1 ? flap(world, instance) : open(world, instance);
        }
        return end(world, instance, verdict, loginFailure(verdict));
      }
      await attempt(world, instance, network, sleep);
    }
  });
}

/** What a login comes to: in, out for good with a code, or again. */
function verdictOf(
  world: World,
  instance: Instance,
  network: Network,
): "welcome" | "try again" | number {
  if (network.kind === "reachable") return instance.refusal ?? "welcome";
  const final = network.kind === "rejecting" && world.rules.finalCodes.includes(network.code);
  return final ? network.code : "try again";
}

/** One try that fails, from `connecting` to just before the next. */
async function attempt(
  world: World,
  instance: Instance,
  network: Network,
  sleep: (ms: number) => Promise<void>,
): Promise<void> {
  const period = world.settings.reconnectLoopMs / instance.sockets;
  const close = async (ms: number) => {
    instance.memory = "close";
    instance.socket = "closed";
    await sleep(ms + world.rules.reconnectDelayMs);
  };
  if (network.kind === "hanging") {
    instance.ghost = network.at === "login" ? "B3" : "B4";
    instance.socket = network.at === "login" ? "login" : "upgrading";
    await sleep(GIVES_UP_AFTER_MS[network.at]);
    if (world.rules.reconnectDelayMs > 0) await close(0);
  } else if (network.kind === "rejecting") {
    // Measured: memory `close` in 11 of 20 samples; the websocket is open for part of the rest.
    instance.ghost = "B2";
    await sleep(period * 0.3);
    instance.socket = "doomed";
    await sleep(period * 0.25);
    await close(period * 0.7);
  } else {
    // Measured: memory `close` in 95 % of the samples.
    instance.ghost = "B1";
    await sleep(period * 0.05);
    await close(period * 0.95);
  }
}

/** Two sockets of one device throw each other out, for ever. */
export function flap(world: World, instance: Instance): void {
  instance.sockets = 2;
  world.begin(instance, "flapping", async (sleep) => {
    instance.ownerJid = `${instance.phone}@s.whatsapp.net`;
    while (true) {
      instance.memory = "open";
      instance.socket = "open";
      instance.ghost = "flapping-440";
      instance.register("open", world.now());
      announceState(world, instance, "open", 200);
      handOver(instance);
      await sleep(world.settings.conflictMs);
      instance.memory = "close";
      instance.socket = "closed";
      announceState(world, instance, "close", 440);
      await sleep(300);
      instance.memory = "connecting";
      instance.socket = "upgrading";
      announceState(world, instance, "connecting", 200);
      await sleep(LOGIN_MS);
    }
  });
}
