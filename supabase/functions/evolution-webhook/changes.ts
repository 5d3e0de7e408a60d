/**
 * What an event asks of the database, and the writing of it: each change is one SQL function, which
 * also drops what came twice or too late.
 *
 * @module
 */

import * as z from "zod/mini";
import type { Arguments, Database, FunctionName } from "../_shared/runtime/database.ts";
import type { MessageContent } from "./message-content.ts";

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
interface EventTimes {
  /** By the gateway, as far as it is believed. */
  readonly at: Date;
  /** By us. */
  readonly now: Date;
}

/**
 * Reads one kind of event.
 *
 * @returns The changes, in order; none where the event says nothing that is kept.
 * @throws `MalformedError` when `data` is not what this event's data can be.
 */
export type ReadData = (data: unknown, times: EventTimes) => readonly Change[];

/** What came of a change, from most to least. */
const RESULTS = ["stored", "applied", "kept", "ignored"] as const;

/**
 * - `stored`: a new message.
 * - `applied`: the row changed.
 * - `kept`: an acknowledgement that came before its message.
 * - `ignored`: nothing new.
 */
type ChangeResult = typeof RESULTS[number];

const result = z.enum(RESULTS);

/**
 * Applies an event's changes in order.
 *
 * @returns The result that matters most; `ignored` for no changes.
 * @throws What {@linkcode Database.call} throws; the changes before it stay, and the event may come
 * again.
 */
export async function applyChanges(
  database: Database,
  instanceId: string,
  changes: readonly Change[],
): Promise<ChangeResult> {
  let most: ChangeResult = "ignored";
  for (const change of changes) {
    const came = await applyChange(database, instanceId, change);
    if (RESULTS.indexOf(came) < RESULTS.indexOf(most)) most = came;
  }
  return most;
}

function applyChange(
  database: Database,
  instanceId: string,
  change: Change,
): Promise<ChangeResult> {
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
      });
    case "qr":
      return call("apply_qr_code", {
        p_instance_id,
        p_qr: { code: change.code, base64: change.base64, pairing_code: change.pairingCode },
        p_at: change.at.toISOString(),
      });
    case "message":
      return call("apply_message", {
        p_instance_id,
        p_message: {
          whatsapp_message_id: change.whatsappMessageId,
          remote_jid: change.remoteJid,
          from_me: change.fromMe,
          type: change.content.type,
          content: change.content.content,
          media_url: change.content.mediaUrl,
          media_mime_type: change.content.mediaMimeType,
          file_name: change.content.fileName,
          caption: change.content.caption,
          sent_at: change.sentAt.toISOString(),
          contact_name: change.contactName,
        },
      });
    case "acknowledgement":
      return call("apply_acknowledgement", {
        p_instance_id,
        p_whatsapp_message_id: change.whatsappMessageId,
        p_status: change.status,
      });
  }
}
