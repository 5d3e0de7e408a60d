/**
 * The end of a session: the pairing is gone, and only a new QR code helps.
 *
 * @module
 */

import { announceEnd } from "../webhooks/announcements.ts";
import type { Instance } from "./instance.ts";
import type { World } from "../world.ts";

/**
 * The session ends for good: the pairing is deleted and the registry says `close`.
 *
 * @param code 401 for a logout; 401, 402, 403 or 406 from WhatsApp.
 * @param error What the registry keeps of the reason; see {@linkcode loginFailure}.
 */
export function end(world: World, instance: Instance, code: number, error: EndError): void {
  instance.rest();
  instance.memory = "close";
  instance.socket = "closed";
  instance.sockets = 1;
  instance.relapses = false;
  instance.paired = false;
  instance.refusal = null;
  instance.held.length = 0;
  instance.ghost = error.message.startsWith("Log out") ? "E" : "D";
  instance.register("close", world.now());
  const at = world.now().toISOString();
  const object = JSON.stringify({ error: boom(code, error), date: at });
  instance.disconnection = { code, object, at };
  announceEnd(world, instance, instance.disconnection);
}

/** The part of a Boom error that differs from one end to the other. */
export interface EndError {
  readonly data: unknown;
  readonly message: string;
}

/** The error of a logout that was asked for. */
export const loggedOut = (instance: Instance): EndError => ({
  data: null,
  message: `Log out instance: ${instance.name}`,
});

/** The error of a login that WhatsApp refused for good. */
export const loginFailure = (code: number): EndError => ({
  data: { reason: String(code), location: "simulated" },
  message: "Connection Failure",
});

/** The error of a device that the phone removed while the session was open. */
export const deviceRemoved: EndError = {
  data: { tag: "conflict", attrs: { type: "device_removed" } },
  message: "Stream Errored (conflict)",
};

const REASONS: Readonly<Record<number, string>> = {
  401: "Unauthorized",
  402: "Payment Required",
  403: "Forbidden",
  406: "Not Acceptable",
  408: "Request Time-out",
};

function boom(code: number, { data, message }: EndError): unknown {
  const payload = { statusCode: code, error: REASONS[code] ?? "Unknown", message };
  return {
    data,
    isBoom: true,
    isServer: false,
    output: { statusCode: code, payload, headers: {} },
  };
}
