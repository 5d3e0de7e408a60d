/**
 * What an event asks of the database, and the writing of it: each change is one SQL function, which
 * also drops what came twice or too late.
 *
 * @module
 */

import * as z from "zod/mini";
import {
  type Arguments,
  type Database,
  DatabaseError,
  type FunctionName,
} from "../_shared/runtime/database.ts";
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

/** What came of a change, from most to least. */
const RESULTS = ["doubted", "stored", "applied", "kept", "ignored"] as const;

/**
 * - `doubted`: it contradicts what was reported before: the registry has to be read.
 * - `stored`: a new message.
 * - `applied`: the row changed.
 * - `kept`: an acknowledgement that came before its message.
 * - `ignored`: nothing new.
 */
export type ChangeResult = typeof RESULTS[number];

const result = z.enum(RESULTS);

/** What tells a webhook's place among the others, whatever the gateway's clock says. */
export interface Delivery {
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

/** SQLSTATE classes of a value that the database can never take, however often it comes. */
const OF_THE_ITEM = /^2[23]/;

/**
 * Applies an event's changes in order. One that the database can never take is left out; the others
 * are applied all the same.
 *
 * @returns The result that matters most, `ignored` for no changes; and why items were left out.
 * @throws What {@linkcode Database.call} throws; the changes before it stay, and the event may come
 * again.
 */
export async function applyChanges(
  database: Database,
  instanceId: string,
  changes: readonly Change[],
  delivery: Delivery,
): Promise<{ readonly result: ChangeResult; readonly refused: readonly string[] }> {
  let most: ChangeResult = "ignored";
  const refused: string[] = [];
  for (const change of changes) {
    try {
      const came = await applyChange(database, instanceId, change, delivery);
      if (RESULTS.indexOf(came) < RESULTS.indexOf(most)) most = came;
    } catch (error) {
      const { code } = error instanceof DatabaseError ? error : { code: "" };
      if (!OF_THE_ITEM.test(code) || changes.length === 1) throw error;
      refused.push(`database.${code}`);
    }
  }
  return { result: most, refused };
}

/** Applies one change; with `look`, a report that was doubted, once the registry was read for it. */
export function applyChange(
  database: Database,
  instanceId: string,
  change: Change,
  { digest, signedAt }: Delivery,
  look?: RegistryLook,
): Promise<ChangeResult> {
  const signed_at = signedAt?.toISOString() ?? null;
  const p_order = {
    digest,
    signed_at,
    ...(look === undefined ? {} : { look }),
  };
  const call = <F extends FunctionName>(fn: F, args: Arguments<F>) =>
    database.call(fn, args, result);
  const p_instance_id = instanceId;
  switch (change.kind) {
    case "connection":
      return call("apply_connection_event", {
        p_instance_id,
        p_state: change.state,
        p_at: change.at.toISOString(),
        p_reason: change.reason,
        p_own_number: change.ownNumber,
        p_order,
      });
    case "qr":
      return call("apply_qr_code", {
        p_instance_id,
        p_qr: { code: change.code, base64: change.base64, pairing_code: change.pairingCode },
        p_at: change.at.toISOString(),
        p_order,
      });
    case "logout":
      return call("note_gateway_logout", { p_instance_id, p_signed_at: signed_at });
    case "presence":
      return call("note_presence", { p_instance_id });
    case "message":
      return call("apply_message", { p_instance_id, p_message: messageRow(change) });
    case "acknowledgement":
      return call("apply_acknowledgement", {
        p_instance_id,
        p_whatsapp_message_id: change.whatsappMessageId,
        p_status: change.status,
        ...(change.message === null ? {} : { p_message: addressedRow(change.message) }),
        // A retry proves that the session lived when it was tried first.
        p_signed_at: signed_at,
        p_heard_at: change.heard ? signed_at : null,
      });
  }
}
