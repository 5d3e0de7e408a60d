/**
 * A number's connection to WhatsApp: what is believed of it, what its websocket is, who answers.
 *
 * @module
 */

/** `connectionState`, and the values of the registry's `connectionStatus`. */
export type State = "open" | "close" | "connecting";

/**
 * The websocket to WhatsApp.
 * - `none`: this process never made one for the instance;
 * - `open`: logged in, everything works;
 * - `silent`: half-open, nothing comes back;
 * - `login`: open, the login is not answered;
 * - `doomed`: open for the blink of an eye, WhatsApp is about to close it;
 * - `pairing`: open, showing a QR code;
 * - `upgrading`: not open yet;
 * - `closed`.
 */
export type Socket =
  | "none"
  | "open"
  | "silent"
  | "login"
  | "doomed"
  | "pairing"
  | "upgrading"
  | "closed";

/** Whether a logout sent now would be written to the websocket: all that logout looks at. */
export function isWebsocketOpen(socket: Socket): boolean {
  return socket !== "none" && socket !== "upgrading" && socket !== "closed";
}

/** How WhatsApp answers somebody who connects. */
export type Network =
  | { readonly kind: "reachable" }
  /** The connection is refused (B1). */
  | { readonly kind: "refusing" }
  /** The login is answered with this code (B2; 401, 402, 403 and 406 are final: D). */
  | { readonly kind: "rejecting"; readonly code: number }
  /** Nothing comes back: to the login (B3), or already to the websocket upgrade (B4). */
  | { readonly kind: "hanging"; readonly at: "login" | "upgrade" };
