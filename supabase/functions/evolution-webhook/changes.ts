/**
 * What an event asks of the database, and the writing of it: one call for all its changes, which also
 * drops what came twice or too late.
 *
 * @module
 */

import * as z from "zod/mini";
import type { Database } from "../_shared/runtime/database.ts";
import {
  type AddressedMessage,
  addressedRow,
  messageRow,
  type ReceivedMessage,
} from "../_shared/messages/received-message.ts";

/** A connection state that the gateway reports. */
type ConnectionState = "open" | "close" | "connecting" | "refused";

/** One thing to write. Times are instants, ids and texts are storable. */
export type Change =
  | {
    readonly kind: "connection";
    readonly state: ConnectionState;
    /** WhatsApp's reason; null where there is none. */
    readonly reason: number | null;
    /** Digits; null unless the session opened. */
    readonly ownNumber: string | null;
    /** The gateway's own time. */
    readonly at: Date;
  }
  | {
    readonly kind: "qr";
    readonly code: string | null;
    readonly base64: string | null;
    readonly pairingCode: string | null;
    readonly at: Date;
  }
  /** The session was logged out by a call to the gateway, whoever made it. */
  | { readonly kind: "logout" }
  /** The queue of the number's events moves. */
  | { readonly kind: "presence" }
  | {
    readonly kind: "message";
  } & ReceivedMessage
  | {
    readonly kind: "acknowledgement";
    readonly whatsappMessageId: string;
    /** `failed`: WhatsApp refused it. */
    readonly status: "sent" | "delivered" | "read" | "failed";
    /** What was sent, and to whom; null where the report does not say it. */
    readonly message: AddressedMessage | null;
    /** Whether WhatsApp handed it over, so that the number hears. */
    readonly heard: boolean;
  };

/** When an event happened, by two clocks. */
interface EventTimes {
  /** By the gateway: its local time, called UTC. */
  readonly at: Date;
  /** By us. */
  readonly now: Date;
}

/** What an event's data asks for. */
export interface DataReading {
  /** In order; none where the event says nothing that is kept. */
  readonly changes: readonly Change[];
  /** Of a pairing's history: its messages, as they came. */
  readonly history?: readonly unknown[];
  /** What is wrong with each item of a list that is left out: a path of our own schema. */
  readonly refused: readonly string[];
}

/**
 * Reads one kind of event.
 *
 * @throws `MalformedError` when `data` is not what this event's data can be.
 */
export type ReadData = (data: unknown, times: EventTimes) => DataReading;

const RESULTS = ["doubted", "stored", "applied", "kept", "ignored"] as const;

/**
 * What came of a webhook, by what matters most of its changes:
 *
 * - `doubted`: it contradicts what was reported before: the registry has to be read.
 * - `stored`: a new message.
 * - `applied`: the row changed.
 * - `kept`: an acknowledgement that came before its message.
 * - `ignored`: nothing new.
 */
export type ChangeResult = typeof RESULTS[number];

const result = z.enum(RESULTS);

/** What tells a webhook's place among the others, whatever the gateway's clock says. */
export interface WebhookDelivery {
  /** Of the body: the same again is a retry. */
  readonly digest: string;
  /** When it was signed, at its first try; null where the gateway cannot sign. */
  readonly signedAt: Date | null;
}

/** What the registry says, read for a report that was doubted; null: nobody knows. */
export interface RegistryLook {
  readonly token: string;
  readonly registry: "open" | "close" | "connecting" | null;
}

const applied = z.union([
  z.object({ result, refused: z.array(z.string()) }),
  z.object({ result: z.literal("unknown_key") }),
]);

/**
 * Applies an event's changes in order, and notes that it was delivered. One that the database can
 * never take is left out where there are others.
 *
 * @param keyId What it was verified by: the database looks whether that still holds.
 * @param delivery With `unread`: how many items of it nobody can read.
 * @returns With the SQLSTATE of each change that was left out; `unknown_key` where nothing was written.
 * @throws What {@linkcode Database.call} throws; nothing was written, and the event may come again.
 */
export function applyWebhook(
  database: Database,
  instanceId: string,
  keyId: string,
  changes: readonly Change[],
  { digest, signedAt, unread }: WebhookDelivery & { readonly unread: number },
): Promise<z.infer<typeof applied>> {
  return database.call("apply_webhook", {
    p_instance_id: instanceId,
    p_key: keyId,
    p_changes: changes.map(changeRow),
    p_delivery: { digest, signed_at: signedAt?.toISOString() ?? null, refused: unread },
  }, applied);
}

/** Judges a report that was doubted once more, now that the registry was read for it. */
export function applyLook(
  database: Database,
  instanceId: string,
  change: Change,
  { digest, signedAt }: WebhookDelivery,
  look: RegistryLook,
): Promise<ChangeResult> {
  const p_order = { digest, signed_at: signedAt?.toISOString() ?? null, look };
  const p_instance_id = instanceId;
  switch (change.kind) {
    case "connection":
      return database.call("apply_connection_event", {
        p_instance_id,
        p_state: change.state,
        p_at: change.at.toISOString(),
        p_reason: change.reason,
        p_own_number: change.ownNumber,
        p_order,
      }, result);
    case "qr":
      return database.call("apply_qr_code", {
        p_instance_id,
        p_qr: qrRow(change),
        p_at: change.at.toISOString(),
        p_order,
      }, result);
    default:
      return Promise.resolve("ignored");
  }
}

/** A change as the database reads it. */
function changeRow(change: Change) {
  const { kind } = change;
  switch (kind) {
    case "connection": {
      const { state, reason, ownNumber, at } = change;
      return { kind, state, reason, own_number: ownNumber, at: at.toISOString() };
    }
    case "qr":
      return { kind, qr: qrRow(change), at: change.at.toISOString() };
    case "logout":
    case "presence":
      return { kind };
    case "message":
      return { kind, message: messageRow(change) };
    case "acknowledgement": {
      const { whatsappMessageId, status, message, heard } = change;
      return {
        kind,
        whatsapp_message_id: whatsappMessageId,
        status,
        message: message === null ? null : addressedRow(message),
        heard,
      };
    }
  }
}

function qrRow({ code, base64, pairingCode }: Change & { readonly kind: "qr" }) {
  return { code, base64, pairing_code: pairingCode };
}
