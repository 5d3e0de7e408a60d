/**
 * `retry_message`: sends a failed message again: the same row, the same text or media.
 *
 * @module
 */

import * as z from "zod/mini";
import { messageStatus } from "../../_shared/contracts/send-message.ts";
import { fromStored, storedPart } from "../../_shared/messages/message-part.ts";
import { type Action, ask, askAgain, succeed } from "../action.ts";
import { LARGE_BODY_BYTES } from "../media-memory.ts";
import { leaveInBackground, sendInBackground, storedRequest } from "../send-in-background.ts";

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
  const asked = {
    p_user_id: call.userId,
    p_message_id: request.messageId,
    p_confirm_duplicate: request.confirmDuplicate,
  };
  const field = { conversation_without_instance: "messageId" };
  // Its media waits unread until there is room. Where there is none in time, the answer counts as lost,
  // and the scheduler sends it.
  const large = { bytes: LARGE_BODY_BYTES, admit: () => call.room.takeForAnswer() };
  const asking = () => ask(call, "retry_message", asked, retried, field, large);
  const { answer: message, again } = await askAgain(call, asking);
  if (message.result === "queued") {
    const part = fromStored(message.part);
    call.room.keep(part.base64);
    sendInBackground(message, [part], call);
  } else if (again) {
    // Queued by the try whose answer was lost, perhaps: what nobody has claimed the scheduler sends.
    leaveInBackground([request.messageId], call);
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
