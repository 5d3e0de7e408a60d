/**
 * WhatsApp and the people on it: what an instance's websocket reaches, what really leaves, what
 * comes in, what is kept meanwhile.
 *
 * @module
 */

import { z } from "zod";
import { deafPlace } from "../model/deaf-kinds.ts";
import type { Gateway } from "../model/gateway.ts";
import type { Instance, Socket } from "../model/instance.ts";
import type { StoredMessage } from "../model/message-store.ts";
import { handOverTo, throughQueue } from "./deafness.ts";
import { type Content, contextInfo, messageBody, messageType } from "./message-bodies.ts";

/** Baileys' query time-out: how long a silent socket is waited for. */
export const QUERY_TIMEOUT_MS = 60_000;
/** From a delivery to the recipient's ack, and from there to the reading. */
const ACK_MS = 400;
const READ_MS = 1_500;

const MIMETYPES = {
  image: "image/jpeg",
  video: "video/mp4",
  audio: "audio/ogg; codecs=opus",
  document: "application/pdf",
} as const;

/**
 * What somebody finds who wants something from WhatsApp through an instance's websocket.
 * - `live`: WhatsApp answers;
 * - `closed`: fails at once with Connection Closed;
 * - `dying`: the websocket closes under the request;
 * - `silent`: no answer, for {@linkcode QUERY_TIMEOUT_MS};
 * - `pairing`: a websocket without a login;
 * - `none`: this process never made one;
 * - `limbo`: the process does not hold the instance.
 */
export type Channel = "live" | "closed" | "dying" | "silent" | "pairing" | "none" | "limbo";

const CHANNELS: Readonly<Record<Socket, Channel>> = {
  open: "live",
  silent: "silent",
  login: "silent",
  doomed: "dying",
  pairing: "pairing",
  none: "none",
  upgrading: "closed",
  closed: "closed",
};

/** The channel at this moment. */
export function channelOf(instance: Instance): Channel {
  return instance.inMemory ? CHANNELS[instance.socket] : "limbo";
}

/** `5511…` → `5511…@s.whatsapp.net`; a jid stays as it is. */
export function jidOf(number: string): string {
  return number.includes("@") ? number : `${number.replace(/\D/g, "")}@s.whatsapp.net`;
}

/** Numbers ending in 0000 are not on WhatsApp. */
export function isOnWhatsApp(jid: string): boolean {
  return !/0000@s\.whatsapp\.net$/.test(jid);
}

/** A message on its way out. */
interface Outgoing {
  readonly id: string;
  readonly number: string;
  readonly jid: string;
  readonly content: Content;
  readonly quotedId: string | undefined;
}

/** A message leaves through a live socket; the recipient's acks follow. */
export function deliverMessage(gateway: Gateway, instance: Instance, message: Outgoing): void {
  const { id, number, jid, content } = message;
  const { kind } = content;
  const said = content.kind === "text"
    ? { content: content.text, media: null }
    : { content: content.caption ?? "", media: describeMedia(content.media) };
  instance.delivered.push({ id, number, kind, ...said, at: gateway.now() });
  gateway.verifiedNumbers.add(jid);
  // Once the gateway has stored the message itself.
  queueMicrotask(() => instance.messages.update(id, "SERVER_ACK"));
  const phone = jid.split("@")[0]!;
  if (phone === instance.phone) return acknowledgeOwn(gateway, instance, message);
  const device = gateway.deviceOf(phone);
  if (device === undefined) return acknowledge(gateway, instance, message);
  receiveMessage(device.gateway, device.instance, {
    from: instance.phone,
    text: said.content,
    pushName: instance.profileName,
    id,
    fromDevice: true,
  });
  // The own phone says that it came, or the device does, before anybody in its process hears it.
  const takes = device.instance.socket === "open" &&
    !["mutex", "routing"].includes(deafPlace(device.instance.deafness) ?? "");
  if (takes || !device.instance.phoneOff) acknowledge(gateway, instance, message);
}

/** From a message to oneself to what the own phone says of it. */
const OWN_ACKS = [[250, true, "SERVER_ACK"], [350, false, "DELIVERY_ACK"], [
  450,
  false,
  "READ",
]] as const;

/** A message to oneself: the own phone says that it came. No message comes in. */
function acknowledgeOwn(gateway: Gateway, instance: Instance, { id, jid }: Outgoing): void {
  if (instance.phoneOff) return;
  const { background, clock, random } = gateway.settings;
  const messageId = random.cuid();
  background.start(async (signal) => {
    let passed = 0;
    for (const [atMs, fromMe, status] of OWN_ACKS) {
      await clock.sleep(atMs - passed, signal);
      passed = atMs;
      if (!instance.paired) return;
      const data = {
        keyId: id,
        remoteJid: jid,
        fromMe,
        status,
        instanceId: instance.id,
        messageId,
      };
      reachDevice(gateway, instance, null, () => {
        instance.messages.update(id, status);
        gateway.emit(instance, "messages.update", data);
      });
    }
  });
}

/** Typing, shown to somebody: what they do comes back, past the mutex. */
export function tellPresence(gateway: Gateway, instance: Instance, jid: string): void {
  const { background, clock } = gateway.settings;
  const presences = { [jid]: { lastKnownPresence: "unavailable" } };
  background.start(async (signal) => {
    await clock.sleep(ACK_MS, signal);
    throughQueue(
      gateway,
      instance,
      () => gateway.emit(instance, "presence.update", { id: jid, presences }),
    );
  });
}

function describeMedia(media: string): string {
  return /^https?:/.test(media) ? media : `base64, ${media.length} characters`;
}

/** What sendText answers, and the webhook `send.message` that goes with it. */
export function acceptMessage(
  gateway: Gateway,
  instance: Instance,
  { id, jid, content, quotedId }: Outgoing,
): Record<string, unknown> {
  const quoted = quotedId === undefined ? {} : { stanzaId: quotedId };
  const data = {
    key: { remoteJid: jid, fromMe: true, id },
    pushName: "Você",
    status: "PENDING",
    message: messageBody(gateway, content, true),
    contextInfo: { ...contextInfo(gateway, content), ...quoted },
    messageType: messageType(content),
    messageTimestamp: gateway.seconds(),
    instanceId: instance.id,
    source: "web",
  };
  const { status: _, ...row } = data;
  const stored = { id: gateway.settings.random.cuid(), ...row, MessageUpdate: [] };
  instance.messages.add(stored);
  instance.phoneMessages.add(stored);
  gateway.emit(instance, "send.message", data);
  return data;
}

function acknowledge(gateway: Gateway, instance: Instance, { id, jid }: Outgoing): void {
  if (instance.acks === "off") return;
  const { background, clock, random } = gateway.settings;
  const messageId = random.cuid();
  const update = (status: string) => {
    if (!instance.paired) return;
    const data = { keyId: id, remoteJid: jid, fromMe: true, status };
    const ids = { instanceId: instance.id, messageId };
    reachDevice(gateway, instance, null, () => {
      instance.messages.update(id, status);
      gateway.emit(instance, "messages.update", { ...data, ...ids });
    });
  };
  background.start(async (signal) => {
    await clock.sleep(ACK_MS, signal);
    update("DELIVERY_ACK");
    if (instance.acks !== "read") return;
    await clock.sleep(READ_MS, signal);
    update("READ");
  });
}

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

/** Hands something to the device now, or when it is back. */
function reachDevice(
  gateway: Gateway,
  instance: Instance,
  message: StoredMessage | null,
  act: () => void,
): "delivered" | "held" {
  const handOver = () => handOverTo(gateway, instance, message !== null, act);
  const isRouted = message === null || deafPlace(instance.deafness) !== "routing";
  if (instance.socket === "open" && isRouted) {
    handOver();
    return "delivered";
  }
  instance.held.push({ handOver, message });
  return "held";
}
