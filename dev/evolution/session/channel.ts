/**
 * What an instance's websocket reaches, and whom: WhatsApp's numbers.
 *
 * @module
 */

import type { Socket } from "../model/connection.ts";
import type { Instance } from "../model/instance.ts";

/** Baileys' query time-out: how long a silent socket is waited for. */
export const QUERY_TIMEOUT_MS = 60_000;

/**
 * What somebody finds who wants something from WhatsApp through an instance's websocket.
 * - `live`: WhatsApp answers;
 * - `closed`: fails at once with Connection Closed;
 * - `dying`: the websocket closes under the request;
 * - `silent`: no answer, for {@linkcode QUERY_TIMEOUT_MS};
 * - `pairing`: a websocket without a login;
 * - `none`: this process never made one;
 * - `limbo`: the process does not hold the instance.
 */
export type Channel = "live" | "closed" | "dying" | "silent" | "pairing" | "none" | "limbo";

const CHANNELS: Readonly<Record<Socket, Channel>> = {
  open: "live",
  silent: "silent",
  login: "silent",
  doomed: "dying",
  pairing: "pairing",
  none: "none",
  upgrading: "closed",
  closed: "closed",
};

/** The channel at this moment. */
export function channelOf(instance: Instance): Channel {
  return instance.inMemory ? CHANNELS[instance.socket] : "limbo";
}

/** `5511…` → `5511…@s.whatsapp.net`; a jid stays as it is. */
export function jidOf(number: string): string {
  return number.includes("@") ? number : `${number.replace(/\D/g, "")}@s.whatsapp.net`;
}

/** Numbers ending in 0000 are not on WhatsApp. */
export function isOnWhatsApp(jid: string): boolean {
  return !/0000@s\.whatsapp\.net$/.test(jid);
}
