/**
 * What a WhatsApp message holds, in our terms.
 *
 * | WhatsApp | stored as |
 * |---|---|
 * | `conversation`, `extendedTextMessage`, answers to buttons and lists | text |
 * | `imageMessage` | image |
 * | `videoMessage`, `ptvMessage` (round video) | video |
 * | `audioMessage` | audio |
 * | `documentMessage`, also with caption | document |
 * | the same inside ephemeral, view-once or own-device wrappers | as above |
 * | any other kind (sticker, location, contact, poll …) | text: `[sticker]` |
 * | reactions, edits, receipts, key exchange | nothing: they are no messages |
 *
 * @module
 */

import * as z from "zod/mini";
import { optionalText } from "./event-fields.ts";

/** The content of a message. */
export interface MessageContent {
  readonly type: "text" | "image" | "video" | "audio" | "document";
  readonly content: string | null;
  readonly mediaUrl: string | null;
  readonly mediaMimeType: string | null;
  readonly fileName: string | null;
  readonly caption: string | null;
}

const anyObject = z.record(z.string(), z.unknown());
type AnyObject = z.infer<typeof anyObject>;

const WRAPPERS = new Set([
  "ephemeralMessage",
  "viewOnceMessage",
  "viewOnceMessageV2",
  "viewOnceMessageV2Extension",
  "documentWithCaptionMessage",
  "deviceSentMessage",
]);

/** Wrappers inside wrappers; real ones have two. */
const MAX_DEPTH = 5;

const SILENT = new Set([
  "senderKeyDistributionMessage",
  "fastRatchetKeySenderKeyDistributionMessage",
  "protocolMessage",
  "reactionMessage",
  "encReactionMessage",
  "editedMessage",
  "secretEncryptedMessage",
  "pollUpdateMessage",
  "pinInChatMessage",
  "keepInChatMessage",
  // Announces pictures that come as messages of their own.
  "albumMessage",
]);

const TEXT_FIELDS: ReadonlyMap<string, string> = new Map([
  ["extendedTextMessage", "text"],
  ["buttonsResponseMessage", "selectedDisplayText"],
  ["templateButtonReplyMessage", "selectedDisplayText"],
  ["listResponseMessage", "title"],
]);

const MEDIA_TYPES: ReadonlyMap<string, MessageContent["type"]> = new Map([
  ["imageMessage", "image"],
  ["videoMessage", "video"],
  ["ptvMessage", "video"],
  ["audioMessage", "audio"],
  ["documentMessage", "document"],
]);

const media = z.object({
  mimetype: optionalText,
  caption: optionalText,
  fileName: optionalText,
  title: optionalText,
});

// WhatsApp's own address of a file is encrypted and short-lived; only the gateway's copy (with S3
// storage) can be shown.
const gatewayCopy = z.object({
  mediaUrl: z.catch(
    z.nullish(
      z.string().check(z.refine((url) => /^https?:$/.test(URL.parse(url)?.protocol ?? ""))),
    ),
    null,
  ),
});

/**
 * Reads the `message` of a webhook.
 *
 * @returns Null where there is nothing that a person wrote or sent.
 */
export function readContent(message: unknown): MessageContent | null {
  const outer = z.safeParse(anyObject, message);
  if (!outer.success) return null;
  const inner = unwrap(outer.data);
  const kind = Object.keys(inner).find((key) => isContent(key, inner[key]));
  if (kind === undefined) return null;
  const type = MEDIA_TYPES.get(kind);
  if (type === undefined) return text(textOf(kind, inner[kind]) ?? label(kind));

  const file = z.safeParse(media, inner[kind]).data;
  return {
    type,
    content: null,
    mediaUrl: z.parse(gatewayCopy, outer.data).mediaUrl ?? null,
    mediaMimeType: file?.mimetype ?? null,
    fileName: file?.fileName ?? (type === "document" ? file?.title ?? null : null),
    caption: file?.caption ?? null,
  };
}

function unwrap(message: AnyObject): AnyObject {
  let inner = message;
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const wrapper = Object.keys(inner).find((key) => WRAPPERS.has(key));
    if (wrapper === undefined) break;
    const held = z.safeParse(anyObject, z.safeParse(anyObject, inner[wrapper]).data?.message);
    // Kept as a message of an unknown kind: `[viewOnce]` comes empty to linked devices.
    if (!held.success) break;
    inner = held.data;
  }
  return inner;
}

function isContent(key: string, value: unknown): boolean {
  if (value === null || value === undefined || value === "") return false;
  return key === "conversation" || (key.includes("Message") && !SILENT.has(key));
}

function textOf(kind: string, value: unknown): string | null {
  if (kind === "conversation") return z.parse(optionalText, value);
  const field = TEXT_FIELDS.get(kind);
  return field === undefined
    ? null
    : z.parse(optionalText, z.safeParse(anyObject, value).data?.[field]);
}

function text(content: string): MessageContent {
  return {
    type: "text",
    content,
    mediaUrl: null,
    mediaMimeType: null,
    fileName: null,
    caption: null,
  };
}

/** `stickerMessage` → `[sticker]`. */
function label(kind: string): string {
  const name = kind.replace(/Message(V\d+)?(Extension)?$/, "").replace(/[^A-Za-z0-9]/g, "");
  return `[${name.slice(0, 40) || "message"}]`;
}
