/**
 * `retry_message`: sends a failed message again: the same row, the same text or media.
 *
 * @module
 */

import * as z from "zod/mini";
import { fromStored, storedPart } from "../../_shared/contracts/rows.ts";
import { instanceConnection } from "../../_shared/messages/send-messages.ts";
import { type Action, ask, succeed } from "../action.ts";
import { sendInBackground } from "../send-in-background.ts";

const retried = z.discriminatedUnion("result", [
  z.object({
    result: z.literal("queued"),
    conversation_id: z.uuid(),
    remote_jid: z.string(),
    quoted_whatsapp_message_id: z.nullable(z.string()),
    instance: instanceConnection,
    part: storedPart,
  }),
  z.object({ result: z.literal("already"), conversation_id: z.uuid() }),
]);

/** Queues a failed message again. Of several clicks one sends, and all get the same answer. */
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
    message: "Message queued for sending",
  });
};
