/**
 * What people write to a number, and what becomes of it; what a phone hands over to a new device.
 *
 * @module
 */

import { z } from "zod";
import { deafPlace } from "../model/deaf-kinds.ts";
import type { Gateway } from "../model/gateway.ts";
import type { Instance } from "../model/instance.ts";
import type { StoredMessage } from "../model/message-store.ts";
import { jidOf } from "./channel.ts";
import { reachDevice } from "./deafness.ts";
import { type Content, messageBody, messageType } from "./message-bodies.ts";

const MIMETYPES = {
  image: "image/jpeg",
  video: "video/mp4",
  audio: "audio/ogg; codecs=opus",
  document: "application/pdf",
} as const;

/** A message that somebody sends to the instance's number, or its owner from the phone. */
export const Incoming = z.object({
  /** The other side's number, digits only. */
  from: z.string(),
  text: z.string().optional(),
  media: z.object({
    kind: z.enum(["image", "video", "audio", "document"]),
    mimetype: z.string().optional(),
    url: z.string().optional(),
    base64: z.string().optional(),
    caption: z.string().optional(),
    fileName: z.string().optional(),
  }).optional(),
  pushName: z.string().optional(),
  /** Sent from the owner's own phone. */
  fromMe: z.boolean().optional(),
  /** Written so long ago, while no device was paired. */
  secondsAgo: z.number().optional(),
  /** WhatsApp's id of it; invented, unless given. */
  id: z.string().optional(),
  /** Written by a device that answers a retry. */
  fromDevice: z.boolean().optional(),
});

/** See {@linkcode Incoming}. */
export type Incoming = z.infer<typeof Incoming>;

/**
 * Somebody writes to the number.
 *
 * @param secondsAgo How long ago; now, unless given. What was written before the device was paired
 *   is on the phone alone.
 * @returns What became of it. `delivered`: the device has it, and a webhook is on its way unless the
 *   process is deaf; `held`: WhatsApp keeps it until the session is open again; `phone`: no device
 *   is paired, the phone alone has it.
 */
export function receiveMessage(
  gateway: Gateway,
  instance: Instance,
  incoming: Incoming,
): { id: string; fate: "delivered" | "held" | "phone" } {
  const id = incoming.id ?? `3A${gateway.settings.random.hex(18).toUpperCase()}`;
  const { from, media, pushName = "Cliente", fromMe = false, secondsAgo } = incoming;
  const content = contentOf(incoming);
  const withFile = instance.webhook?.webhookBase64 && media?.base64 !== undefined;
  const key = { remoteJid: jidOf(from), fromMe, id };
  const about = {
    pushName,
    messageType: messageType(content),
    messageTimestamp: gateway.seconds() - (secondsAgo ?? 0),
    instanceId: instance.id,
    source: "ios",
  };
  const message = messageBody(gateway, content, false);
  const row = { id: gateway.settings.random.cuid(), key, ...about, message, contextInfo: null };
  const stored: StoredMessage = { ...row, MessageUpdate: [] };
  instance.phoneMessages.add(stored);
  if (!instance.paired || secondsAgo !== undefined) return { id, fate: "phone" };
  const live = { ...key, participant: "", addressingMode: "pn" };
  const data = {
    key: live,
    ...about,
    status: "DELIVERY_ACK",
    message: { ...message, ...(withFile ? { base64: media.base64 } : {}) },
    ...(media === undefined ? {} : { contextInfo: null }),
  };
  const tell = () => {
    if (instance.deaf) return;
    instance.messages.add({ ...stored, key: live });
    gateway.emit(instance, "messages.upsert", data);
  };
  const fate = reachDevice(gateway, instance, stored, () => {
    if (deafPlace(instance.deafness) !== "keys" || fromMe) return tell();
    gateway.emit(instance, "contacts.update", [{ remoteJid: key.remoteJid }]);
    if (incoming.fromDevice) tellLater(gateway, RETRY_MS, tell);
  });
  return { id, fate };
}

/**
 * A device that was paired anew is told what the phone has: what it does not know yet is stored, and
 * reported as history alone (`messages.set`), never as a message that comes in.
 */
export function tellHistory(gateway: Gateway, instance: Instance): void {
  const told = instance.phoneMessages.all().filter((message) => instance.messages.add(message));
  const data = told.map(({ id: _, MessageUpdate: __, ...message }) => message);
  gateway.emit(instance, "messages.set", data, { isLatest: true, progress: 100 });
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

/** From a message that cannot be read to the one that answers the retry (F9). */
const RETRY_MS = 1_600;

function tellLater(gateway: Gateway, ms: number, tell: () => void): void {
  gateway.settings.background.start(async (signal) => {
    await gateway.settings.clock.sleep(ms, signal);
    tell();
  });
}
