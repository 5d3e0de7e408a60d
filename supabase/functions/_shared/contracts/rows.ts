/**
 * Rows as the database hands them over, and what they mean to the code.
 *
 * @module
 */

import * as z from "zod/mini";

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
