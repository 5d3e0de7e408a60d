/**
 * One message that is to be sent, as a request or the database hands it over.
 *
 * @module
 */

import * as z from "zod/mini";
import { MEDIA_TYPES, type MediaType } from "../contracts/send-message.ts";
import { LargeText } from "../runtime/large-text.ts";

/** One WhatsApp message. */
export interface MessagePart {
  readonly id: string;
  readonly type: "text" | MediaType;
  /** The text, or null for media. */
  readonly content: string | null;
  readonly mediaUrl: string | null;
  /** Without a `data:` prefix. */
  readonly base64: string | LargeText | null;
  readonly mimetype: string | null;
  readonly fileName: string | null;
  readonly caption: string | null;
}

/** A message as the database hands it over, its media with it. */
export const storedPart = z.object({
  id: z.uuid(),
  message_type: z.enum(["text", ...MEDIA_TYPES]),
  content: z.nullable(z.string()),
  media_url: z.nullable(z.string()),
  media_mime_type: z.nullable(z.string()),
  file_name: z.nullable(z.string()),
  caption: z.nullable(z.string()),
  base64: z.nullable(z.union([z.string(), z.instanceof(LargeText)])),
});

/** A {@linkcode storedPart} as a message to be sent. */
export function fromStored(row: z.infer<typeof storedPart>): MessagePart {
  return {
    id: row.id,
    type: row.message_type,
    content: row.content,
    mediaUrl: row.media_url,
    base64: row.base64,
    mimetype: row.media_mime_type,
    fileName: row.file_name,
    caption: row.caption,
  };
}
