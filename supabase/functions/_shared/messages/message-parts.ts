/**
 * From one request to the messages that are stored and sent, in order.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { ApiError } from "../http/errors.ts";
import { storable } from "../http/validation.ts";
import { splitInlineMedia } from "./inline-media.ts";
import type { MessagePart } from "../contracts/rows.ts";
import { MAX_MEDIA_BYTES, type SendMessageRequest } from "../contracts/send-message.ts";

/** A request sends at most this many messages. */
const MAX_PARTS = 10;

/**
 * Splits a request into messages. The first one carries the request's id, the others ids that
 * follow from it, so that the same request again means the same rows.
 *
 * @param id The client's id, or a new one.
 * @throws {ApiError} MEDIA_TOO_LARGE or INVALID_REQUEST.
 */
export function toMessageParts(request: SendMessageRequest, id: string): MessagePart[] {
  const parts = request.media === undefined
    ? inlineParts(request.message ?? "")
    : mediaParts(request.media, (request.message ?? "").trim());
  if (parts.length > MAX_PARTS) {
    throw new ApiError("INVALID_REQUEST", { field: "message", detail: `media <= ${MAX_PARTS}` });
  }
  return parts.map((part, index) => ({ ...part, id: index === 0 ? id : derivedId(id, index) }));
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

function inlineParts(message: string): PartWithoutId[] {
  return splitInlineMedia(message).flatMap((piece) =>
    piece.kind === "text" ? [textPart(piece.text)] : withCaption({
      ...EMPTY,
      type: piece.type,
      mediaUrl: piece.url,
      fileName: nameIn(piece.url),
    }, piece.caption)
  );
}

function mediaParts(media: NonNullable<SendMessageRequest["media"]>, message: string) {
  const inline = media.base64 === undefined ? null : readBase64(media.base64);
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

function readBase64(given: string): { base64: string; mimetype: string | null } {
  const prefix = /^data:([\w.+-]+\/[\w.+-]+)?(?:;[\w.+-]+=[^;,]*)*;base64,/.exec(given);
  const base64 = given.slice(prefix?.[0].length ?? 0);
  if (base64.length * 3 / 4 - 2 > MAX_MEDIA_BYTES) {
    throw new ApiError("MEDIA_TOO_LARGE", { field: "media.base64" });
  }
  if (base64.length === 0 || base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) {
    throw new ApiError("INVALID_REQUEST", {
      field: "media.base64",
      detail: "media.base64: base64 (RFC 4648)",
    });
  }
  return { base64, mimetype: prefix?.[1] ?? null };
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
function derivedId(id: string, index: number): string {
  const hex = createHash("sha256").update(`${id.toLowerCase()}:${index}`).digest("hex");
  const variant = (0x8 | (parseInt(hex.slice(16, 17), 16) & 0x3)).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${
    hex.slice(17, 20)
  }-${hex.slice(20, 32)}`;
}
