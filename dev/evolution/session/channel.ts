/**
 * What somebody finds who wants something from WhatsApp through an instance's websocket.
 *
 * @module
 */

import type { Instance } from "./instance.ts";

/** Baileys' query time-out: how long a silent socket is waited for. */
export const QUERY_TIMEOUT_MS = 60_000;

/**
 * - `live`: WhatsApp answers;
 * - `closed`: fails at once with Connection Closed;
 * - `dying`: the websocket closes under the request;
 * - `silent`: no answer, for {@linkcode QUERY_TIMEOUT_MS};
 * - `pairing`: a websocket without a login;
 * - `none`: this process never made one;
 * - `limbo`: the process does not hold the instance.
 */
export type Channel = "live" | "closed" | "dying" | "silent" | "pairing" | "none" | "limbo";

/** The channel at this moment. */
export function channelOf(instance: Instance): Channel {
  if (!instance.inMemory) return "limbo";
  switch (instance.socket) {
    case "open":
      return "live";
    case "silent":
    case "login":
      return "silent";
    case "doomed":
      return "dying";
    case "pairing":
      return "pairing";
    case "none":
      return "none";
    case "upgrading":
    case "closed":
      return "closed";
  }
}
