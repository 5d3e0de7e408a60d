/**
 * Messages as Evolution prints them, in answers and webhooks.
 *
 * @module
 */

import type { Instance } from "./session/instance.ts";
import type { MessageKind } from "./model.ts";
import type { World } from "./world.ts";

/** A message's file. */
export interface MediaContent {
  readonly kind: Exclude<MessageKind, "text">;
  readonly mimetype: string;
  /** Where the file is, or the file itself in base64. */
  readonly media: string;
  readonly caption?: string | undefined;
  readonly fileName?: string | undefined;
}

/** What a message says. */
export type Content = { readonly kind: "text"; readonly text: string } | MediaContent;

/** `messageType`. */
export function messageType(content: Content): string {
  return content.kind === "text" ? "conversation" : `${content.kind}Message`;
}

/** `message`: the part that WhatsApp carries. */
export function messageBody(world: World, content: Content, outgoing: boolean): unknown {
  if (content.kind === "text") return { conversation: content.text };
  const { random } = world.settings;
  const path = `/m/${random.hex(12)}`;
  const image = content.kind === "image"
    ? { interactiveAnnotations: [], scanLengths: [], annotations: [] }
    : {};
  const file = {
    ...image,
    url: `https://mmg.whatsapp.invalid${path}`,
    mimetype: content.mimetype,
    ...(content.caption === undefined ? {} : { caption: content.caption }),
    ...(content.kind === "document" ? { fileName: content.fileName ?? "file" } : {}),
    fileSha256: byteMap(random.bytes(32)),
    fileLength: { low: content.media.length, high: 0, unsigned: true },
    ...(content.kind === "audio" ? { ptt: true } : {}),
    mediaKey: byteMap(random.bytes(32)),
    fileEncSha256: byteMap(random.bytes(32)),
    directPath: path,
    mediaKeyTimestamp: { low: seconds(world), high: 0, unsigned: false },
    ...(outgoing ? { contextInfo: contextInfo(world, content) } : {}),
  };
  return { [messageType(content)]: file };
}

/** A message that the gateway accepted: sendText's answer and the data of `send.message`. */
export function sentMessage(
  world: World,
  instance: Instance,
  { id, jid, content, quotedId }: {
    readonly id: string;
    readonly jid: string;
    readonly content: Content;
    readonly quotedId?: string | undefined;
  },
): Record<string, unknown> {
  return {
    key: { remoteJid: jid, fromMe: true, id },
    pushName: "Você",
    status: "PENDING",
    message: messageBody(world, content, true),
    contextInfo: {
      ...contextInfo(world, content),
      ...(quotedId === undefined ? {} : { stanzaId: quotedId }),
    },
    messageType: messageType(content),
    messageTimestamp: seconds(world),
    instanceId: instance.id,
    source: "web",
  };
}

/** The data of `messages.upsert`. */
export function receivedMessage(
  world: World,
  instance: Instance,
  { id, jid, content, pushName, fromMe, base64 }: {
    readonly id: string;
    readonly jid: string;
    readonly content: Content;
    readonly pushName: string;
    readonly fromMe: boolean;
    /** The file, where the webhook's setting asks for it. */
    readonly base64?: string | undefined;
  },
): Record<string, unknown> {
  const message = messageBody(world, content, false) as Record<string, unknown>;
  return {
    key: { remoteJid: jid, fromMe, id, participant: "", addressingMode: "pn" },
    pushName,
    status: "DELIVERY_ACK",
    message: base64 === undefined ? message : { ...message, base64 },
    ...(content.kind === "text" ? {} : { contextInfo: null }),
    messageType: messageType(content),
    messageTimestamp: seconds(world),
    instanceId: instance.id,
    source: "ios",
  };
}

function contextInfo(world: World, content: Content): Record<string, unknown> {
  return {
    mentionedJid: [],
    groupMentions: [],
    ...(content.kind === "audio" ? { statusAttributions: [] } : {}),
    ephemeralSettingTimestamp: { low: seconds(world) - 172_800, high: 0, unsigned: false },
    disappearingMode: { initiator: 0 },
  };
}

/** Bytes as JSON.stringify prints a Uint8Array. */
function byteMap(bytes: Uint8Array): Record<string, number> {
  return Object.fromEntries(bytes.entries());
}

function seconds(world: World): number {
  return Math.floor(world.now().getTime() / 1000);
}
