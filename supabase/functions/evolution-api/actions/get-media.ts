/**
 * `get_media`: the file of a message. An address where there is one; else the file itself, out of what is
 * kept for a retry, or from the number's gateway, which alone can decrypt what came in. Nothing is stored.
 *
 * The file is base64 in JSON, as the gateway hands it out. supabase-js reads an answer by its content
 * type, and turns a picture's bytes into text; and the type is a stranger's word: an answer of that type
 * from the project's own address could be a page with a script.
 *
 * @module
 */

import * as z from "zod/mini";
import type { ActionResponse } from "../../_shared/contracts/actions.ts";
import { instanceAddress } from "../../_shared/contracts/instance-row.ts";
import { MAX_MEDIA_BYTES, MEDIA_TYPES } from "../../_shared/contracts/send-message.ts";
import type { Gateway } from "../../_shared/gateway/client.ts";
import { fileBytes } from "../../_shared/gateway/file.ts";
import { gatewayOf } from "../../_shared/gateway/instance.ts";
import { ApiError } from "../../_shared/http/errors.ts";
import { readBase64 } from "../../_shared/messages/read-base64.ts";
import { LARGEST_MEDIA_BYTES } from "../../_shared/runtime/byte-budget.ts";
import { LargeText } from "../../_shared/runtime/large-text.ts";
import type { LargeBody } from "../../_shared/runtime/limited-body.ts";
import { type Action, ask, type Call, gatewayError, refusal, succeed } from "../action.ts";
import { answerLarge } from "../large-answer.ts";
import { LARGE_BODY_BYTES } from "../media-memory.ts";

const file = z.object({
  type: z.enum(MEDIA_TYPES),
  mime_type: z.nullable(z.string()),
  file_name: z.nullable(z.string()),
});

const base64 = z.union([z.string(), z.instanceof(LargeText)]);

const found = z.discriminatedUnion("result", [
  z.extend(file, { result: z.literal("kept"), base64 }),
  z.extend(file, { result: z.literal("address"), url: z.string() }),
  z.extend(file, {
    result: z.literal("at_gateway"),
    whatsapp_message_id: z.string(),
    sent_at: z.nullable(z.coerce.date()),
    instance: instanceAddress,
  }),
]);

type Found = z.infer<typeof found>;
type AtGateway = Extract<Found, { readonly result: "at_gateway" }>;

/** The answer's, its file as it came. */
type Media = Omit<ActionResponse<"get_media">["media"], "base64"> & {
  readonly base64: z.infer<typeof base64> | null;
};

/** Answers the address of a message's file, or the file. */
export const getMedia: Action<"get_media"> = async ({ messageId, asBytes }, call) => {
  const asked = { p_user_id: call.userId, p_message_id: messageId, p_as_bytes: asBytes };
  const field = { instance_without_gateway: "messageId" };
  const answer = await withRoom(
    call,
    (large) => ask(call, "find_media", asked, found, field, large),
  );
  const media = await readMedia(answer, call);
  call.room.keep(media.base64);
  if (media.base64 instanceof LargeText) {
    return answerLarge({ success: true, media }, media.base64, call.room, call.effects.clock);
  }
  return succeed("get_media", { media: { ...media, base64: media.base64 } });
};

async function readMedia(answer: Found, call: Call): Promise<Media> {
  const { type, mime_type: mimetype, file_name: fileName } = answer;
  const known = { type, mimetype, fileName, url: null };
  if (answer.result === "address") return { ...known, url: answer.url, base64: null };
  if (answer.result === "kept") return { ...known, base64: answer.base64 };
  const fetched = await fetchFile(answer, call);
  return {
    ...known,
    base64: fetched.base64,
    mimetype: mimetype ?? fetched.mimetype,
    fileName: fileName ?? fetched.fileName,
  };
}

/** A large answer waits unread until there is room; where there is none in time, that is what is wrong. */
async function withRoom<T>(
  { room }: Call,
  run: (large: LargeBody) => Promise<T>,
): Promise<T> {
  let noRoom: unknown;
  const admit = () =>
    room.takeForAnswer().catch((error) => {
      noRoom = error;
      throw error;
    });
  const ended = await run({ bytes: LARGE_BODY_BYTES, admit }).catch((error) => {
    throw noRoom ?? error;
  });
  if (noRoom !== undefined) throw noRoom;
  return ended;
}

/** The gateway's clock and ours, and its whole seconds. */
const SENT_WITHIN_MS = 5_000;

/** What is read of an answer besides the file: a caption and a thumbnail. */
const BESIDES_BYTES = 512 * 1024;

async function fetchFile(
  { instance, whatsapp_message_id: id, sent_at: sentAt }: AtGateway,
  call: Call,
) {
  const gateway = gatewayOf(instance, call.effects, { bodyBytes: BESIDES_BYTES });
  if (sentAt !== null) await refuseTooLarge(gateway, id, sentAt);
  const answer = await withRoom(
    call,
    (large) => gateway.file(id, { ...large, allBytes: LARGEST_MEDIA_BYTES }),
  );
  switch (answer.outcome) {
    case "file":
      return { ...answer, base64: readFile(answer.base64) };
    case "unknown_message":
    case "expired":
      throw refusal("media_gone", call.language, { reason: answer.outcome });
    case "not_open":
      throw new ApiError("INSTANCE_NOT_CONNECTED");
    case "unavailable":
      throw new ApiError("MEDIA_UNAVAILABLE", { field: "messageId" });
    case "too_large":
      throw new ApiError("MEDIA_TOO_LARGE", { field: "messageId" });
    default:
      throw gatewayError(answer.outcome);
  }
}

/**
 * A gateway that is asked for a file holds all of it in its memory, more than twice, and its memory is
 * that of all its numbers: so it is asked first how large the file is. What it does not know it is
 * asked for all the same.
 */
async function refuseTooLarge(gateway: Gateway, id: string, sentAt: Date): Promise<void> {
  const within = {
    from: new Date(sentAt.getTime() - SENT_WITHIN_MS),
    until: new Date(sentAt.getTime() + SENT_WITHIN_MS),
  };
  const stored = await gateway.findMessages({ ...within, page: 1, size: 1, id });
  switch (stored.outcome) {
    case "page": {
      const bytes = Math.max(0, ...stored.records.map((record) => fileBytes(record) ?? 0));
      if (bytes > MAX_MEDIA_BYTES) throw new ApiError("MEDIA_TOO_LARGE", { field: "messageId" });
      return;
    }
    case "too_large":
    case "unsupported":
    case "refused":
    case "invalid":
      return;
    default:
      throw gatewayError(stored.outcome);
  }
}

/** A gateway's base64, if that is what it is. */
function readFile(given: string | LargeText): string | LargeText {
  try {
    return readBase64(given).base64;
  } catch (error) {
    if (error instanceof ApiError && error.code === "MEDIA_TOO_LARGE") {
      throw new ApiError("MEDIA_TOO_LARGE", { field: "messageId" });
    }
    throw gatewayError("invalid");
  }
}
