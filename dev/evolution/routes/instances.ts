/**
 * `/instance/…`: looking at an instance, and moving its session.
 *
 * @module
 */

import { Hono } from "hono";
import { deafRules } from "../model/deaf-kinds.ts";
import type { Gateway } from "../model/gateway.ts";
import { isWebsocketOpen } from "../model/connection.ts";
import { type Instance, PROFILE_PICTURE } from "../model/instance.ts";
import { beginPairing } from "../session/pairing.ts";
import { endSession, loggedOut } from "../session/session-end.ts";
import { dropSocket, reconnect, RESTART_MS } from "../session/session.ts";
import { type Answer, CONNECTION_CLOSED_BOOM, created, failure, ok, qrAnswer } from "./answers.ts";
import { createInstance } from "./create.ts";
import type { Call, Guard, InstanceCall } from "./guard.ts";

/** How long connect waits for a QR code, whatever happens meanwhile. */
const CONNECT_WAITS_MS = 2_150;
/** From the logout's write to the end of the session. */
const LOGOUT_MS = 20;

/** 200 with a state: connect and restart of what the memory holds for open. */
const statesOpen = (instance: Instance): Answer =>
  ok({ instance: { instanceName: instance.name, state: "open" } });

/** 200 with an error inside: what connect and restart make of their own exceptions. */
const SWALLOWED_ERROR: Answer = ok({ error: true, message: "[object Object]" });

/** 200 of logout and delete. */
const success = (message: string): Answer =>
  ok({ status: "SUCCESS", error: false, response: { message } });

/** `/instance/…`. */
export function instanceRoutes(guard: Guard): Hono {
  const on = guard.onInstance.bind(guard);
  return new Hono()
    .post("/create", guard.onGateway("create", "global", createInstance))
    .get("/fetchInstances", guard.onGateway("fetchInstances", "any", fetchInstances))
    .get("/connectionState/:instance", on("connectionState", readState))
    .get("/connect/:instance", on("connect", connectInstance))
    .post("/restart/:instance", on("restart", restartInstance))
    .delete("/logout/:instance", on("logout", logoutInstance))
    .delete("/delete/:instance", on("delete", deleteInstance))
    .post("/setPresence/:instance", on("setPresence", setPresence));
}

/** The registry. By name it finds only what the process holds; the whole list is the database's. */
async function fetchInstances({ gateway, query, token }: Call): Promise<Answer> {
  const name = query("instanceName");
  const id = query("instanceId");
  const wanted = name || id;
  const found = [...gateway.instances.values()].filter((instance) =>
    (token === null || instance.token === token) && (!wanted || instance.inMemory) &&
    (!name || instance.name === name) && (!id || instance.id === id)
  );
  if (wanted && found.length === 0) return failure(404, [`Instance "${wanted}" not found`]);
  const locks = () =>
    found.some(({ deafness }) => deafness !== null && deafRules(deafness.kind).registryHangs);
  while (locks()) await gateway.sleep(1_000);
  return ok(found.map(rowOf));
}

/** The database row with its relations, as recorded. It holds the token: never log it. */
function rowOf(instance: Instance): Record<string, unknown> {
  const known = instance.ownerJid !== null;
  const { id, createdAt, updatedAt, disconnection } = instance;
  return {
    id,
    name: instance.name,
    connectionStatus: instance.registry,
    ownerJid: instance.ownerJid,
    profileName: known ? instance.profileName : null,
    profilePicUrl: known ? PROFILE_PICTURE : null,
    integration: "WHATSAPP-BAILEYS",
    number: null,
    businessId: null,
    token: instance.token,
    clientName: "evolution",
    disconnectionReasonCode: disconnection?.code ?? null,
    disconnectionObject: disconnection?.object ?? null,
    disconnectionAt: disconnection?.at ?? null,
    createdAt,
    updatedAt,
    Chatwoot: null,
    Proxy: null,
    Rabbitmq: null,
    Nats: null,
    Sqs: null,
    Websocket: null,
    Setting: {
      id: instance.settingsId,
      ...instance.settings,
      createdAt,
      updatedAt: createdAt,
      instanceId: id,
    },
    _count: { Message: instance.messages.size, Contact: 0, Chat: 0 },
  };
}

/** The memory; an instance that the process does not hold has no state at all. */
export function readState({ instance }: Pick<InstanceCall, "instance">): Answer {
  const state = instance.inMemory ? { state: instance.memory } : {};
  return ok({ instance: { instanceName: instance.name, ...state } });
}

async function connectInstance({ gateway, instance }: InstanceCall): Promise<Answer> {
  if (!instance.inMemory) return SWALLOWED_ERROR;
  if (instance.memory === "open") return statesOpen(instance);
  if (instance.memory === "close") {
    const stale = instance.ghost === "H1";
    if (instance.ghost === "C1") await gateway.sleep(instance.versionFetchMs);
    makeSocket(gateway, instance);
    if (!stale) await gateway.sleep(CONNECT_WAITS_MS);
  }
  return qrAnswer(instance);
}

/** The trap: inside a live reconnect loop this makes a second socket for the same device. */
function makeSocket(gateway: Gateway, instance: Instance): void {
  const { life } = instance;
  if (life?.kind === "reconnect" || life?.kind === "conflict") instance.sockets = 2;
  else if (instance.paired) reconnect(gateway, instance, 0);
  else beginPairing(gateway, instance);
}

/**
 * `POST /instance/restart`: 200 whatever happens; it closes the websocket, where there is one, and
 * Baileys reconnects.
 */
function restartInstance({ gateway, instance }: InstanceCall): Answer {
  if (!instance.inMemory) return SWALLOWED_ERROR;
  if (instance.life?.kind === "conflict" || instance.ghost === "H1") return qrAnswer(instance);
  if (instance.memory === "close") return SWALLOWED_ERROR;
  if (instance.memory === "open") {
    if (isWebsocketOpen(instance.socket)) {
      instance.relapses = false;
      dropSocket(gateway, instance, RESTART_MS);
    }
    return statesOpen(instance);
  }
  const answer = qrAnswer(instance);
  if (instance.life?.kind === "reconnect") reconnect(gateway, instance, RESTART_MS);
  return answer;
}

/** `DELETE /instance/logout`: closes the registry only where the websocket is open. */
async function logoutInstance({ gateway, instance }: InstanceCall): Promise<Answer> {
  const { logoutWhenClosed, logoutOnDeadSocket } = gateway.rules;
  // The process does not hold it: nothing is called, and nothing says so.
  if (!instance.inMemory) return success("Instance logged out");
  if (instance.memory === "close") {
    return logoutWhenClosed === "accepted"
      ? success("Instance already disconnected")
      : failure(400, [`The "${instance.name}" instance is not connected`]);
  }
  const written = await writeLogout(gateway, instance);
  if (!written) {
    if (logoutOnDeadSocket === "fails") return failure(500, ["Error: Connection Closed"]);
    if (logoutOnDeadSocket === "closes") deletePairing(gateway, instance);
  }
  instance.afterLogout(gateway.rules);
  return success("Instance logged out");
}

/** `DELETE /instance/delete`: a logout first, and where that fails nothing is deleted. */
async function deleteInstance({ gateway, instance }: InstanceCall): Promise<Answer> {
  const connected = instance.inMemory && instance.memory !== "close";
  if (connected && !await writeLogout(gateway, instance) && !gateway.rules.deleteIgnoresLogout) {
    return failure(400, ["[object Object]"]);
  }
  instance.rest();
  instance.become("close", "closed");
  gateway.instances.delete(instance.name);
  const { nameTakenMs } = gateway.rules;
  const freed = gateway.now().getTime() + Math.min(gateway.settings.nameFreedAfterMs, nameTakenMs);
  gateway.takenNames.set(instance.name, freed);
  return success("Instance deleted");
}

/** Writes the logout to the websocket; false where that is not open. */
async function writeLogout(gateway: Gateway, instance: Instance): Promise<boolean> {
  // Of two sockets that fight none stays open long enough.
  if (!isWebsocketOpen(instance.socket) || instance.life?.kind === "conflict") return false;
  // From here on the websocket is closing: a second logout at the same time fails.
  instance.rest();
  instance.socket = "closed";
  await gateway.sleep(LOGOUT_MS);
  deletePairing(gateway, instance);
  return true;
}

function deletePairing(gateway: Gateway, instance: Instance): void {
  endSession(gateway, instance, 401, loggedOut(instance));
}

async function setPresence({ gateway, instance, body }: InstanceCall): Promise<Answer> {
  if (instance.socket !== "open") return CONNECTION_CLOSED_BOOM;
  await gateway.roundTrip();
  return created(body);
}
