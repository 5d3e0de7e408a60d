/**
 * What leaves for WhatsApp: messages, and how those who get them acknowledge them; typing.
 *
 * @module
 */

import { deafPlace } from "../model/deaf-kinds.ts";
import type { Gateway } from "../model/gateway.ts";
import type { Instance } from "../model/instance.ts";
import { reachDevice, throughQueue } from "./deafness.ts";
import { receiveMessage } from "./incoming.ts";
import { type Content, contextInfo, messageBody, messageType } from "./message-bodies.ts";

/** From a delivery to the recipient's ack, and from there to the reading. */
const ACK_MS = 400;
const READ_MS = 1_500;

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
