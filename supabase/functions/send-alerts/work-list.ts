/**
 * Alerts in the database: messages that are due, and how sending them ended.
 *
 * @module
 */

import * as z from "zod/mini";
import { instanceAddress } from "../_shared/contracts/instance-row.ts";
import type { Database } from "../_shared/runtime/database.ts";

const messages = z.array(z.object({
  message_id: z.uuid(),
  kind: z.enum(["telegram", "slack", "discord", "whatsapp", "webhook"]),
  target: z.nullable(z.string()),
  url: z.nullable(z.string()),
  secrets: z.array(z.string()),
  language: z.enum(["pt", "en"]),
  numbers: z.int(),
  items: z.array(z.object({
    instanceId: z.uuid(),
    name: z.string(),
    kind: z.enum(["down", "qr", "recovered"]),
    reason: z.nullable(z.string()),
    since: z.string(),
    awaySeconds: z.number(),
  })),
  number_page: z.nullable(z.string()),
  /** Of a number that waits for a scan: where its code is shown. */
  qr_page: z.nullable(z.string()),
  sender: z.nullable(instanceAddress),
}));

/** One message for one channel, of one number or of many; of none: a word of trial. */
export type AlertMessage = Readonly<z.infer<typeof messages>[number]>;

/**
 * Alerts that leave through a number of the organization's own: known, they are nobody's messages when
 * its gateway reports them. Each call may throw what {@linkcode Database.call} throws.
 */
export interface OwnAlerts {
  /** Called before one leaves; null: there is no such number any more. */
  begin(instanceName: string, text: string): Promise<string | null>;
  /** The gateway told its id. */
  name(id: string, whatsappMessageId: string): Promise<unknown>;
}

/** Each call may throw what {@linkcode Database.call} throws. */
interface WorkList extends OwnAlerts {
  /** Takes up to `limit` messages that are due, each to one caller. */
  claim(limit: number): Promise<readonly AlertMessage[]>;
  /** Writes down how sending it ended. */
  record(message: AlertMessage, outcome: string): Promise<unknown>;
}

/** Makes the list. */
export function createWorkList(database: Database): WorkList {
  return {
    claim: (limit) => database.call("claim_alerts", { p_limit: limit }, messages),
    record: ({ message_id }, outcome) => {
      const end = { p_message_id: message_id, p_outcome: outcome };
      return database.call("record_alert", end, z.unknown());
    },
    begin: (instanceName, text) => {
      const alert = { p_instance_name: instanceName, p_text: text };
      return database.call("begin_own_alert", alert, z.nullable(z.uuid()));
    },
    name: (id, whatsappMessageId) => {
      const named = { p_id: id, p_whatsapp_id: whatsappMessageId };
      return database.call("name_own_alert", named, z.unknown());
    },
  };
}
