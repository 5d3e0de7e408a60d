/**
 * What the control API does.
 *
 * @module
 */

import { ControlError, type EvolutionControl, type Inspection } from "./control.ts";
import type { PairedInstance, PairedSeed, WhatsAppChange } from "./control.ts";
import type { Gate } from "../session/gate.ts";
import { forget, type GhostOptions, GHOSTS, removeDevice } from "../session/ghosts.ts";
import { Instance } from "../session/instance.ts";
import type { GhostKind, Network } from "../model.ts";
import { nextQr, pair, scan } from "../session/pairing.ts";
import { storeWebhook } from "../routes/webhook.ts";
import { BLIP_MS, drop, reconnect, RESTART_MS } from "../session/session.ts";
import { VERSION_RULES } from "../versions.ts";
import { WEBHOOK_EVENTS } from "../webhooks/webhook-events.ts";
import { receive } from "../session/whatsapp.ts";
import type { World } from "../world.ts";

/** Makes the control API of a gateway. */
export function createControl(world: World, gate: Gate): EvolutionControl {
  const find = (name: string): Instance => {
    const instance = world.instances.get(name);
    if (!instance) throw new ControlError(404, `there is no instance "${name}"`);
    return instance;
  };
  return {
    createPaired: (seed) => createPaired(world, seed),
    ghost: (name, kind, options = {}) => haunt(world, find(name), kind, options),
    whatsapp: (change, name) =>
      changeNetwork(world, change, name === undefined ? undefined : find(name)),
    blip: (name) => drop(world, find(name), BLIP_MS),
    restartProcess: ({ forgets = [] } = {}) => restartProcess(world, forgets.map(find)),
    gatewayDown: (on) => void (gate.down = on),
    slow: (route, ms) => gate.slow(route, ms),
    fault: (route, fault, scope = {}) => gate.arm(route, fault, scope),
    clearFaults: () => {
      gate.clear();
      world.settings.webhooks.faults = {};
    },
    scan: (name, options = {}) => scan(world, find(name), options),
    removeDevice: (name, code) => removeDevice(world, find(name), code),
    inbound: (name, message) => receive(world, find(name), message),
    acks: (name, acks) => void (find(name).acks = acks),
    webhooks: (faults) => void (world.settings.webhooks.faults = faults),
    setVersion: (version) => void (world.rules = VERSION_RULES[version]),
    licence: (active) => void (world.licensed = active),
    inspect: (name) => inspect(world, find(name)),
    instances: () => [...world.instances.keys()],
    delivered: (name) => [...find(name).delivered],
  };
}

function createPaired(world: World, { name, phone, token, webhook }: PairedSeed): PairedInstance {
  if (world.instances.has(name)) throw new ControlError(400, `"${name}" exists already`);
  const seed = { name, phone, ...(token === undefined ? {} : { token }) };
  const instance = new Instance(seed, world.settings.random, world.now());
  const ownerJid = `${phone}@s.whatsapp.net`;
  world.instances.set(name, instance);
  if (webhook) {
    storeWebhook(world, instance, {
      ...webhook,
      enabled: true,
      events: webhook.events ?? WEBHOOK_EVENTS,
    });
  }
  instance.qr = nextQr(world, instance);
  instance.paired = true;
  instance.ownerJid = ownerJid;
  instance.memory = "open";
  instance.socket = "open";
  instance.register("open", world.now());
  return { name, instanceId: instance.id, token: instance.token, ownerJid };
}

/** Every sick state starts from a session that was open: what came before is forgotten. */
function haunt(world: World, instance: Instance, kind: GhostKind, options: GhostOptions): void {
  if (!instance.paired) {
    throw new ControlError(400, `"${instance.name}" is not paired: pair it first`);
  }
  instance.rest();
  instance.inMemory = true;
  instance.sockets = 1;
  instance.relapses = false;
  instance.falseSuccess = false;
  instance.network = undefined;
  instance.refusal = null;
  instance.memory = "open";
  instance.socket = "open";
  instance.register("open", world.now());
  GHOSTS[kind].enter(world, instance, options);
}

function changeNetwork(world: World, change: WhatsAppChange, only: Instance | undefined): void {
  const network = networkOf(change);
  if (only === undefined) {
    world.network = network;
    for (const instance of world.instances.values()) instance.network = undefined;
  } else {
    only.network = network;
  }
  if (network.kind === "reachable") return;
  for (const instance of only === undefined ? world.instances.values() : [only]) {
    if (instance.socket === "open") drop(world, instance, world.settings.reconnectLoopMs);
  }
}

function networkOf(change: WhatsAppChange): Network {
  if ("refusing" in change) return { kind: "refusing" };
  if ("rejecting" in change) return { kind: "rejecting", code: change.rejecting };
  if ("hanging" in change) {
    return { kind: "hanging", at: change.hanging === "upgrade" ? "upgrade" : "login" };
  }
  return { kind: "reachable" };
}

/** What was paired connects; what waited for a scan shows a new QR; what was closed stays closed. */
function restartProcess(world: World, forgotten: readonly Instance[]): void {
  for (const instance of world.instances.values()) {
    instance.rest();
    instance.inMemory = true;
    instance.memory = "close";
    instance.socket = "none";
    instance.sockets = 1;
    instance.relapses = false;
    instance.falseSuccess = false;
    instance.ignoresClose = false;
    instance.qr = { count: 0 };
    instance.ghost = null;
    if (forgotten.includes(instance)) forget(instance);
    else if (instance.registry === "close") continue;
    else if (instance.paired) {
      instance.socket = "closed";
      reconnect(world, instance, RESTART_MS);
    } else pair(world, instance);
  }
}

function inspect(world: World, instance: Instance): Inspection {
  return {
    name: instance.name,
    instanceId: instance.id,
    registry: instance.registry,
    memory: instance.inMemory ? instance.memory : null,
    socket: instance.socket,
    paired: instance.paired,
    qr: { ...instance.qr, showing: instance.socket === "pairing" },
    ghost: instance.ghost,
    network: world.networkOf(instance),
    phone: instance.phone,
    ownerJid: instance.ownerJid,
    deliveredMessages: [...instance.delivered],
    heldForDevice: instance.held.length,
    webhooksSent: instance.webhooksSent.map((sent) => ({ ...sent, attempts: [...sent.attempts] })),
  };
}
