/**
 * WhatsApp and the people on it: what really leaves, what comes in, what is kept meanwhile.
 *
 * @module
 */

import type { Instance } from "./instance.ts";
import { type Content, receivedMessage, sentMessage } from "../message-bodies.ts";
import type { MessageKind } from "../model.ts";
import type { World } from "../world.ts";

/** From a delivery to the recipient's ack, and from there to the reading. */
const ACK_MS = 400;
const READ_MS = 1_500;

/** A message on its way out. */
export interface Outgoing {
  readonly id: string;
  readonly number: string;
  readonly jid: string;
  readonly content: Content;
  readonly quotedId?: string | undefined;
}

/** A message that somebody sends to the instance's number, or its owner from the phone. */
export interface Incoming {
  /** The other side's number, digits only. */
  readonly from: string;
  readonly text?: string | undefined;
  readonly media?: {
    readonly kind: Exclude<MessageKind, "text">;
    readonly mimetype?: string | undefined;
    readonly url?: string | undefined;
    readonly base64?: string | undefined;
    readonly caption?: string | undefined;
    readonly fileName?: string | undefined;
  } | undefined;
  readonly pushName?: string | undefined;
  /** Sent from the owner's own phone. */
  readonly fromMe?: boolean | undefined;
}

/**
 * What became of an incoming message.
 * - `delivered`: the webhook is on its way;
 * - `held`: WhatsApp keeps it until the session is open again;
 * - `lost`: no device is paired.
 */
export interface IncomingFate {
  readonly id: string;
  readonly fate: "delivered" | "held" | "lost";
}

const MIMETYPES = {
  image: "image/jpeg",
  video: "video/mp4",
  audio: "audio/ogg; codecs=opus",
  document: "application/pdf",
} as const;

/** `5511…` → `5511…@s.whatsapp.net`; a jid stays as it is. */
export function jidOf(number: string): string {
  return number.includes("@") ? number : `${number.replace(/\D/g, "")}@s.whatsapp.net`;
}

/** Numbers ending in 0000 are not on WhatsApp. */
export function isOnWhatsApp(jid: string): boolean {
  return !/0000@s\.whatsapp\.net$/.test(jid);
}

/** A message leaves through a live socket; the recipient's acks follow. */
export function deliver(world: World, instance: Instance, message: Outgoing): void {
  const { content } = message;
  const isText = content.kind === "text";
  instance.delivered.push({
    id: message.id,
    number: message.number,
    kind: content.kind,
    content: isText ? content.text : content.caption ?? "",
    media: isText ? null : describeMedia(content.media),
    at: world.now(),
  });
  world.verifiedNumbers.add(message.jid);
  acknowledge(world, instance, message);
}

/** What sendText answers, and the webhook `send.message` that goes with it. */
export function accept(
  world: World,
  instance: Instance,
  message: Outgoing,
): Record<string, unknown> {
  const data = sentMessage(world, instance, message);
  instance.messageCount++;
  world.emit(instance, "send.message", data);
  return data;
}

/** Somebody writes to the number. */
export function receive(world: World, instance: Instance, incoming: Incoming): IncomingFate {
  const { random } = world.settings;
  const id = `3A${random.hex(18).toUpperCase()}`;
  if (!instance.paired) return { id, fate: "lost" };
  const content = contentOf(incoming);
  const data = receivedMessage(world, instance, {
    id,
    jid: jidOf(incoming.from),
    content,
    pushName: incoming.pushName ?? "Cliente",
    fromMe: incoming.fromMe ?? false,
    base64: instance.webhook?.webhookBase64 ? incoming.media?.base64 : undefined,
  });
  const fate = arrive(instance, () => {
    instance.messageCount++;
    world.emit(instance, "messages.upsert", data);
  });
  return { id, fate };
}

function contentOf({ text, media }: Incoming): Content {
  if (media === undefined) return { kind: "text", text: text ?? "" };
  return {
    kind: media.kind,
    mimetype: media.mimetype ?? MIMETYPES[media.kind],
    media: media.url ?? media.base64 ?? "",
    caption: media.caption ?? text,
    fileName: media.fileName,
  };
}

/** Hands something to the device now, or when it is back. */
function arrive(instance: Instance, handOver: () => void): "delivered" | "held" {
  if (instance.socket === "open") {
    handOver();
    return "delivered";
  }
  instance.held.push(handOver);
  return "held";
}

function acknowledge(world: World, instance: Instance, message: Outgoing): void {
  if (instance.acks === "off") return;
  const { background, clock, random } = world.settings;
  const messageId = random.cuid();
  const update = (status: string) => {
    if (!instance.paired) return;
    arrive(instance, () =>
      world.emit(instance, "messages.update", {
        keyId: message.id,
        remoteJid: message.jid,
        fromMe: true,
        status,
        instanceId: instance.id,
        messageId,
      }));
  };
  background.start(async (signal) => {
    await clock.sleep(ACK_MS, signal);
    update("DELIVERY_ACK");
    if (instance.acks !== "read") return;
    await clock.sleep(READ_MS, signal);
    update("READ");
  });
}

function describeMedia(media: string): string {
  return /^https?:/.test(media) ? media : `base64, ${media.length} characters`;
}
