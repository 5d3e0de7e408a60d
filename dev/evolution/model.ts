/**
 * The words of the simulator. Three things that people take for one are kept apart: the registry
 * (a database column), the memory (what the process believes) and the websocket (what is true).
 *
 * @module
 */

/** The gateway versions whose differences are known. */
export type Version = "2.3.6" | "2.3.7" | "2.4.0-rc2";

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
  return socket === "open" || socket === "silent" || socket === "login" || socket === "doomed" ||
    socket === "pairing";
}

/** The sick states of an instance, by their names in docs and measurements. */
export const GHOST_KINDS = [
  "A1",
  "A2",
  "A2b",
  "B1",
  "B2",
  "B3",
  "B4",
  "C1",
  "C3",
  "C4",
  "D",
  "E",
  "H1",
  "H2",
  "flapping-440",
] as const;

/** One of {@linkcode GHOST_KINDS}. */
export type GhostKind = typeof GHOST_KINDS[number];

/** How WhatsApp answers somebody who connects. */
export type Network =
  | { readonly kind: "reachable" }
  /** The connection is refused (B1). */
  | { readonly kind: "refusing" }
  /** The login is answered with this code (B2; 401, 402, 403 and 406 are final: D). */
  | { readonly kind: "rejecting"; readonly code: number }
  /** Nothing comes back: to the login (B3), or already to the websocket upgrade (B4). */
  | { readonly kind: "hanging"; readonly at: "login" | "upgrade" };

/** A QR code as the process remembers it; it goes on remembering it after the pairing. */
export interface Qr {
  /** How many this process has shown for the instance; 0: none yet. */
  readonly count: number;
  readonly code?: string;
  readonly base64?: string;
}

/** What a message is. */
export type MessageKind = "text" | "image" | "video" | "audio" | "document";

/** A message that really left for WhatsApp. */
export interface Delivered {
  readonly id: string;
  readonly number: string;
  readonly kind: MessageKind;
  /** The text, or the caption. */
  readonly content: string;
  /** The file's URL, or how much base64 came. */
  readonly media: string | null;
  readonly at: Date;
}

/** A webhook and what became of it. */
export interface SentWebhook {
  readonly event: string;
  readonly at: Date;
  readonly data: unknown;
  /** One entry for every try: the status, or why there was none. */
  readonly attempts: (number | "timeout" | "error")[];
  outcome: "pending" | "delivered" | "given-up" | "dropped";
}

/** What `POST /webhook/set` keeps. */
export interface WebhookSetting {
  readonly id: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>> | null;
  readonly enabled: boolean;
  readonly events: readonly string[];
  readonly webhookByEvents: boolean;
  readonly webhookBase64: boolean;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly instanceId: string;
}

/** What `POST /settings/set` keeps. */
export interface InstanceSettings {
  readonly rejectCall: boolean;
  readonly msgCall: string;
  readonly groupsIgnore: boolean;
  readonly alwaysOnline: boolean;
  readonly readMessages: boolean;
  readonly readStatus: boolean;
  readonly syncFullHistory: boolean;
  readonly wavoipToken: string;
}

/** Delivery acks that the virtual recipients send: none, delivered, or delivered and read. */
export type Acks = "off" | "on" | "read";
