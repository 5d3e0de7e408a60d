/**
 * What an event asks of the database: the language between reading and writing.
 *
 * @module
 */

import type { MessageContent } from "./message-content.ts";

/** A connection state that the gateway reports. */
export type ConnectionState = "open" | "close" | "connecting" | "refused";

/** One thing to write. Times are instants, ids and texts are storable. */
export type Change =
  | {
    readonly kind: "connection";
    readonly state: ConnectionState;
    /** WhatsApp's reason; null where there is none. */
    readonly reason: number | null;
    /** Digits; null unless the session opened. */
    readonly ownNumber: string | null;
    readonly at: Date;
  }
  | {
    readonly kind: "qr";
    readonly code: string | null;
    readonly base64: string | null;
    readonly pairingCode: string | null;
    readonly at: Date;
  }
  | {
    readonly kind: "message";
    readonly whatsappMessageId: string;
    readonly remoteJid: string;
    readonly fromMe: boolean;
    /** The sender's own name for themselves; null in groups and for what we sent. */
    readonly contactName: string | null;
    readonly sentAt: Date;
    readonly content: MessageContent;
  }
  | {
    readonly kind: "acknowledgement";
    readonly whatsappMessageId: string;
    readonly status: "sent" | "delivered" | "read";
  };

/** When an event happened, by two clocks. */
export interface EventTimes {
  /** By the gateway, as {@linkcode eventTime} believes it. */
  readonly at: Date;
  /** By us. */
  readonly now: Date;
}

/**
 * Reads one kind of event.
 *
 * @returns The changes, in order; none where the event says nothing that is kept.
 * @throws {z.ZodError} When `data` is not what this event's data can be.
 */
export type ReadData = (data: unknown, times: EventTimes) => readonly Change[];
