/**
 * `/message/…`: the three ways to send, and what a send comes to by the state of the websocket. The
 * wording differs by way and by whether the number is in the gateway's cache, because each takes
 * another way through Evolution.
 *
 * @module
 */

import { Hono } from "hono";
import { z } from "zod";
import { deafRules } from "../model/deaf-kinds.ts";
import type { Gateway } from "../model/gateway.ts";
import {
  type Channel,
  channelOf,
  isOnWhatsApp,
  jidOf,
  QUERY_TIMEOUT_MS,
} from "../session/channel.ts";
import type { Content } from "../session/message-bodies.ts";
import { acceptMessage, deliverMessage } from "../session/outgoing.ts";
import { type Answer, cannotRead, created, failure } from "./answers.ts";
import { type Guard, type InstanceCall, withBody } from "./guard.ts";

/** What Evolution itself takes, on top of the time-out, on a silent socket. */
const AFTER_TIMEOUT_MS = 50;

const quoted = z.object({ key: z.object({ id: z.string() }) }).optional();

const DEFAULT_MIMETYPES = {
  image: "image/jpeg",
  video: "video/mp4",
  audio: "audio/mpeg",
  document: "application/octet-stream",
} as const;

/** `/message/…`. */
export function messageRoutes(guard: Guard): Hono {
  const on = guard.onInstance.bind(guard);
  return new Hono()
    .post("/sendText/:instance", on("sendText", sendText))
    .post("/sendMedia/:instance", on("sendMedia", sendMedia))
    .post("/sendWhatsAppAudio/:instance", on("sendWhatsAppAudio", sendAudio));
}

const TextBody = z.object({ number: z.string(), text: z.string(), quoted });

const sendText = withBody(TextBody, (call) => {
  const { text } = call.body;
  if (text.trim() === "") return failure(400, ["Text is required"]);
  return send(call, "text", { kind: "text", text });
});

const MediaBody = z.object({
  number: z.string(),
  mediatype: z.enum(["image", "video", "audio", "document"]),
  mimetype: z.string().optional(),
  media: z.string().optional(),
  caption: z.string().optional(),
  fileName: z.string().optional(),
  quoted,
});

const sendMedia = withBody(MediaBody, (call) => {
  const { mediatype: kind, media, caption, fileName } = call.body;
  if (!media || !isUrlOrBase64(media)) return failure(400, ["Owned media must be a url or base64"]);
  if (kind === "document" && !fileName && !/^https?:/.test(media)) {
    return failure(400, ["For base64 the file name must be informed."]);
  }
  const mimetype = call.body.mimetype ?? DEFAULT_MIMETYPES[kind];
  return send(call, "media", { kind, mimetype, media, caption, fileName });
});

const AudioBody = z.object({ number: z.string(), audio: z.string(), quoted });

const sendAudio = withBody(AudioBody, (call) => {
  const { audio: media } = call.body;
  if (!isUrlOrBase64(media)) return failure(400, ["Owned media must be a url, base64"]);
  return send(call, "audio", { kind: "audio", mimetype: "audio/ogg; codecs=opus", media });
});

function isUrlOrBase64(media: string): boolean {
  return /^https?:\/\//.test(media) || /^[A-Za-z0-9+/\s]+={0,2}$/.test(media);
}

type Way = "text" | "media" | "audio";

/** Sends, or answers why not. */
async function send(
  { gateway, instance, body: { number, quoted } }: InstanceCall<{
    readonly number: string;
    readonly quoted?: { readonly key: { readonly id: string } } | undefined;
  }>,
  way: Way,
  content: Content,
): Promise<Answer> {
  const id = gateway.settings.random.messageId();
  const jid = jidOf(number);
  const message = { id, number, jid, content, quotedId: quoted?.key.id };
  const known = jid.endsWith("@g.us") || gateway.verifiedNumbers.has(jid);
  const channel = channelOf(instance);
  if (channel === "live") {
    await gateway.roundTrip();
    const { deafness } = instance;
    if (deafness !== null && deafRules(deafness.kind).sendsHang) {
      const left = deafness.endsAt - gateway.now().getTime();
      await gateway.sleep(Math.min(left, QUERY_TIMEOUT_MS));
    }
    const after = channelOf(instance);
    if (after !== "live") return refuseSend(gateway, after, way, known);
    if (!isOnWhatsApp(jid)) return failure(400, [{ jid, exists: false, number }]);
    deliverMessage(gateway, instance, message);
    return created(acceptMessage(gateway, instance, message));
  }
  if (channel === "silent") {
    await gateway.sleep(QUERY_TIMEOUT_MS + AFTER_TIMEOUT_MS);
    // Measured: 201 PENDING after 60 s, and the message was lost.
    if (instance.falseSuccess && known) return created(acceptMessage(gateway, instance, message));
  }
  return refuseSend(gateway, channel, way, known);
}

const METHODS = { text: "textMessage", media: "mediaMessage", audio: "audioWhatsapp" } as const;

function refuseSend(
  { rules }: Gateway,
  channel: Exclude<Channel, "live">,
  way: Way,
  known: boolean,
): Answer {
  const media = way === "media";
  // While a QR code waits, all ways come to the same within seconds.
  if (channel === "pairing") return failure(400, [`TypeError: ${cannotRead("id")}`]);
  if (channel === "limbo") return failure(500, cannotRead(METHODS[way]));
  if (rules.probesWhilePairing && channel === "none" && !media) {
    return failure(500, cannotRead("onWhatsApp"));
  }
  if (rules.failsSendsWith500 && channel === "silent") {
    return failure(500, media ? ["Error: Timed Out"] : "Timed Out");
  }
  if (rules.failsSendsWith500 && !media && channel !== "none") {
    return failure(500, "Connection Closed");
  }
  // An unknown number is looked up first; but media is uploaded before that.
  if (!known && !media) {
    if (channel === "none") return failure(500, cannotRead("onWhatsApp"));
    return failure(500, channel === "silent" ? cannotRead("find") : "Connection Closed");
  }
  const status = media ? 500 : 400;
  switch (channel) {
    case "none":
      return failure(status, [
        `TypeError: ${cannotRead(media ? "waUploadToServer" : "sendMessage")}`,
      ]);
    case "silent":
      // A file's upload asks WhatsApp first, and reads what did not come.
      return failure(
        status,
        way === "text" ? ["Error: Connection Closed"] : [`TypeError: ${cannotRead("attrs")}`],
      );
    case "dying":
      return failure(status, [media ? "Error: Connection Closed" : "1006"]);
    default:
      return failure(status, ["Error: Connection Closed"]);
  }
}
