/**
 * `send_message_async` (and `send_media_async`, its other name): stores the message, answers, sends
 * in the background.
 *
 * @module
 */

import * as z from "zod/mini";
import { messageStatus, type SendMessageRequest } from "../../_shared/contracts/send-message.ts";
import { ApiError } from "../../_shared/http/errors.ts";
import type { MessagePart } from "../../_shared/messages/message-part.ts";
import { toMessageParts, withIds } from "../../_shared/messages/message-parts.ts";
import { DatabaseError } from "../../_shared/runtime/database.ts";
import { type AddressEffects, checkPublicAddress } from "../../_shared/runtime/public-address.ts";
import { type Action, ask, askAgain, type Call, succeed } from "../action.ts";
import { sendInBackground, storedRequest } from "../send-in-background.ts";

const enqueued = z.discriminatedUnion("result", [
  z.extend(storedRequest, { result: z.literal("queued") }),
  z.extend(storedRequest, {
    result: z.literal("duplicate"),
    parts: z.array(z.object({
      id: z.uuid(),
      status: messageStatus,
      error_code: z.nullable(z.string()),
    })).check(z.minLength(1)),
  }),
  z.object({
    result: z.literal("message_content_differs"),
    differs: z.enum([
      "parts",
      "message_type",
      "content",
      "media_url",
      "base64",
      "media_mime_type",
      "file_name",
      "caption",
      "reply",
    ]),
  }),
]);

type Enqueued = z.infer<typeof enqueued>;
type Duplicate = Extract<Enqueued, { result: "duplicate" }>;
type Differs = Extract<Enqueued, { result: "message_content_differs" }>["differs"];

/**
 * Queues a message. One database round trip: the row is `sending` when the caller gets its answer,
 * and only the call that stored it sends it. A call that repeats it learns what became of it. Where the
 * database does not answer, the caller is told that nobody knows, and how to repeat it safely.
 */
export const sendMessageAsync: Action<"send_message_async"> = async (request, call) => {
  const messageId = request.clientMessageId ?? crypto.randomUUID();
  const parts = await withIds(toMessageParts(request, call.media), messageId);
  await refusePrivateMedia(parts, call.effects);
  const { answer: stored, again } = await enqueue(request, parts, call);
  if (stored.result === "message_content_differs") {
    throw new ApiError("MESSAGE_CONTENT_DIFFERS", { field: fieldOf(stored.differs, request) });
  }
  // Stored by this request's own first try, whose answer was lost: nobody else sends it.
  const isOurs = stored.result === "queued" ||
    (again && stored.parts.every(({ status }) => status === "sending"));
  if (isOurs) sendInBackground(stored, parts, call);
  return succeed("send_message_async", {
    messageId,
    // Several only where the text held inline media.
    ...(parts.length > 1 ? { messageIds: parts.map((part) => part.id) } : {}),
    conversationId: stored.conversation_id,
    async: true,
    ...(stored.result === "queued" || isOurs
      ? { message: "Message queued for sending" }
      : told(stored)),
  });
};

/** From what fared worst to what fared best. */
const WORST_FIRST = ["failed", "held", "sending", "sent", "delivered", "read"] as const;

/** What became of the request that came first. */
function told({ parts }: Duplicate) {
  return {
    message: "Message was taken before",
    duplicate: true as const,
    status: WORST_FIRST.find((worst) => parts.some(({ status }) => status === worst)),
    parts: parts.map((part) => ({
      messageId: part.id,
      status: part.status,
      errorCode: part.error_code,
    })),
  };
}

/** The field of the request in which it differs from the first one with its id. */
function fieldOf(differs: Differs, { media, replyToMessageId }: SendMessageRequest): string {
  if (differs === "reply") {
    return replyToMessageId === undefined ? "replyToWhatsAppMessageId" : "replyToMessageId";
  }
  if (media === undefined || differs === "content") return "message";
  if (differs === "caption") return media.caption === undefined ? "message" : "media.caption";
  return MEDIA_FIELDS[differs];
}

const MEDIA_FIELDS = {
  parts: "media",
  message_type: "media.type",
  media_url: "media.url",
  base64: "media.base64",
  media_mime_type: "media.mimetype",
  file_name: "media.fileName",
} as const;

/** Nobody makes the gateway fetch from a private address. */
async function refusePrivateMedia(
  parts: readonly MessagePart[],
  effects: AddressEffects,
): Promise<void> {
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

async function enqueue(request: SendMessageRequest, parts: readonly MessagePart[], call: Call) {
  const asked = {
    p_user_id: call.userId,
    p_target: target(request),
    p_parts: parts.map(toRow),
    p_reply: reply(request),
  };
  const asking = () => ask(call, "enqueue_messages", asked, enqueued);
  return await askAgain(call, asking).catch((error: unknown) => {
    if (error instanceof DatabaseError && error.mayBeDone) {
      throw new ApiError("SEND_UNKNOWN", {
        messageIds: parts.map(({ id }) => id),
        // Without an id of the client's the same request would be another message.
        retryable: request.clientMessageId !== undefined,
      }, { cause: error });
    }
    if (error instanceof DatabaseError && error.hint === "message_id_taken") {
      throw new ApiError("MESSAGE_ID_TAKEN", { field: "clientMessageId" }, { cause: error });
    }
    if (error instanceof DatabaseError && error.hint === "message_content_differs") {
      const field = fieldOf("parts", request);
      throw new ApiError("MESSAGE_CONTENT_DIFFERS", { field }, { cause: error });
    }
    throw error;
  });
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
