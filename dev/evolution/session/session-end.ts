/**
 * The end of a session: the pairing is gone, and only a new QR code helps.
 *
 * @module
 */

import { STATUS_CODES } from "node:http";
import type { Gateway } from "../model/gateway.ts";
import type { Instance } from "../model/instance.ts";
import { isQueueBlocked, throughQueue } from "./deafness.ts";

/** The part of a Boom error that differs from one end to the other. */
interface EndReason {
  readonly data: unknown;
  readonly message: string;
}

/** The reason of a logout that was asked for. */
export const loggedOut = (instance: Instance): EndReason => ({
  data: null,
  message: `Log out instance: ${instance.name}`,
});

/** The reason of a login that WhatsApp refused for good. */
export const loginFailure = (code: number): EndReason => ({
  data: { reason: String(code), location: "simulated" },
  message: "Connection Failure",
});

/** The reason of a device that the phone removed while the session was open. */
export const DEVICE_REMOVED: EndReason = {
  data: { tag: "conflict", attrs: { type: "device_removed" } },
  message: "Stream Errored (conflict)",
};

/**
 * The session ends for good: the pairing is deleted, the registry says `close`, and three webhooks
 * say so.
 *
 * @param code 401 for a logout; 401, 402, 403 or 406 from WhatsApp.
 * @param reason What the registry keeps of it.
 */
export function endSession(
  gateway: Gateway,
  instance: Instance,
  code: number,
  reason: EndReason,
): void {
  instance.rest();
  if (isQueueBlocked(instance)) {
    // The pairing is gone, and nobody notices before the queue moves.
    instance.paired = false;
    instance.socket = "closed";
    return throughQueue(gateway, instance, () => endSession(gateway, instance, code, reason));
  }
  instance.become("close", "closed");
  instance.sockets = 1;
  instance.relapses = false;
  instance.paired = false;
  instance.refusal = null;
  instance.held.length = 0;
  instance.ghost = reason.message.startsWith("Log out") ? "E" : "D";
  instance.register("close", gateway.now());
  const at = gateway.now().toISOString();
  const object = JSON.stringify({ error: boom(code, reason), date: at });
  instance.disconnection = { code, object, at };
  gateway.emit(instance, "status.instance", {
    instance: instance.name,
    status: "closed",
    disconnectionAt: at,
    disconnectionReasonCode: code,
    disconnectionObject: object,
  });
  gateway.emit(instance, "logout.instance", null);
  const update = { instance: instance.name, state: "close", statusReason: code };
  gateway.emit(instance, "connection.update", update);
}

function boom(code: number, { data, message }: EndReason): unknown {
  // Boom has a name of its own for 408.
  const error = code === 408 ? "Request Time-out" : STATUS_CODES[code] ?? "Unknown";
  const output = { statusCode: code, payload: { statusCode: code, error, message }, headers: {} };
  return { data, isBoom: true, isServer: false, output };
}
