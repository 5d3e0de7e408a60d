/**
 * What `send_message_async` accepts.
 *
 * @module
 */

import { z } from "zod";
import { MEDIA_TYPES } from "./inline-media.ts";

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
  url: httpsUrl.optional(),
  base64: z.string().min(1).optional(),
  mimetype: z.string().regex(/^[\w.+-]+\/[\w.+-]+(;.*)?$/).max(255).optional(),
  fileName: z.string().min(1).max(255).optional(),
  caption: z.string().max(MAX_TEXT).optional(),
}).superRefine((value, context) => {
  if ((value.url === undefined) === (value.base64 === undefined)) {
    context.addIssue({ code: "custom", path: ["url"], message: "url | base64" });
  }
});

/** The request of `send_message_async`. Unknown keys are ignored. */
export const sendMessageRequest = z.object({
  conversationId: z.uuid().optional(),
  instanceId: z.preprocess((value) => value === "" ? undefined : value, z.uuid().optional()),
  remoteJid: remoteJid.optional(),
  message: z.string().max(MAX_TEXT).optional(),
  media: media.optional(),
  /** Chosen by the client: the same id again sends nothing again. */
  clientMessageId: z.uuid().optional(),
  replyToMessageId: z.uuid().optional(),
  replyToWhatsAppMessageId: z.string().min(1).max(128).optional(),
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
