/**
 * Request and answer of the action that erases a customer. Runs in browsers too.
 *
 * @module
 */

import * as z from "zod/mini";

const time = z.iso.datetime({ offset: true });

/**
 * Whoever is in a conversation is erased, with all of their conversations; asked again, the same
 * receipt.
 */
export const eraseCustomerContract = {
  request: z.object({ conversationId: z.uuid() }),
  response: z.object({
    success: z.literal(true),
    receipt: z.object({
      id: z.uuid(),
      /** `erasing`: the rest goes by itself, a batch a minute. */
      state: z.enum(["erasing", "done"]),
      requestedAt: time,
      doneAt: z.nullable(time),
      conversations: z.int(),
      /** So far. */
      messages: z.int(),
      files: z.int(),
      /** Messages that were being sent when it was asked for: they arrive all the same. */
      inFlight: z.int(),
    }),
  }),
};
