/**
 * A stored message as it goes out again.
 *
 * @module
 */

import { z } from "zod";
import { MEDIA_TYPES } from "../messages/inline-media.ts";
import type { MessagePart } from "../messages/message-parts.ts";

/** A message as the database hands it over, its media with it. */
export const storedPart = z.object({
  id: z.uuid(),
  message_type: z.enum(["text", ...MEDIA_TYPES]),
  content: z.string().nullable(),
  media_url: z.string().nullable(),
  media_mime_type: z.string().nullable(),
  file_name: z.string().nullable(),
  caption: z.string().nullable(),
  base64: z.string().nullable(),
});

/** The same message, to be sent. */
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
