/**
 * `POST /chat/getBase64FromMediaMessage`: the file of a stored message, fetched from WhatsApp's file
 * server. Read in the source of the versions and of their Baileys, not measured.
 *
 * @module
 */

import { z } from "zod";
import type { Gateway } from "../model/gateway.ts";
import type { Instance } from "../model/instance.ts";
import { channelOf } from "../session/channel.ts";
import { type Answer, cannotRead, created, failure } from "./answers.ts";
import { withBody } from "./guard.ts";

const FileBody = z.object({
  message: z.object({ key: z.object({ id: z.string().optional() }).optional() }).optional(),
});

const Media = z.object({
  url: z.string(),
  directPath: z.string(),
  mimetype: z.string(),
  caption: z.string().optional(),
  fileName: z.string().optional(),
  fileLength: z.unknown(),
});

const KINDS = ["imageMessage", "documentMessage", "audioMessage", "videoMessage"];

const EXTENSIONS: Readonly<Record<string, string>> = {
  "image/jpeg": "jpeg",
  "image/png": "png",
  "video/mp4": "mp4",
  "audio/ogg": "oga",
  "application/pdf": "pdf",
};

/** Between the two downloads of the versions that make two. */
const AGAIN_AFTER_MS = 5_000;

/** Answers the file; every error is a 400, but of an instance that the process does not hold. */
export const getFile = withBody(FileBody, async ({ gateway, instance, body }) => {
  if (!instance.inMemory) return failure(500, cannotRead("getBase64FromMediaMessage"));
  if (body.message?.key === undefined) return refused(`TypeError: ${cannotRead("id")}`);
  const id = body.message.key.id ?? "";
  const stored = instance.messages.get(id);
  if (stored === undefined) return refused("Message not found");
  const kind = KINDS.find((name) => Object.hasOwn(stored.message, name));
  if (kind === undefined) return refused("The message is not of the media type");
  const media = Media.parse(Reflect.get(stored.message, kind));
  const base64 = await download(gateway, instance, media);
  if (typeof base64 !== "string") return base64;
  const extension = EXTENSIONS[media.mimetype.split(";", 1)[0]!];
  return created({
    mediaType: kind,
    fileName: media.fileName || `${id}.${extension}`,
    caption: media.caption,
    size: { fileLength: media.fileLength },
    mimetype: media.mimetype,
    base64,
    buffer: null,
  });
});

const refused = (why: string): Answer => failure(400, [why]);

/** A file, or the answer that says why there is none. */
async function download(
  gateway: Gateway,
  instance: Instance,
  { url, directPath }: z.infer<typeof Media>,
): Promise<string | Answer> {
  const channel = channelOf(instance);
  const isOnce = gateway.rules.downloads === "once";
  if (isOnce && channel === "none") {
    return refused(`TypeError: ${cannotRead("updateMediaMessage")}`);
  }
  // Without a socket of this process the first of two fails before it begins.
  if (channel === "none") await gateway.sleep(AGAIN_AFTER_MS);
  const file = gateway.files.download(directPath);
  if (file !== null) return file;
  if (!isOnce) {
    if (channel !== "none") await gateway.sleep(AGAIN_AFTER_MS);
    return refused(`Error: Failed to fetch stream from ${url}`);
  }
  if (channel !== "live") return refused("Error: Connection Closed");
  // Waited for without a limit.
  if (instance.phoneOff) return await new Promise<never>(() => {});
  await gateway.roundTrip();
  const again = gateway.files.onPhone(directPath);
  if (again === null) return refused("Error: Media re-upload failed by device (NOT_FOUND)");
  gateway.files.upload(directPath, again);
  return again;
}
