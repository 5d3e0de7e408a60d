/**
 * What the gateway is asked for, and how each call can end. `outcome` decides; `ms` is there always,
 * `httpStatus` where there was an HTTP answer.
 *
 * @module
 */

import type { LargeText } from "../runtime/large-text.ts";

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
  readonly media: string | LargeText;
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
  readonly audio: string | LargeText;
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
  /** Where it reports to, from its first moment on. */
  readonly webhook?: WebhookSettings;
}

/** What every outcome carries. */
export interface Measured {
  /** How long the call took, in milliseconds. */
  readonly ms: number;
  /** Absent where there was no HTTP answer. */
  readonly httpStatus?: number;
}

/**
 * The ends that say nothing about the session:
 * - `not_found`: the gateway does not know the instance (or no URL can name it: no `httpStatus`);
 * - `unauthorized`: the gateway's own 401 or 403;
 * - `unlicensed`: it does nothing until its licence is activated;
 * - `timeout`: no whole answer within the limit;
 * - `unreachable`: not connected, cut midway (a call that changes something may have done so), or an
 *   error of somebody in front of it: a proxy, a platform's edge, a firewall;
 * - `invalid`: an answer that is not the gateway's (a page, nothing at all), or of a shape that is not
 *   known.
 */
export interface Fault extends Measured {
  /** Which. */
  readonly outcome:
    | "not_found"
    | "unauthorized"
    | "unlicensed"
    | "timeout"
    | "unreachable"
    | "invalid";
}

/** The gateway answered with an error of its own. */
export interface Refused extends Measured {
  /** Always this. */
  readonly outcome: "refused";
}

/** A state as Evolution names it. */
export type SessionState = "open" | "close" | "connecting";

/** A code to scan. A secret: who scans it owns the session. */
export interface QrCode {
  /** The text of the code. */
  readonly code: string | null;
  /** The image, a `data:` URL. */
  readonly base64: string | null;
  /** The eight letters to type instead, where a number was given. */
  readonly pairingCode: string | null;
}

/** End of a send. */
export type SendOutcome =
  | Measured & {
    /** A 2xx with a message's key. Not delivery: a half-open socket also answers 201, after 60 s. */
    readonly outcome: "sent";
    /** null where the answer could not be read: accepted all the same. */
    readonly whatsappMessageId: string | null;
  }
  | Measured & {
    readonly outcome: SendFailure;
    /** Answered, but not in a gateway's words: nobody knows whether it left. */
    readonly unread?: true;
  };

/** A half-open socket answers a send after 60 s; nothing healthy takes this long. In ms. */
export const SLOW_SEND_MS = 45_000;

/**
 * Why a send failed:
 * - `connection_closed`: the socket is not open; nothing was written to it, unless it took 60 s;
 * - `number_not_on_whatsapp`, `invalid_request`: the same again would fail again;
 * - `instance_not_found`, `gateway_unauthorized`, `gateway_unlicensed`: as {@linkcode Fault};
 * - `rate_limited_by_whatsapp`: WhatsApp wants a pause; the socket lives;
 * - `hidden_number_unsupported`: a `@lid`, which this version of the gateway cannot address;
 * - `gateway_unreachable`: nothing reached the gateway;
 * - `gateway_timeout`: unknown whether it left (no answer, or a proxy gave up waiting);
 * - `gateway_error`: any other error, also a 2xx that is not the gateway's (a page, nothing).
 */
export type SendFailure =
  | "connection_closed"
  | "number_not_on_whatsapp"
  | "hidden_number_unsupported"
  | "rate_limited_by_whatsapp"
  | "invalid_request"
  | "instance_not_found"
  | "gateway_unauthorized"
  | "gateway_unlicensed"
  | "gateway_unreachable"
  | "gateway_timeout"
  | "gateway_error";

/**
 * End of a probe. `alive`: WhatsApp answered through the socket; with `limited` it refused, because it
 * was asked too much. `connection_closed`: the gateway says that it is not open. `no_number`: nothing
 * to ask about, nothing was asked.
 */
export type ProbeOutcome =
  | Measured & { readonly outcome: "alive"; readonly limited?: true }
  | Measured & { readonly outcome: "connection_closed" | "no_number" }
  | Refused
  | Fault;

/** End of a logout. What it did, only the registry says: 2.3.6 answers 200 and does nothing. */
export type LogoutOutcome =
  | Measured & { readonly outcome: "accepted" | "not_connected" | "socket_dead" }
  | Fault;

/** What the gateway's database says. It does not look at the socket. */
export type RegistryOutcome =
  | Measured & {
    readonly outcome: SessionState;
    /** Digits; null before the first pairing. */
    readonly ownNumber: string | null;
    /**
     * What a new instance of this name would not have: the key that is shown is this instance's own
     * (`own_key`), or it has a proxy or an integration (`own_settings`).
     */
    readonly irreplaceable?: "own_key" | "own_settings";
  }
  | Fault;

/** What the gateway's process believes. `missing`: it holds no session of that name. */
export type MemoryOutcome = Measured & { readonly outcome: SessionState | "missing" } | Fault;

/**
 * End of a connect. A `qr` means "needs pairing" only where the registry is not `open`: a paired
 * device's old code is answered too. `no_qr_yet` (`{"count":0}`) is no fault.
 */
export type ConnectOutcome =
  | Measured & { readonly outcome: "open" | "no_qr_yet" }
  | Measured & { readonly outcome: "qr" } & QrCode
  | Refused
  | Fault;

/** End of a restart. `accepted` proves nothing: on a zombie it answers `open` and does nothing. */
export type RestartOutcome = CallOutcome;

/** The webhook as the gateway has it. Its headers, which hold a secret, are left out. */
export type WebhookOutcome =
  | Measured & {
    readonly outcome: "configured";
    readonly url: string;
    readonly enabled: boolean;
    readonly events: readonly string[];
    /** Whether files are repeated in webhooks: a download that hangs makes the number deaf. */
    readonly base64: boolean;
  }
  | Measured & { readonly outcome: "none" }
  | Fault;

/** End of setting the webhook. */
export type SetWebhookOutcome = Measured & { readonly outcome: "set" } | Refused | Fault;

/** Which of the messages that the gateway has stored are asked for. */
export interface MessagesWindow {
  /** The first second that belongs to it. */
  readonly from: Date;
  /** The last one. */
  readonly until: Date;
  /** From 1. */
  readonly page: number;
  /** Messages on a page, at most. */
  readonly size: number;
  /** That one alone, by WhatsApp's id. */
  readonly id?: string;
}

/**
 * End of a look at the stored messages. `too_large`: the page is more than is read of an answer; a
 * smaller one may be had. `unsupported`: this gateway does not know the question.
 */
export type MessagesOutcome =
  | Measured & {
    readonly outcome: "page";
    /** As they came, newest first. Hold people's messages: never logged. */
    readonly records: readonly unknown[];
  }
  | Measured & { readonly outcome: "too_large" | "unsupported" }
  | Refused
  | Fault;

/**
 * End of a request for a message's file, which the gateway fetches from WhatsApp and decrypts:
 * - `unknown_message`: it has stored no such message, or one without a file;
 * - `expired`: WhatsApp does not hand it out any more;
 * - `not_open`: it needs a session that is open, for the phone to upload it once more (up to 2.3.0), or
 *   does not hold the instance;
 * - `unavailable`: it could not fetch or decrypt it, now or ever: it does not say;
 * - `too_large`: more than is read of an answer.
 */
export type FileOutcome =
  | Measured & {
    readonly outcome: "file";
    /** Not checked. A person's file: never logged. */
    readonly base64: string | LargeText;
    readonly mimetype: string | null;
    /** Made up by the gateway where the message has none. */
    readonly fileName: string | null;
  }
  | Measured & {
    readonly outcome: "unknown_message" | "expired" | "not_open" | "unavailable" | "too_large";
  }
  | Fault;

/** End of a call whose effect shows elsewhere. */
export type CallOutcome = Measured & { readonly outcome: "accepted" } | Refused | Fault;

/** End of a create. */
export type CreateOutcome =
  | Measured & { readonly outcome: "created" | "name_taken" }
  | Refused
  | Fault;

/** End of a delete. The name can stay taken for a while. */
export type RemoveOutcome = Measured & { readonly outcome: "removed" } | Refused | Fault;

/** The part of any outcome that may be stored and logged: no QR, no key, no number. */
export function outcomeRecord(
  outcome: Measured & { readonly outcome: string },
): { readonly outcome: string; readonly ms: number; readonly httpStatus?: number } {
  return {
    outcome: outcome.outcome,
    ms: outcome.ms,
    ...(outcome.httpStatus === undefined ? {} : { httpStatus: outcome.httpStatus }),
  };
}
