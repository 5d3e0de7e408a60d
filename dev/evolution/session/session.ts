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

import { deafPlace } from "../model/deaf-kinds.ts";
import type { Gateway } from "../model/gateway.ts";
import type { Network } from "../model/connection.ts";
import { type Instance, PROFILE_PICTURE } from "../model/instance.ts";
import { renewSocket, throughQueue } from "./deafness.ts";
import { endSession, loginFailure } from "./session-end.ts";
import { tellHistory } from "./incoming.ts";

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

/** From the first `open` of a pairing to the history. */
const HISTORY_MS = 3_000;

/** The session is open: registry, memory and websocket agree. */
export function openSession(gateway: Gateway, instance: Instance): void {
  instance.rest();
  becomeOpen(gateway, instance);
  instance.ghost = null;
  if (instance.historyOwed) {
    instance.historyOwed = false;
    gateway.settings.background.start(async (signal) => {
      await gateway.settings.clock.sleep(HISTORY_MS, signal);
      if (instance.paired) tellHistory(gateway, instance);
    });
  }
  if (instance.relapses) return goSilent(gateway, instance, KEEP_ALIVE_NOTICES_MS);
  handOver(gateway, instance);
}

function becomeOpen(gateway: Gateway, instance: Instance): void {
  instance.become("open", "open");
  instance.ownerJid = `${instance.phone}@s.whatsapp.net`;
  instance.register("open", gateway.now());
  announceState(gateway, instance, "open", 200);
}

/** A batch that WhatsApp does not end is handed on after so long (F1). */
const LATE_BATCH_MS = 30_000;

/** WhatsApp hands over what it kept while the device was away. */
function handOver(gateway: Gateway, instance: Instance): void {
  renewSocket(instance);
  const place = deafPlace(instance.deafness);
  if (place === "poison") return;
  // Where it routes nothing it keeps the messages.
  const given = instance.held.splice(0);
  if (place === "routing") instance.held.push(...given.filter(({ message }) => message !== null));
  const taken = given.filter(({ message }) => place !== "routing" || message === null);
  if (place !== "late batch") return taken.forEach(({ handOver }) => handOver());
  gateway.settings.background.start(async (signal) => {
    await gateway.settings.clock.sleep(LATE_BATCH_MS, signal);
    for (const { handOver } of taken) handOver();
  });
}

/** A1: the socket stays open and nothing comes back, until the keep-alive notices. */
export function goSilent(gateway: Gateway, instance: Instance, noticedAfterMs: number): void {
  instance.become("open", "silent");
  instance.ghost = "A1";
  gateway.begin(instance, "silence", async (sleep) => {
    await sleep(noticedAfterMs);
    dropSocket(gateway, instance, 0);
  });
}

/**
 * The websocket closes and the process notices: it reconnects.
 *
 * @param pauseMs From the close to the first try.
 */
export function dropSocket(gateway: Gateway, instance: Instance, pauseMs: number): void {
  instance.socket = "closed";
  if (instance.ignoresClose) {
    instance.ghost = "A2";
    return instance.rest();
  }
  throughQueue(gateway, instance, () => {
    if (instance.socket !== "closed" || !instance.paired) return;
    instance.memory = "close";
    reconnect(gateway, instance, pauseMs + gateway.rules.reconnectDelayMs);
  });
  if (instance.memory !== "open") return;
  // The close event waits in the queue.
  instance.rest();
  instance.ghost = "A2b";
}

/** Baileys' reconnect loop: tries until WhatsApp lets it in or throws it out for good. */
export function reconnect(gateway: Gateway, instance: Instance, pauseMs: number): void {
  gateway.begin(instance, "reconnect", async (sleep) => {
    if (pauseMs > 0) await sleep(pauseMs);
    while (true) {
      startConnecting(gateway, instance);
      const network = gateway.networkOf(instance);
      const verdict = verdictOf(gateway, instance, network);
      if (verdict !== "try again") {
        await sleep(LOGIN_MS);
        if (verdict !== "welcome") {
          return endSession(gateway, instance, verdict, loginFailure(verdict));
        }
        const conflict = instance.sockets > 1;
        return conflict ? beginConflict(gateway, instance) : openSession(gateway, instance);
      }
      await failToConnect(gateway, instance, network, sleep);
    }
  });
}

/** The first step of every connection. */
export function startConnecting(gateway: Gateway, instance: Instance): void {
  instance.become("connecting", "upgrading");
  announceState(gateway, instance, "connecting", 200);
}

/** What a login comes to: in, out for good with a code, or again. */
function verdictOf(
  gateway: Gateway,
  instance: Instance,
  network: Network,
): "welcome" | "try again" | number {
  if (network.kind === "reachable") return instance.refusal ?? "welcome";
  const final = network.kind === "rejecting" && gateway.rules.finalCodes.includes(network.code);
  return final ? network.code : "try again";
}

/** One try that fails, from `connecting` to just before the next. */
async function failToConnect(
  gateway: Gateway,
  instance: Instance,
  network: Network,
  sleep: (ms: number) => Promise<void>,
): Promise<void> {
  const period = gateway.settings.reconnectLoopMs / instance.sockets;
  const close = async (ms: number) => {
    instance.become("close", "closed");
    await sleep(ms + gateway.rules.reconnectDelayMs);
  };
  if (network.kind === "hanging") {
    instance.ghost = network.at === "login" ? "B3" : "B4";
    instance.socket = network.at === "login" ? "login" : "upgrading";
    await sleep(GIVES_UP_AFTER_MS[network.at]);
    if (gateway.rules.reconnectDelayMs > 0) await close(0);
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

/** Measured: of the closes of a fight one in 25 openings is reported, and one in 190 says why. */
const REPORTED_CLOSES = [[190, 440], [25, 428]] as const;

/**
 * A session conflict: two sockets of one device throw each other out, for ever. What is reported of
 * it is `open` and `connecting`, again and again.
 */
export function beginConflict(gateway: Gateway, instance: Instance): void {
  instance.sockets = 2;
  gateway.begin(instance, "conflict", async (sleep) => {
    for (let openings = 1;; openings++) {
      instance.ghost = "flapping-440";
      becomeOpen(gateway, instance);
      handOver(gateway, instance);
      await sleep(gateway.settings.conflictMs);
      instance.become("close", "closed");
      const reported = REPORTED_CLOSES.find(([every]) => openings % every === 0);
      if (reported !== undefined) announceState(gateway, instance, "close", reported[1]);
      await sleep(300);
      startConnecting(gateway, instance);
      await sleep(LOGIN_MS);
    }
  });
}

/** `connection.update`: connecting, open, or thrown out (by another socket: 440). */
function announceState(
  gateway: Gateway,
  instance: Instance,
  state: "connecting" | "open" | "close",
  statusReason: number,
): void {
  const { name, ownerJid, profileName } = instance;
  const profile = ownerJid === null
    ? {}
    : { wuid: ownerJid, profileName, profilePictureUrl: PROFILE_PICTURE };
  gateway.emit(instance, "connection.update", { instance: name, ...profile, state, statusReason });
}
