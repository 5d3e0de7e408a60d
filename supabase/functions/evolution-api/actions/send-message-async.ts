/**
 * `send_message_async` (and `send_media_async`, its other name): stores the message, answers, sends
 * in the background.
 *
 * @module
 */

import { z } from "zod";
import { DatabaseError } from "../../_shared/runtime/database.ts";
import type { Effects } from "../../_shared/runtime/effects.ts";
import { ApiError, type ErrorCode } from "../../_shared/http/errors.ts";
import { jsonResponse, type RequestContext } from "../../_shared/http/serve.ts";
import { checkPublicAddress } from "../../_shared/runtime/public-address.ts";
import { parseRequest } from "../../_shared/http/validation.ts";
import type { MessagePart } from "../../_shared/contracts/rows.ts";
import { toMessageParts } from "../../_shared/messages/message-parts.ts";
import {
  type SendMessageRequest,
  sendMessageRequest,
} from "../../_shared/contracts/send-message.ts";
import { instanceConnection, sendMessages } from "../../_shared/messages/send-messages.ts";

const enqueued = z.discriminatedUnion("result", [
  z.object({
    result: z.literal("queued"),
    conversation_id: z.uuid(),
    remote_jid: z.string(),
    quoted_whatsapp_message_id: z.string().nullable(),
    instance: instanceConnection,
  }),
  z.object({ result: z.literal("duplicate"), conversation_id: z.uuid() }),
  z.object({
    result: z.enum([
      "conversation_not_found",
      "conversation_without_instance",
      "instance_not_found",
      "instance_mismatch",
      "instance_without_gateway",
      "reply_not_found",
    ]),
  }),
]);

const REFUSED_FIELD: Partial<Record<ErrorCode, string>> = {
  CONVERSATION_NOT_FOUND: "conversationId",
  CONVERSATION_WITHOUT_INSTANCE: "conversationId",
  INSTANCE_NOT_FOUND: "instanceId",
  INSTANCE_MISMATCH: "instanceId",
  INSTANCE_WITHOUT_GATEWAY: "instanceId",
  REPLY_NOT_FOUND: "replyToMessageId",
};

/**
 * Queues a message. One database round trip: the row is `sending` when the caller gets its answer,
 * and only the call that stored it sends it.
 */
export async function sendMessageAsync(
  body: unknown,
  userId: string,
  effects: Effects,
  context: RequestContext,
): Promise<Response> {
  const request = parseRequest(sendMessageRequest, body, context.language);
  const messageId = request.clientMessageId ?? crypto.randomUUID();
  const parts = toMessageParts(request, messageId);
  await refusePrivateMedia(parts, effects);
  const stored = await enqueue(request, parts, userId, effects);

  if (stored.result === "queued") {
    const log = context.log.with({
      instanceId: stored.instance.id,
      conversationId: stored.conversation_id,
    });
    effects.background.run(
      sendMessages(
        {
          instance: stored.instance,
          envelope: { remoteJid: stored.remote_jid, quotedId: stored.quoted_whatsapp_message_id },
          parts,
          language: context.language,
        },
        effects,
        log,
      ),
      log,
    );
  }
  return jsonResponse(200, {
    success: true,
    messageId,
    // Several only where the text held inline media.
    ...(parts.length > 1 ? { messageIds: parts.map((part) => part.id) } : {}),
    conversationId: stored.conversation_id,
    async: true,
    message: "Message queued for sending",
  });
}

/** Nobody makes the gateway fetch what only machines inside the house may see. */
async function refusePrivateMedia(parts: readonly MessagePart[], effects: Effects): Promise<void> {
  for (const { mediaUrl } of parts) {
    if (mediaUrl === null) continue;
    const refusal = await checkPublicAddress(new URL(mediaUrl), effects);
    if (refusal !== null) {
      throw new ApiError("INVALID_REQUEST", {
        field: "media.url",
        detail: `media.url: ${refusal}; https, public`,
      });
    }
  }
}

async function enqueue(
  request: SendMessageRequest,
  parts: readonly MessagePart[],
  userId: string,
  effects: Effects,
) {
  const stored = await effects.database.call("enqueue_messages", {
    p_user_id: userId,
    p_target: target(request),
    p_parts: parts.map(toRow),
    p_reply: reply(request),
  }, enqueued).catch((error: unknown) => {
    if (error instanceof DatabaseError && error.hint === "message_id_taken") {
      throw new ApiError("MESSAGE_ID_TAKEN", { field: "clientMessageId" }, { cause: error });
    }
    throw error;
  });
  if (stored.result === "queued" || stored.result === "duplicate") return stored;
  const code = stored.result.toUpperCase() as Uppercase<typeof stored.result>;
  const field = REFUSED_FIELD[code];
  throw new ApiError(code, field === undefined ? {} : { field });
}

function target(request: SendMessageRequest): Record<string, string> {
  const instance = request.instanceId === undefined ? {} : { instance_id: request.instanceId };
  if (request.conversationId !== undefined) {
    return { conversation_id: request.conversationId, ...instance };
  }
  return { remote_jid: toJid(request.remoteJid ?? ""), ...instance };
}

/** A bare number and its jid are the same conversation. */
function toJid(remoteJid: string): string {
  return remoteJid.includes("@") ? remoteJid : `${remoteJid}@s.whatsapp.net`;
}

function reply(request: SendMessageRequest): Record<string, string> | null {
  if (request.replyToMessageId !== undefined) return { message_id: request.replyToMessageId };
  if (request.replyToWhatsAppMessageId !== undefined) {
    return { whatsapp_message_id: request.replyToWhatsAppMessageId };
  }
  return null;
}

function toRow(part: MessagePart) {
  return {
    id: part.id,
    message_type: part.type,
    content: part.content,
    media_url: part.mediaUrl,
    media_mime_type: part.mimetype,
    file_name: part.fileName,
    caption: part.caption,
    base64: part.base64,
  };
}
