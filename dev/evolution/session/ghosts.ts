/**
 * How an instance gets into each sick state of `model/ghost-kinds.ts`.
 *
 * @module
 */

import { z } from "zod";
import type { Gateway } from "../model/gateway.ts";
import type { GhostKind } from "../model/ghost-kinds.ts";
import type { Network, Socket, State } from "../model/connection.ts";
import type { Instance } from "../model/instance.ts";
import { hearAgain } from "./deafness.ts";
import { giveUpPairing } from "./pairing.ts";
import { DEVICE_REMOVED, endSession, loggedOut } from "./session-end.ts";
import {
  beginConflict,
  BLIP_MS,
  dropSocket,
  goSilent,
  KEEP_ALIVE_NOTICES_MS,
  reconnect,
} from "./session.ts";

/** How long the event queue of A2b stays blocked. */
const BLOCKED_MS = 300_000;

/** Variations of a sick state. */
export const GhostOptions = z.object({
  /** A1: false makes it half-open again whenever the keep-alive reopens it. Default true. */
  selfHeals: z.boolean().optional(),
  /** A1: how long until the keep-alive notices, in milliseconds. Default 55 000. */
  noticedAfterMs: z.number().optional(),
  /** A1: a send to a known number answers 201 after 60 s, and is lost. Default false. */
  falseSuccess: z.boolean().optional(),
  /** C1: how long the version check hangs from a connect on, in milliseconds. Default 0: it ended. */
  hangsForMs: z.number().optional(),
  /** B2: the login's code, 503 unless given. D: 401, 402, 403, 406; none: removed while open. */
  code: z.number().optional(),
});

/** See {@linkcode GhostOptions}. */
export type GhostOptions = z.infer<typeof GhostOptions>;

type Enter = (gateway: Gateway, instance: Instance, options: GhostOptions) => void;

const ENTER: Readonly<Record<GhostKind, Enter>> = {
  A1: (gateway, instance, { selfHeals, noticedAfterMs, falseSuccess }) => {
    instance.relapses = selfHeals === false;
    instance.falseSuccess = falseSuccess ?? false;
    goSilent(gateway, instance, noticedAfterMs ?? KEEP_ALIVE_NOTICES_MS);
  },
  A2: (_, instance) => freeze(instance, "A2", "open"),
  A2b: (gateway, instance) => {
    freeze(instance, "A2b", "open");
    gateway.begin(instance, "blocked", async (sleep) => {
      await sleep(BLOCKED_MS);
      dropSocket(gateway, instance, 0);
    });
  },
  B1: (gateway, instance) => cutOff(gateway, instance, "B1", { kind: "refusing" }),
  B2: (gateway, instance, { code = 503 }) =>
    cutOff(gateway, instance, "B2", { kind: "rejecting", code }),
  B3: (gateway, instance) => cutOff(gateway, instance, "B3", { kind: "hanging", at: "login" }),
  B4: (gateway, instance) => cutOff(gateway, instance, "B4", { kind: "hanging", at: "upgrade" }),
  C1: (_, instance, { hangsForMs = 0 }) => {
    freeze(instance, "C1", "close");
    instance.versionFetchMs = hangsForMs;
  },
  C3: (_, instance) => forgetInstance(instance),
  C4: (gateway, instance) => {
    instance.paired = false;
    giveUpPairing(gateway, instance);
  },
  D: (gateway, instance, { code }) => removeDevice(gateway, instance, code),
  E: (gateway, instance) => {
    endSession(gateway, instance, 401, loggedOut(instance));
    instance.afterLogout(gateway.rules);
  },
  H1: (_, instance) => freeze(instance, "H1", "close"),
  H2: (_, instance) => freeze(instance, "H2", "connecting"),
  "flapping-440": beginConflict,
};

/** Puts a paired instance into a sick state, as if its session had been open until now. */
export function enterGhost(
  gateway: Gateway,
  instance: Instance,
  kind: GhostKind,
  options: GhostOptions,
): void {
  hearAgain(instance);
  instance.reset();
  instance.network = undefined;
  instance.refusal = null;
  instance.become("open", "open");
  instance.register("open", gateway.now());
  ENTER[kind](gateway, instance, options);
}

/** Nothing moves the instance any more, and nothing is announced. */
function freeze(instance: Instance, kind: GhostKind, memory: State, socket: Socket = "closed") {
  instance.rest();
  instance.become(memory, socket);
  instance.ghost = kind;
}

/** The socket closes, and this is how WhatsApp answers from now on. */
function cutOff(gateway: Gateway, instance: Instance, kind: GhostKind, network: Network): void {
  instance.network = network;
  freeze(instance, kind, "close");
  const hanging = network.kind === "hanging";
  reconnect(gateway, instance, hanging ? 0 : gateway.settings.reconnectLoopMs);
}

/** C3: the database holds the instance, the process does not. */
export function forgetInstance(instance: Instance): void {
  freeze(instance, "C3", "close", "none");
  instance.inMemory = false;
}

/**
 * D: the phone removes the device.
 *
 * @param code With a code (401, 402, 403, 406) the socket breaks and the next login is refused with
 *   it; without one WhatsApp says so at once. A dead socket hears neither, until its next login.
 */
export function removeDevice(gateway: Gateway, instance: Instance, code?: number): void {
  instance.refusal = code ?? 401;
  if (instance.socket !== "open") return;
  if (code === undefined) endSession(gateway, instance, 401, DEVICE_REMOVED);
  else dropSocket(gateway, instance, BLIP_MS);
}
