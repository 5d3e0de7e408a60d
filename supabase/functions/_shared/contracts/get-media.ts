/**
 * Request and answer of `get_media`. Runs in browsers too.
 *
 * @module
 */

import * as z from "zod/mini";
import { optionalOr } from "./optional-field.ts";
import { MEDIA_TYPES } from "./send-message.ts";

/** `{messageId, asBytes?}` → the message's file, or where it is. Nothing is stored. */
export const getMediaContract = {
  request: z.object({
    messageId: z.uuid(),
    /** The file itself also where there is an address, which may have expired. */
    asBytes: optionalOr(z.boolean(), false),
  }),
  response: z.object({
    success: z.literal(true),
    media: z.object({
      type: z.enum(MEDIA_TYPES),
      /** An http(s) address of the file; null: it is in `base64`. */
      url: z.nullable(z.string()),
      /** The file, without a `data:` prefix; null: it is at `url`. */
      base64: z.nullable(z.string()),
      /** As its sender said: not to be trusted. */
      mimetype: z.nullable(z.string()),
      fileName: z.nullable(z.string()),
    }),
  }),
};
