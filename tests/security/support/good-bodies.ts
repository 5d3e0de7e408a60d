/**
 * Bodies that the functions take, to be spoiled.
 *
 * @module
 */

import type { VirtualWorld } from "../../../dev/world/virtual-world.ts";
import { connectionUpdate, webhookBody } from "../../support/webhooks.ts";

/** Everything that any action reads, under every action's name. */
export function goodRequests(world: VirtualWorld, actions: readonly string[]): object[] {
  const { conversationId, instanceId, organizationId, instanceName } = world.company;
  const send = { action: "send_message_async", conversationId, message: "spoiled" };
  const media = {
    type: "image",
    url: "https://cdn.example/a.jpg?x=1",
    caption: "c",
    fileName: "a",
  };
  return [
    send,
    { ...send, media, message: "beside it" },
    { ...send, media: { type: "document", base64: "AAAA", mimetype: "application/pdf" } },
    { ...send, message: "[AUDIO]https://cdn.example/a.ogg\ntext", replyToMessageId: instanceId },
    { ...send, conversationId: undefined, instanceId, remoteJid: "5511977776666" },
    ...actions.filter((action) => action !== "send_message_async").map((action) => ({
      action,
      instanceId,
      organizationId,
      messageId: crypto.randomUUID(),
      displayName: "Spoiled",
      instanceName: "spoiled_name",
      // Another name than the number's: nothing is really deleted.
      confirmName: `not-${instanceName}`,
      afterId: 0,
      limit: 10,
    })),
  ];
}

/** One webhook of every kind. */
export function goodWebhooks(world: VirtualWorld): object[] {
  const { phone, customerJid } = world.company;
  const key = { id: "SPOILED0001", remoteJid: customerJid, fromMe: false, remoteJidAlt: null };
  const picture = { mimetype: "image/jpeg", caption: "c", fileLength: { low: 1, high: 0 } };
  const message = (content: object) => ({
    key,
    pushName: "Ana",
    messageTimestamp: 1_764_000_000,
    messageType: "conversation",
    message: content,
    source: "android",
  });
  return [
    ...["open", "close", "connecting", "refused"].map((state) => connectionUpdate(world, state)),
    webhookBody(world, "qrcode.updated", { qrcode: { code: "2@a", base64: "data:,", count: 1 } }),
    webhookBody(world, "messages.upsert", message({ conversation: "oi" })),
    webhookBody(
      world,
      "messages.upsert",
      message({ imageMessage: picture, mediaUrl: "https://a" }),
    ),
    webhookBody(world, "messages.upsert", [
      message({ ephemeralMessage: { message: { extendedTextMessage: { text: "oi" } } } }),
    ]),
    webhookBody(world, "messages.upsert", {
      ...message({ conversation: "oi" }),
      messageTimestamp: { low: 1_764_000_000, high: 0, unsigned: true },
    }),
    // Numbers that cannot be made of these.
    webhookBody(world, "messages.upsert", {
      ...message({ conversation: "oi" }),
      messageTimestamp: { low: { toString: 1, valueOf: 1 }, high: 0 },
    }),
    webhookBody(world, "messages.update", { keyId: "X1", fromMe: true, status: "READ" }),
    webhookBody(world, "send.message", { key, status: "PENDING" }),
    webhookBody(world, "logout.instance", null),
    webhookBody(world, "status.instance", { status: "closed", disconnectionReasonCode: 401 }),
    webhookBody(world, "contacts.update", [{ remoteJid: `${phone}@s.whatsapp.net` }]),
  ];
}
