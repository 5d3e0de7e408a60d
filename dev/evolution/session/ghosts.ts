/**
 * The sick states, one by one: how an instance gets into each. What follows from there (answers,
 * webhooks, healing) is not written here: it comes from registry, memory, websocket and network, as
 * on the real gateway.
 *
 * | kind | registry | memory | websocket | heals alone | repaired with the pairing kept by |
 * |---|---|---|---|---|---|
 * | A1 half-open | open | open | silent | after 55 s | restart |
 * | A2 zombie, close event lost | open | open | closed | never | process restart |
 * | A2b zombie, event queue blocked | open | open | closed | after 300 s | process restart |
 * | B1 WhatsApp unreachable | open | close, 95 % | closed | when WhatsApp is back | waiting |
 * | B2 login rejected | open | flickers | flickers | when WhatsApp is back | waiting |
 * | B3 login unanswered | open | connecting | login | ≤ 65 s after | restart, waiting |
 * | B4 upgrade hangs | open | connecting | upgrading | ≤ 30 s after | restart, waiting |
 * | C1 version fetch hangs | open | close | closed | never | one connect |
 * | C3 not in memory | open | none at all | none | never | process restart |
 * | C4 QR limit | close | close | closed | never | connect, scan |
 * | D device removed | close | close | closed | never | connect, scan |
 * | E logged out | close | close | closed | never | connect, scan |
 * | H1 reconnect loop died | open | close | closed | never | one connect |
 * | H2 the same, half way | open | connecting | closed | never | process restart |
 * | flapping-440 two sockets | open | flips | flips | never | process restart |
 *
 * @module
 */

import type { Instance } from "./instance.ts";
import type { GhostKind, Network, Socket, State } from "../model.ts";
import { giveUp } from "./pairing.ts";
import { BLIP_MS, drop, flap, goSilent, KEEP_ALIVE_NOTICES_MS, reconnect } from "./session.ts";
import { deviceRemoved, end, loggedOut } from "./session-end.ts";
import type { World } from "../world.ts";

/** How long the event queue of A2b stays blocked. */
const BLOCKED_MS = 300_000;

/** Variations of a sick state. */
export interface GhostOptions {
  /** A1: false makes it half-open again whenever the keep-alive reopens it. Default true. */
  readonly selfHeals?: boolean | undefined;
  /** A1: how long until the keep-alive notices, in milliseconds. Default 55 000. */
  readonly noticedAfterMs?: number | undefined;
  /** A1: a send to a known number answers 201 after 60 s, and is lost. Default false. */
  readonly falseSuccess?: boolean | undefined;
  /** B2: the login's code, 503 unless given. D: 401, 402, 403, 406; none: removed while open. */
  readonly code?: number | undefined;
}

/** What a state is called, and how an instance gets there. */
interface Ghost {
  readonly title: string;
  readonly enter: (world: World, instance: Instance, options: GhostOptions) => void;
}

/** The sick states. */
export const GHOSTS: Readonly<Record<GhostKind, Ghost>> = {
  A1: {
    title: "half-open: the socket is silent",
    enter: (world, instance, { selfHeals, noticedAfterMs, falseSuccess }) => {
      instance.relapses = selfHeals === false;
      instance.falseSuccess = falseSuccess ?? false;
      goSilent(world, instance, noticedAfterMs ?? KEEP_ALIVE_NOTICES_MS);
    },
  },
  A2: {
    title: "zombie: the socket is dead, its close event was lost",
    enter: (_, instance) => freeze(instance, "A2", "open"),
  },
  A2b: {
    title: "zombie: the socket is dead, its close event is stuck in a queue",
    enter: (world, instance) => {
      freeze(instance, "A2b", "open");
      world.begin(instance, "blocked", async (sleep) => {
        await sleep(BLOCKED_MS);
        drop(world, instance, 0);
      });
    },
  },
  B1: {
    title: "WhatsApp is unreachable",
    enter: (world, instance) => cutOff(world, instance, "B1", { kind: "refusing" }),
  },
  B2: {
    title: "WhatsApp rejects the login",
    enter: (world, instance, { code }) =>
      cutOff(world, instance, "B2", { kind: "rejecting", code: code ?? 503 }),
  },
  B3: {
    title: "the login is never answered",
    enter: (world, instance) => cutOff(world, instance, "B3", { kind: "hanging", at: "login" }),
  },
  B4: {
    title: "the websocket upgrade hangs",
    enter: (world, instance) => cutOff(world, instance, "B4", { kind: "hanging", at: "upgrade" }),
  },
  C1: {
    title: "the reconnection hangs in its version check",
    enter: (_, instance) => freeze(instance, "C1", "close"),
  },
  C3: {
    title: "limbo: the process started without the instance",
    enter: (_, instance) => forget(instance),
  },
  C4: {
    title: "the QR code limit was reached",
    enter: (world, instance) => {
      instance.paired = false;
      giveUp(world, instance);
    },
  },
  D: {
    title: "the phone removed the device",
    enter: (world, instance, { code }) => removeDevice(world, instance, code),
  },
  E: {
    title: "logged out",
    enter: (world, instance) => end(world, instance, 401, loggedOut(instance)),
  },
  H1: {
    title: "the reconnect loop died",
    enter: (_, instance) => freeze(instance, "H1", "close"),
  },
  H2: {
    title: "the reconnect loop died half way",
    enter: (_, instance) => freeze(instance, "H2", "connecting"),
  },
  "flapping-440": {
    title: "two sockets of one device throw each other out",
    enter: (world, instance) => flap(world, instance),
  },
};

/** Nothing moves the instance any more, and nothing is announced. */
function freeze(instance: Instance, kind: GhostKind, memory: State, socket: Socket = "closed") {
  instance.rest();
  instance.memory = memory;
  instance.socket = socket;
  instance.ghost = kind;
}

/** The socket closes, and this is how WhatsApp answers from now on. */
function cutOff(world: World, instance: Instance, kind: GhostKind, network: Network): void {
  instance.network = network;
  instance.ghost = kind;
  instance.memory = "close";
  instance.socket = "closed";
  const hanging = network.kind === "hanging";
  reconnect(world, instance, hanging ? 0 : world.settings.reconnectLoopMs);
}

/** C3: the database holds the instance, the process does not. */
export function forget(instance: Instance): void {
  freeze(instance, "C3", "close", "none");
  instance.inMemory = false;
}

/**
 * D: the phone removes the device.
 *
 * @param code With a code (401, 402, 403, 406) the socket breaks and the next login is refused with
 *   it; without one WhatsApp says so at once. A dead socket hears neither, until its next login.
 */
export function removeDevice(world: World, instance: Instance, code?: number): void {
  instance.refusal = code ?? 401;
  if (instance.socket !== "open") return;
  if (code === undefined) end(world, instance, 401, deviceRemoved);
  else drop(world, instance, BLIP_MS);
}
