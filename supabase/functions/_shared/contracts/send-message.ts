/**
 * What `send_message_async` accepts, and `send_media_async`, which is another name for it.
 *
 * @module
 */

import { z } from "zod";
import { optional } from "./optional-field.ts";
import { MEDIA_TYPES } from "../messages/inline-media.ts";

/** WhatsApp's limit for most media, in bytes. */
export const MAX_MEDIA_BYTES = 16 * 1024 * 1024;

/** WhatsApp cuts a text at 65,536 characters. */
const MAX_TEXT = 65_536;

/** A phone number of 8 to 20 digits, a person's or a group's jid. */
const remoteJid = z.string().regex(
  /^(\d{8,20}(@s\.whatsapp\.net|@lid)?|[\d-]{8,40}@g\.us)$/,
);

const httpsUrl = z.url({ protocol: /^https$/ }).max(4096);

const media = z.object({
  type: z.enum(MEDIA_TYPES),
  url: optional(httpsUrl),
  base64: optional(z.string()),
  mimetype: optional(z.string().regex(/^[\w.+-]+\/[\w.+-]+(;.*)?$/).max(255)),
  fileName: optional(z.string().max(255)),
  caption: optional(z.string().max(MAX_TEXT)),
}).superRefine((value, context) => {
  if ((value.url === undefined) === (value.base64 === undefined)) {
    context.addIssue({ code: "custom", path: ["url"], message: "url | base64" });
  }
});

/** The request of `send_message_async` and `send_media_async`. Unknown keys are ignored. */
export const sendMessageRequest = z.object({
  conversationId: optional(z.uuid()),
  instanceId: optional(z.uuid()),
  remoteJid: optional(remoteJid),
  message: optional(z.string().max(MAX_TEXT)),
  media: optional(media),
  /** Chosen by the client: the same id again sends nothing again. */
  clientMessageId: optional(z.uuid()),
  /** Quoted, where it has a WhatsApp id; a message that never left has none. */
  replyToMessageId: optional(z.uuid()),
  replyToWhatsAppMessageId: optional(z.string().max(128)),
}).superRefine((value, context) => {
  if (value.conversationId === undefined && value.remoteJid === undefined) {
    context.addIssue({
      code: "custom",
      path: ["conversationId"],
      message: "conversationId | remoteJid + instanceId",
    });
  } else if (value.conversationId === undefined && value.instanceId === undefined) {
    context.addIssue({ code: "custom", path: ["instanceId"], message: "remoteJid + instanceId" });
  }
  if (value.media === undefined && (value.message ?? "").trim() === "") {
    context.addIssue({ code: "custom", path: ["message"], message: "message | media" });
  }
});

/** See {@linkcode sendMessageRequest}. */
export type SendMessageRequest = z.infer<typeof sendMessageRequest>;
