/**
 * What the gateway is asked to send and to set up.
 *
 * @module
 */

/** A text. */
export interface TextMessage {
  /** Digits, or a jid. */
  readonly number: string;
  /** As it is to be read. */
  readonly text: string;
  /** WhatsApp's id of the message that is answered. */
  readonly quotedId?: string;
}

/** A picture, a video or a file. */
export interface MediaMessage {
  /** Digits, or a jid. */
  readonly number: string;
  /** How WhatsApp shows it. */
  readonly mediatype: "image" | "video" | "document";
  /** `image/png`; the gateway guesses otherwise. */
  readonly mimetype?: string;
  /** A URL or base64, without `data:`. */
  readonly media: string;
  /** The text below it. */
  readonly caption?: string;
  /** What a document is called. */
  readonly fileName?: string;
  /** WhatsApp's id of the message that is answered. */
  readonly quotedId?: string;
}

/** A voice message. */
export interface AudioMessage {
  /** Digits, or a jid. */
  readonly number: string;
  /** A URL or base64. */
  readonly audio: string;
  /** WhatsApp's id of the message that is answered. */
  readonly quotedId?: string;
}

/** Where the gateway reports to. */
export interface WebhookSettings {
  /** Ours. */
  readonly url: string;
  /** Never empty: the gateway would take all of them, and answers 500 where the list is missing. */
  readonly events: readonly [string, ...string[]];
  /** Sent with every webhook; `jwt_key` is not sent but signs one. Secret. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a new instance is like. */
export interface InstanceSettings {
  /** The instance's own key; the gateway makes one up otherwise. */
  readonly token?: string;
  /** Asks for a QR code in the answer, which then takes 5 s. */
  readonly qrcode?: boolean;
  /** Digits, for a pairing code. */
  readonly number?: string;
  /** Where it reports to, from its first moment on. */
  readonly webhook?: WebhookSettings;
}
