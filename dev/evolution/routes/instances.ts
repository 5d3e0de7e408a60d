/**
 * `/instance/…`: looking at an instance, and moving its session.
 *
 * @module
 */

import {
  type Answer,
  connectionClosedBoom,
  created,
  failure,
  ok,
  qrAnswer,
  stateOf,
  swallowedError,
} from "../answers.ts";
import type { Instance } from "../session/instance.ts";
import { instanceRow } from "../instance-row.ts";
import { isWebsocketOpen } from "../model.ts";
import { pair } from "../session/pairing.ts";
import { drop, reconnect, RESTART_MS } from "../session/session.ts";
import type { World } from "../world.ts";
import { createInstance } from "./create.ts";
import { deleteInstance, logoutInstance } from "./logout.ts";
import type { Call, InstanceCall, Route } from "./route.ts";

/** How long connect waits for a QR code, whatever happens meanwhile. */
const CONNECT_WAITS_MS = 2_150;

/** `/instance/…`. */
export const instanceRoutes: readonly Route[] = [
  {
    method: "POST",
    path: "/instance/create",
    name: "create",
    scope: "global",
    handle: createInstance,
  },
  {
    method: "GET",
    path: "/instance/fetchInstances",
    name: "fetchInstances",
    scope: "any",
    handle: fetchInstances,
  },
  {
    method: "GET",
    path: "/instance/connectionState",
    name: "connectionState",
    scope: "instance",
    handle: connectionState,
  },
  {
    method: "GET",
    path: "/instance/connect",
    name: "connect",
    scope: "instance",
    handle: connect,
  },
  {
    method: "POST",
    path: "/instance/restart",
    name: "restart",
    scope: "instance",
    handle: restart,
  },
  {
    method: "DELETE",
    path: "/instance/logout",
    name: "logout",
    scope: "instance",
    handle: logoutInstance,
  },
  {
    method: "DELETE",
    path: "/instance/delete",
    name: "delete",
    scope: "instance",
    handle: deleteInstance,
  },
  {
    method: "POST",
    path: "/instance/setPresence",
    name: "setPresence",
    scope: "instance",
    handle: setPresence,
  },
];

/** The registry. By name it finds only what the process holds; the whole list is the database's. */
function fetchInstances({ world, query, key }: Call): Answer {
  const name = query.get("instanceName");
  const id = query.get("instanceId");
  const wanted = name || id;
  const found = [...world.instances.values()].filter((instance) =>
    (key.kind === "global" || instance.token === key.token) &&
    (!name || (instance.name === name && instance.inMemory)) &&
    (!id || (instance.id === id && instance.inMemory))
  );
  if (wanted && found.length === 0) return failure(404, [`Instance "${wanted}" not found`]);
  return ok(found.map(instanceRow));
}

/** The memory; an instance that the process does not hold has no state at all. */
function connectionState({ instance }: InstanceCall): Answer {
  const state = instance.inMemory ? { state: instance.memory } : {};
  return ok({ instance: { instanceName: instance.name, ...state } });
}

async function connect({ world, instance }: InstanceCall): Promise<Answer> {
  if (!instance.inMemory) return swallowedError;
  if (instance.memory === "open") return stateOf(instance, "open");
  if (instance.memory === "close") {
    startConnecting(world, instance);
    await world.sleep(CONNECT_WAITS_MS);
  }
  return qrAnswer(instance);
}

/** The trap: inside a live reconnect loop this makes a second socket for the same device. */
function startConnecting(world: World, instance: Instance): void {
  if (instance.life?.kind === "reconnect" || instance.life?.kind === "flapping") {
    instance.sockets = 2;
  } else if (instance.paired) {
    reconnect(world, instance, 0);
  } else {
    pair(world, instance);
  }
}

/** 200 whatever happens; it closes the websocket, where there is one, and Baileys reconnects. */
function restart({ world, instance }: InstanceCall): Answer {
  if (!instance.inMemory || instance.memory === "close") return swallowedError;
  const flapping = instance.life?.kind === "flapping";
  if (instance.memory === "open") {
    if (isWebsocketOpen(instance.socket) && !flapping) {
      instance.relapses = false;
      drop(world, instance, RESTART_MS);
    }
    return stateOf(instance, "open");
  }
  const answer = qrAnswer(instance);
  if (instance.life?.kind === "reconnect") reconnect(world, instance, RESTART_MS);
  return answer;
}

async function setPresence({ world, instance, body }: InstanceCall): Promise<Answer> {
  if (instance.socket !== "open") return connectionClosedBoom;
  await world.roundTrip();
  return created(body);
}
