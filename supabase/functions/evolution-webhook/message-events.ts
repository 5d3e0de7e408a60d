/**
 * Events about messages: `messages.upsert`, `send.message` and `messages.update`.
 *
 * @module
 */

import * as z from "zod/mini";
import type { Change, DataReading, ReadData } from "./changes.ts";
import { MalformedError, messageTime, optionalText, parseData, storedId } from "./event-fields.ts";
import { readContent } from "./message-content.ts";

const isTrue = z.pipe(z.optional(z.unknown()), z.transform((value) => value === true));

const address = z.catch(z.nullish(z.string()), null);

const messageKey = z.object({
  id: storedId,
  remoteJid: z.string(),
  remoteJidAlt: address,
  // So older gateways name the sender's number.
  senderPn: address,
  fromMe: isTrue,
});

const message = z.object({
  key: messageKey,
  pushName: optionalText,
  message: z.optional(z.unknown()),
  messageTimestamp: z.optional(z.unknown()),
});

/**
 * `messages.upsert`: a message that came in, or that was sent from the phone. Gateways send one or
 * an array. Chats that are none, and messages that hold nothing, are left out.
 */
export const readUpsert: ReadData = (data, { now }) =>
  eachItem(message, data, (received) => {
    const { id, fromMe } = received.key;
    const read = readMessage(received.key, received.message);
    if (read === null) return [];
    return [{
      kind: "message",
      whatsappMessageId: id,
      ...read,
      fromMe,
      contactName: fromMe || isGroup(read.remoteJid) ? null : received.pushName,
      sentAt: messageTime(received.messageTimestamp, now),
    }];
  });

/** The chat and the content; null where it is no chat, or the message holds nothing. */
function readMessage(key: ChatKey, message: unknown) {
  const remoteJid = chatJid(key);
  const hiddenJid = hiddenJidOf(key);
  const content = readContent(message);
  if (remoteJid === null || content === null) return null;
  return { remoteJid, hiddenJid: hiddenJid === remoteJid ? null : hiddenJid, content };
}

const sent = z.object({
  key: z.extend(messageKey, { remoteJid: address }),
  message: z.optional(z.unknown()),
});

/**
 * `send.message`: our own send through the gateway. Its row exists already, or is about to learn
 * its id from the answer to that send: it is acknowledged, never stored a second time. Where that
 * answer is lost, what was sent tells the row.
 */
export const readSent: ReadData = (data) =>
  eachItem(sent, data, ({ key: { remoteJid, ...key }, message }) => [{
    kind: "acknowledgement",
    whatsappMessageId: key.id,
    status: "sent",
    message: remoteJid == null ? null : readMessage({ ...key, remoteJid }, message),
  }]);

const STATUSES: ReadonlyMap<string, "sent" | "delivered" | "read" | "failed"> = new Map([
  ["ERROR", "failed"],
  ["SERVER_ACK", "sent"],
  ["DELIVERY_ACK", "delivered"],
  ["READ", "read"],
  ["PLAYED", "read"],
]);

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
  eachItem(update, data, ({ keyId, key, fromMe, status }) => {
    const reached = STATUSES.get(status ?? "");
    const whatsappMessageId = keyId ?? key?.id;
    const ours = fromMe || key?.fromMe === true;
    return ours && reached !== undefined && whatsappMessageId !== undefined
      ? [{ kind: "acknowledgement", whatsappMessageId, status: reached, message: null }]
      : [];
  });

/**
 * Reads what may be one item or a list. One that is not what it can be never loses the others of its
 * list: it is left out, and told.
 *
 * @throws {MalformedError} Where the only item is not what it can be.
 */
function eachItem<T>(
  schema: z.ZodMiniType<T>,
  data: unknown,
  read: (item: T) => readonly Change[],
): DataReading {
  if (!Array.isArray(data)) return { changes: read(parseData(schema, data)), refused: [] };
  const refused: string[] = [];
  const changes = data.flatMap((item) => {
    try {
      return read(parseData(schema, item));
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      refused.push(error.field);
      return [];
    }
  });
  return { changes, refused };
}

/** The part of a message's key that names the chat. */
interface ChatKey {
  readonly remoteJid: string;
  /** The person's other address: the number's where `remoteJid` is hidden (`…@lid`), or that one. */
  readonly remoteJidAlt?: string | null | undefined;
  /** The sender's number: the chat's, unless we are the sender. */
  readonly senderPn?: string | null | undefined;
  readonly fromMe?: boolean;
}

const JID = /^([\w.-]{1,100})(?::\d+)?@(s\.whatsapp\.net|c\.us|g\.us|lid)$/;

/**
 * The chat's address: a person's or a group's, without the device. A person's number wherever it is
 * told. Which addresses are one person's is the database's to say (`person_key`).
 *
 * @returns `5511999998888@s.whatsapp.net`, `…@g.us` or `…@lid`; null for what is no chat (status,
 * broadcast lists, newsletters).
 */
export function chatJid({ remoteJid, remoteJidAlt, senderPn, fromMe }: ChatKey): string | null {
  const others = isHidden(remoteJid) ? [remoteJidAlt, fromMe ? null : senderPn] : [];
  const number = others.find((jid) => jid?.endsWith("@s.whatsapp.net") && JID.test(jid));
  const [, user, server] = JID.exec(number ?? remoteJid) ?? [];
  if (user === undefined || server === undefined) return null;
  return `${user}@${server === "c.us" ? "s.whatsapp.net" : server}`;
}

/** The chat's hidden address; null where none was told. */
function hiddenJidOf({ remoteJid, remoteJidAlt }: ChatKey): string | null {
  const hidden = [remoteJid, remoteJidAlt].find((jid) => isHidden(jid));
  const [, user] = JID.exec(hidden ?? "") ?? [];
  return user === undefined ? null : `${user}@lid`;
}

function isHidden(jid: string | null | undefined): boolean {
  return jid?.endsWith("@lid") ?? false;
}

/** Whether many people write in it: then a sender's name is not the chat's. */
function isGroup(jid: string): boolean {
  return jid.endsWith("@g.us");
}
