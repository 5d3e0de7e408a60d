/**
 * What `send_message_async` accepts, and `send_media_async`, which is another name for it; and how far
 * a message then comes.
 *
 * @module
 */

import * as z from "zod/mini";
import { optional } from "./optional-field.ts";

/** The kinds of media. */
export const MEDIA_TYPES = ["image", "video", "audio", "document"] as const;

/** One of {@linkcode MEDIA_TYPES}. */
export type MediaType = typeof MEDIA_TYPES[number];

/**
 * How far a message has come. `sending` is also what is queued: then its row's `sending_since`, the
 * time when its own send began, is null.
 */
export const messageStatus = z.enum([
  "held",
  "sending",
  "sent",
  "delivered",
  "read",
  "failed",
  "received",
]);

/** WhatsApp's limit for most media, in bytes. */
export const MAX_MEDIA_BYTES = 16 * 1024 * 1024;

/** WhatsApp cuts a text at 65,536 characters. */
const longText = z.string().check(z.maxLength(65_536));

/** A phone number of 8 to 20 digits, a person's or a group's jid. */
const remoteJid = z.stringFormat(
  "whatsapp_address",
  /^(\d{8,20}(@s\.whatsapp\.net|@lid)?|[\d-]{8,40}@g\.us)$/,
);

const mimeType = z.stringFormat("mime_type", /^[\w.+-]+\/[\w.+-]+(;.*)?$/);

const media = z.object({
  type: z.enum(MEDIA_TYPES),
  url: optional(z.url({ protocol: /^https$/ }).check(z.maxLength(4096))),
  base64: optional(z.string()),
  mimetype: optional(mimeType.check(z.maxLength(255))),
  fileName: optional(z.string().check(z.maxLength(255))),
  caption: optional(longText),
}).check(z.superRefine((value, context) => {
  if ((value.url === undefined) === (value.base64 === undefined)) {
    context.addIssue(broken("url", { eitherOf: [["url"], ["base64"]] }));
  }
}));

/** The request of `send_message_async` and `send_media_async`. Unknown keys are ignored. */
export const sendMessageRequest = z.object({
  conversationId: optional(z.uuid()),
  instanceId: optional(z.uuid()),
  remoteJid: optional(remoteJid),
  message: optional(longText),
  media: optional(media),
  /** Chosen by the client: the same id again sends nothing again. */
  clientMessageId: optional(z.uuid()),
  /** Quoted, where it has a WhatsApp id; a message that never left has none. */
  replyToMessageId: optional(z.uuid()),
  replyToWhatsAppMessageId: optional(z.string().check(z.maxLength(128))),
}).check(z.superRefine((value, context) => {
  if (value.conversationId === undefined && value.remoteJid === undefined) {
    const needs = [["conversationId"], ["remoteJid", "instanceId"]];
    context.addIssue(broken("conversationId", { needs }));
  } else if (value.conversationId === undefined && value.instanceId === undefined) {
    context.addIssue(broken("instanceId", { needs: [["instanceId", "remoteJid"]] }));
  }
  if (value.media === undefined && (value.message ?? "").trim() === "") {
    context.addIssue(broken("message", { needs: [["message"], ["media"]] }));
  }
}));

/** The ways to keep a rule over several fields, each the fields that belong together. */
type Ways = readonly (readonly string[])[];

/** The complaint about a rule over several fields: at least one of the ways, or one and no more. */
function broken(field: string, params: { needs: Ways } | { eitherOf: Ways }) {
  return { code: "custom" as const, path: [field], params };
}

/** See {@linkcode sendMessageRequest}. */
export type SendMessageRequest = z.infer<typeof sendMessageRequest>;
