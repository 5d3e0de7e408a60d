/**
 * `retry_message`: sends a failed message again: the same row, the same text or media.
 *
 * @module
 */

import * as z from "zod/mini";
import { fromStored, messageStatus, storedPart } from "../../_shared/contracts/rows.ts";
import { type Action, ask, succeed } from "../action.ts";
import { sendInBackground, storedRequest } from "../send-in-background.ts";

const retried = z.discriminatedUnion("result", [
  z.extend(storedRequest, { result: z.literal("queued"), part: storedPart }),
  z.object({
    result: z.literal("already"),
    conversation_id: z.uuid(),
    status: messageStatus,
  }),
]);

/** Queues a failed message again. Of several clicks one sends; the others learn what became of it. */
export const retryMessage: Action<"retry_message"> = async (request, call) => {
  const message = await ask(
    call,
    "retry_message",
    {
      p_user_id: call.userId,
      p_message_id: request.messageId,
      p_confirm_duplicate: request.confirmDuplicate,
    },
    retried,
    { conversation_without_instance: "messageId" },
  );
  if (message.result === "queued") {
    sendInBackground(message, [fromStored(message.part)], call);
  }
  return succeed("retry_message", {
    messageId: request.messageId,
    conversationId: message.conversation_id,
    async: true,
    ...(message.result === "queued"
      ? { message: "Message queued for sending" }
      : { duplicate: true, status: message.status, message: "Message was taken before" }),
  });
};
