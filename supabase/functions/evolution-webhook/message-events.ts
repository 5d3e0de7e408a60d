/**
 * Events about messages: `messages.upsert`, `send.message` and `messages.update`.
 *
 * @module
 */

import * as z from "zod/mini";
import { MalformedError, parseData, storedId } from "../_shared/messages/event-fields.ts";
import {
  address,
  isTrue,
  messageKey,
  REACHED,
  readAddressed,
  readReceived,
} from "../_shared/messages/received-message.ts";
import type { Change, DataReading, ReadData } from "./changes.ts";

/**
 * `messages.upsert`: a message that came in, or that was sent from the phone. Gateways send one or
 * an array. Chats that are none, and messages that hold nothing, are left out.
 */
export const readUpsert: ReadData = (data, { now }) =>
  eachItem(data, (item) => {
    const received = readReceived(item, now);
    return received === null ? [] : [{ kind: "message", ...received }];
  });

const sent = z.object({
  key: z.extend(messageKey, { remoteJid: address }),
  message: z.optional(z.unknown()),
});

/**
 * `send.message`: our own send through the gateway. Its row exists already, or is about to learn
 * its id from the answer to that send: it is acknowledged, never stored a second time. Where that
 * answer is lost, what was sent tells the row. That it left says nothing about what comes in.
 */
export const readSent: ReadData = (data) =>
  eachItem(data, (item) => {
    const { key: { remoteJid, ...key }, message } = parseData(sent, item);
    return [{
      kind: "acknowledgement",
      whatsappMessageId: key.id,
      status: "sent",
      message: remoteJid == null ? null : readAddressed({ ...key, remoteJid }, message),
      heard: false,
    }];
  });

// `keyId` in 2.3; older gateways send the key itself.
const update = z.object({
  keyId: z.catch(z.nullish(storedId), null),
  key: z.catch(z.nullish(z.object({ id: storedId, fromMe: isTrue })), null),
  fromMe: isTrue,
  status: z.catch(z.nullish(z.string()), null),
}).check(
  z.refine(({ keyId, key }) => (keyId ?? key?.id) !== undefined, { path: ["keyId"] }),
);

/** `messages.update`: how far our messages got. Other people's, and other words, say nothing. */
export const readUpdate: ReadData = (data) =>
  eachItem(data, (item) => {
    const { keyId, key, fromMe, status: word } = parseData(update, item);
    const status = REACHED.get(word ?? "");
    const whatsappMessageId = keyId ?? key?.id;
    const ours = fromMe || key?.fromMe === true;
    return ours && status !== undefined && whatsappMessageId !== undefined
      ? [{ kind: "acknowledgement", whatsappMessageId, status, message: null, heard: true }]
      : [];
  });

/**
 * Reads what may be one item or a list. One that is not what it can be never loses the others of its
 * list: it is left out, and told.
 *
 * @throws {MalformedError} Where the only item is not what it can be.
 */
function eachItem(data: unknown, read: (item: unknown) => readonly Change[]): DataReading {
  if (!Array.isArray(data)) return { changes: read(data), refused: [] };
  const refused: string[] = [];
  const changes = data.flatMap((item) => {
    try {
      return read(item);
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      refused.push(error.field);
      return [];
    }
  });
  return { changes, refused };
}
