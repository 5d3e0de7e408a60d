/**
 * `/message/…`: the three ways to send.
 *
 * @module
 */

import { z } from "zod";
import { type Answer, failure } from "../answers.ts";
import type { Content } from "../message-bodies.ts";
import { jidOf } from "../session/whatsapp.ts";
import { checkBody } from "./body.ts";
import type { InstanceCall, Route } from "./route.ts";
import { send } from "./send.ts";

const Quoted = z.object({ key: z.object({ id: z.string() }) }).optional();

const TextBody = z.object({ number: z.string(), text: z.string(), quoted: Quoted });

const MediaBody = z.object({
  number: z.string(),
  mediatype: z.enum(["image", "video", "audio", "document"]),
  mimetype: z.string().optional(),
  media: z.string().optional(),
  caption: z.string().optional(),
  fileName: z.string().optional(),
  quoted: Quoted,
});

const AudioBody = z.object({ number: z.string(), audio: z.string(), quoted: Quoted });

const DEFAULT_MIMETYPES = {
  image: "image/jpeg",
  video: "video/mp4",
  audio: "audio/mpeg",
  document: "application/octet-stream",
} as const;

/** `/message/…`. */
export const messageRoutes: readonly Route[] = [
  {
    method: "POST",
    path: "/message/sendText",
    name: "sendText",
    scope: "instance",
    handle: sendText,
  },
  {
    method: "POST",
    path: "/message/sendMedia",
    name: "sendMedia",
    scope: "instance",
    handle: sendMedia,
  },
  {
    method: "POST",
    path: "/message/sendWhatsAppAudio",
    name: "sendWhatsAppAudio",
    scope: "instance",
    handle: sendAudio,
  },
];

function sendText(call: InstanceCall): Answer | Promise<Answer> {
  const checked = checkBody(TextBody, call.body);
  if (!checked.ok) return checked.answer;
  const { number, text, quoted } = checked.value;
  if (text.trim() === "") return failure(400, ["Text is required"]);
  return send(call, "text", outgoing(call, number, { kind: "text", text }, quoted?.key.id));
}

function sendMedia(call: InstanceCall): Answer | Promise<Answer> {
  const checked = checkBody(MediaBody, call.body);
  if (!checked.ok) return checked.answer;
  const { number, mediatype, mimetype, media, caption, fileName, quoted } = checked.value;
  if (!media || !isUrlOrBase64(media)) {
    return failure(400, ["Owned media must be a url or base64"]);
  }
  const content: Content = {
    kind: mediatype,
    mimetype: mimetype ?? DEFAULT_MIMETYPES[mediatype],
    media,
    caption,
    fileName,
  };
  return send(call, "media", outgoing(call, number, content, quoted?.key.id));
}

function sendAudio(call: InstanceCall): Answer | Promise<Answer> {
  const checked = checkBody(AudioBody, call.body);
  if (!checked.ok) return checked.answer;
  const { number, audio, quoted } = checked.value;
  if (!isUrlOrBase64(audio)) return failure(400, ["Owned media must be a url, base64"]);
  const content: Content = { kind: "audio", mimetype: "audio/ogg; codecs=opus", media: audio };
  return send(call, "audio", outgoing(call, number, content, quoted?.key.id));
}

function outgoing({ world }: InstanceCall, number: string, content: Content, quotedId?: string) {
  const id = world.settings.random.messageId();
  return { id, number, jid: jidOf(number), content, quotedId };
}

function isUrlOrBase64(media: string): boolean {
  return /^https?:\/\//.test(media) || /^[A-Za-z0-9+/\s]+={0,2}$/.test(media);
}
