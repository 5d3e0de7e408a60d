/**
 * From one request to the messages that are stored and sent, in order.
 *
 * @module
 */

import type { MediaType, SendMessageRequest } from "../contracts/send-message.ts";
import { ApiError } from "../http/errors.ts";
import { storable } from "../http/validation.ts";
import { sha256 } from "../runtime/hex.ts";
import type { LargeText } from "../runtime/large-text.ts";
import type { MessagePart } from "./message-part.ts";
import { readBase64 } from "./read-base64.ts";

/** A request sends at most this many messages. */
const MAX_PARTS = 10;

/**
 * Splits a request into messages, which have no ids yet.
 *
 * @param large The request's `media.base64` where that is large.
 * @throws {ApiError} MEDIA_TOO_LARGE or INVALID_REQUEST.
 */
export function toMessageParts(
  request: SendMessageRequest,
  large: LargeText | null = null,
): PartWithoutId[] {
  const parts = request.media === undefined
    ? inlineParts(request.message ?? "")
    : mediaParts(request.media, large, (request.message ?? "").trim());
  if (parts.length > MAX_PARTS) {
    throw new ApiError("INVALID_REQUEST", { field: "message", detail: `media <= ${MAX_PARTS}` });
  }
  return parts;
}

/**
 * Names a request's messages. The first one carries the request's id, the others ids that follow from
 * it, so that the same request again means the same rows.
 *
 * @param id The client's id, or a new one.
 */
export async function withIds(
  parts: readonly PartWithoutId[],
  id: string,
): Promise<readonly MessagePart[]> {
  return await Promise.all(
    parts.map(async (part, at) => ({ ...part, id: at === 0 ? id : await derivedId(id, at) })),
  );
}

type PartWithoutId = Omit<MessagePart, "id">;

const EMPTY: PartWithoutId = {
  type: "text",
  content: null,
  mediaUrl: null,
  base64: null,
  mimetype: null,
  fileName: null,
  caption: null,
};

const textPart = (content: string): PartWithoutId => ({ ...EMPTY, content });

/** Media inside a text, as existing frontends send it: `[IMAGE]https://example.com/cat.jpg`. */
const MARKER = /\[(IMAGE|VIDEO|AUDIO|DOCUMENT)\](https:\/\/\S+)/g;

/**
 * Splits a text into what is sent as text and what is sent as media, in order. The first line after
 * a marker is its caption; what stands before it, and from the second line on, is text.
 */
function inlineParts(message: string): PartWithoutId[] {
  // What no URL can be stays literal text.
  const markers = [...message.matchAll(MARKER)].filter(([, , url]) => URL.canParse(url ?? ""));
  const parts = textParts(message.slice(0, markers[0]?.index));
  for (const [index, marker] of markers.entries()) {
    const after = message.slice(marker.index + marker[0].length, markers[index + 1]?.index);
    const { caption, rest } = splitCaption(after);
    const mediaUrl = marker[2] ?? "";
    const type = marker[1]?.toLowerCase() as MediaType;
    const part = { ...EMPTY, type, mediaUrl, fileName: nameIn(mediaUrl) };
    parts.push(...withCaption(part, caption), ...textParts(rest));
  }
  return parts;
}

function textParts(text: string): PartWithoutId[] {
  const trimmed = text.trim();
  return trimmed === "" ? [] : [textPart(trimmed)];
}

/** Text on the marker's own line is not a caption: it was written behind the picture. */
function splitCaption(after: string): { caption: string | null; rest: string } {
  const [sameLine = "", nextLine, ...others] = after.split(/\r?\n/);
  if (nextLine === undefined || sameLine.trim() !== "") return { caption: null, rest: after };
  return { caption: nextLine.trim() || null, rest: others.join("\n") };
}

function mediaParts(
  media: NonNullable<SendMessageRequest["media"]>,
  large: LargeText | null,
  message: string,
) {
  const inline = media.base64 === undefined ? null : readBase64(large ?? media.base64);
  const part: PartWithoutId = {
    ...EMPTY,
    type: media.type,
    mediaUrl: media.url ?? null,
    base64: inline?.base64 ?? null,
    mimetype: media.mimetype ?? inline?.mimetype ?? null,
    fileName: media.fileName ?? (media.url === undefined ? null : nameIn(media.url)),
  };
  const caption = media.caption?.trim() || null;
  if (message === "") return withCaption(part, caption);
  // A message beside a picture is its caption, as in every chat; beside a caption it comes first.
  return caption === null
    ? withCaption(part, message)
    : [textPart(message), ...withCaption(part, caption)];
}

/** WhatsApp shows no caption under a voice message: there it follows as a text. */
function withCaption(part: PartWithoutId, caption: string | null): PartWithoutId[] {
  if (caption === null) return [part];
  return part.type === "audio" ? [part, textPart(caption)] : [{ ...part, caption }];
}

function nameIn(url: string): string | null {
  const last = new URL(url).pathname.split("/").at(-1) ?? "";
  try {
    return storable(decodeURIComponent(last).slice(0, 255)) || null;
  } catch {
    return last.slice(0, 255) || null;
  }
}

/** A name-based UUID (RFC 9562, version 8): the same request gives the same ids. */
async function derivedId(id: string, index: number): Promise<string> {
  const hex = await sha256(`${id.toLowerCase()}:${index}`);
  const variant = (0x8 | (parseInt(hex.slice(16, 17), 16) & 0x3)).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${
    hex.slice(17, 20)
  }-${hex.slice(20, 32)}`;
}
