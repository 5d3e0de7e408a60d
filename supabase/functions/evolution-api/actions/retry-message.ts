/**
 * `retry_message`: sends a failed message again: the same row, the same text or media.
 *
 * @module
 */

import { z } from "zod";
import { CONTRACTS } from "../../_shared/contracts/actions.ts";
import type { Effects } from "../../_shared/runtime/effects.ts";
import type { RequestContext } from "../../_shared/http/serve.ts";
import { fromStored, storedPart } from "../../_shared/contracts/rows.ts";
import { parseRequest } from "../../_shared/http/validation.ts";
import { succeed } from "../answer.ts";
import { refusal, refused } from "../refusals.ts";
import { instanceConnection, sendMessages } from "../../_shared/messages/send-messages.ts";

const retried = z.union([
  z.object({
    result: z.literal("queued"),
    conversation_id: z.uuid(),
    remote_jid: z.string(),
    quoted_whatsapp_message_id: z.string().nullable(),
    instance: instanceConnection,
    part: storedPart,
  }),
  z.object({ result: z.literal("already"), conversation_id: z.uuid() }),
  refused,
]);

/**
 * Queues a failed message again. Of several clicks one sends, and all get the same answer.
 */
export async function retryMessage(
  body: unknown,
  userId: string,
  effects: Effects,
  context: RequestContext,
): Promise<Response> {
  const { language } = context;
  const request = parseRequest(CONTRACTS.retry_message.request, body, language);
  const message = await effects.database.call("retry_message", {
    p_user_id: userId,
    p_message_id: request.messageId,
    p_confirm_duplicate: request.confirmDuplicate,
  }, retried);

  if (message.result === "queued") {
    const log = context.log.with({
      instanceId: message.instance.id,
      conversationId: message.conversation_id,
    });
    const envelope = {
      remoteJid: message.remote_jid,
      quotedId: message.quoted_whatsapp_message_id,
    };
    const parts = [fromStored(message.part)];
    effects.background.run(
      sendMessages({ instance: message.instance, envelope, parts, language }, effects, log),
      log,
    );
  } else if (message.result !== "already") {
    throw refusal(message, language);
  }
  return succeed("retry_message", {
    messageId: request.messageId,
    conversationId: message.conversation_id,
    async: true,
    message: "Message queued for sending",
  });
}
