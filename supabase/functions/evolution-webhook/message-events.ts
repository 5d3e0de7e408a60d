/**
 * Events about messages: `messages.upsert`, `send.message` and `messages.update`.
 *
 * @module
 */

import { z } from "zod";
import type { Change, ReadData } from "./change.ts";
import { messageTime } from "./event-time.ts";
import { readContent } from "./message-content.ts";
import { chatJid, isGroup } from "./remote-jid.ts";
import { optionalText, storedId } from "./stored-text.ts";

const isTrue = z.unknown().optional().transform((value) => value === true);

const message = z.object({
  key: z.object({
    id: storedId,
    remoteJid: z.string(),
    remoteJidAlt: z.string().nullish().catch(null).transform((jid) => jid ?? null),
    fromMe: isTrue,
  }),
  pushName: optionalText,
  message: z.unknown().optional(),
  messageTimestamp: z.unknown().optional(),
});

/**
 * `messages.upsert`: a message that came in, or that was sent from the phone. Gateways send one or
 * an array. Chats that are none, and messages that hold nothing, are left out.
 */
export const readUpsert: ReadData = (data, { now }) =>
  oneOrMany(message).parse(data).flatMap((received): Change[] => {
    const { id, fromMe } = received.key;
    const remoteJid = chatJid(received.key);
    const content = readContent(received.message);
    if (remoteJid === null || content === null) return [];
    return [{
      kind: "message",
      whatsappMessageId: id,
      remoteJid,
      fromMe,
      contactName: fromMe || isGroup(remoteJid) ? null : received.pushName,
      sentAt: messageTime(received.messageTimestamp, now),
      content,
    }];
  });

const sent = z.object({ key: z.object({ id: storedId }) });

/**
 * `send.message`: our own send through the gateway. Its row exists already, or is about to learn
 * its id from the answer to that send: it is acknowledged, never stored a second time.
 */
export const readSent: ReadData = (data) =>
  oneOrMany(sent).parse(data).map(({ key }) => ({
    kind: "acknowledgement",
    whatsappMessageId: key.id,
    status: "sent",
  }));

const STATUSES: ReadonlyMap<string, "sent" | "delivered" | "read"> = new Map([
  ["SERVER_ACK", "sent"],
  ["DELIVERY_ACK", "delivered"],
  ["READ", "read"],
  ["PLAYED", "read"],
]);

// `keyId` in 2.3; older gateways send the key itself.
const update = z.object({
  keyId: storedId.optional(),
  key: z.object({ id: storedId, fromMe: isTrue }).optional(),
  fromMe: isTrue,
  status: z.string().nullish().catch(null),
}).refine(({ keyId, key }) => keyId !== undefined || key !== undefined, { path: ["keyId"] });

/** `messages.update`: how far our messages got. Other people's, and other words, say nothing. */
export const readUpdate: ReadData = (data) =>
  oneOrMany(update).parse(data).flatMap(({ keyId, key, fromMe, status }): Change[] => {
    const reached = STATUSES.get(status ?? "");
    const whatsappMessageId = keyId ?? key?.id;
    const ours = fromMe || key?.fromMe === true;
    return ours && reached !== undefined && whatsappMessageId !== undefined
      ? [{ kind: "acknowledgement", whatsappMessageId, status: reached }]
      : [];
  });

function oneOrMany<T extends z.ZodType>(item: T) {
  return z.preprocess((data) => Array.isArray(data) ? data : [data], z.array(item));
}
