/**
 * A message as the gateway hands it over, whichever way it comes: as it arrives, in a pairing's
 * history, or out of what the gateway has stored. Pure.
 *
 * @module
 */

import * as z from "zod/mini";
import { knownTime, optionalText, parseData, storedId } from "./event-fields.ts";
import { type MessageContent, readContent } from "./message-content.ts";

/** `true` and nothing else. */
export const isTrue = z.pipe(
  z.optional(z.unknown()),
  z.transform((value) => value === true),
);

/** Anything but a text is none. */
export const address = z.catch(z.nullish(z.string()), null);

/** Which message it is, and whose chat it is in. */
export const messageKey = z.object({
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

/** A chat, and what was written there. */
export interface AddressedMessage {
  readonly remoteJid: string;
  /** The same person's `…@lid`, where both were told. */
  readonly hiddenJid: string | null;
  readonly content: MessageContent;
}

/** A message that came in, or that was sent from the phone. Ids and texts are storable. */
export interface ReceivedMessage extends AddressedMessage {
  readonly whatsappMessageId: string;
  readonly fromMe: boolean;
  /** The sender's own name for themselves; null in groups and for what we sent. */
  readonly contactName: string | null;
  readonly sentAt: Date;
}

/**
 * Reads a message.
 *
 * @param now Taken for its time where that is missing or senseless.
 * @returns Null for what is no chat's, and for what holds nothing that a person wrote or sent.
 * @throws `MalformedError`, naming the field that is not what it can be.
 */
export function readReceived(data: unknown, now: Date): ReceivedMessage | null {
  const received = parseData(message, data);
  const { id, fromMe } = received.key;
  const chat = readAddressed(received.key, received.message);
  if (chat === null) return null;
  return {
    whatsappMessageId: id,
    ...chat,
    fromMe,
    contactName: fromMe || isGroup(chat.remoteJid) ? null : received.pushName,
    sentAt: knownTime(received.messageTimestamp, now) ?? now,
  };
}

/** The chat and the content; null where it is no chat, or the message holds nothing. */
export function readAddressed(key: ChatKey, message: unknown): AddressedMessage | null {
  const remoteJid = chatJid(key);
  const hiddenJid = hiddenJidOf(key);
  const content = readContent(message);
  if (remoteJid === null || content === null) return null;
  return { remoteJid, hiddenJid: hiddenJid === remoteJid ? null : hiddenJid, content };
}

/** The same as SQL takes it (`apply_message`). */
export function messageRow(received: ReceivedMessage) {
  const { content } = received;
  return {
    ...addressedRow(received),
    whatsapp_message_id: received.whatsappMessageId,
    from_me: received.fromMe,
    media_url: content.mediaUrl,
    media_mime_type: content.mediaMimeType,
    file_name: content.fileName,
    sent_at: received.sentAt.toISOString(),
    contact_name: received.contactName,
  };
}

/** The same as SQL takes it (`apply_acknowledgement`). */
export function addressedRow({ remoteJid, hiddenJid, content }: AddressedMessage) {
  return {
    remote_jid: remoteJid,
    hidden_jid: hiddenJid,
    type: content.type,
    content: content.content,
    caption: content.caption,
  };
}

/** How far one of ours got, by the gateway's word for it. */
export const REACHED: ReadonlyMap<string, "sent" | "delivered" | "read" | "failed"> = new Map([
  ["ERROR", "failed"],
  ["SERVER_ACK", "sent"],
  ["DELIVERY_ACK", "delivered"],
  ["READ", "read"],
  ["PLAYED", "read"],
]);

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
