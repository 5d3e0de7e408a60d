/**
 * The background half of a send: each part in order, each with one recorded end. What to do about a
 * session that looks dead is the caller's: it passes that in.
 *
 * @module
 */

import * as z from "zod/mini";
import type { MessagePart } from "../contracts/rows.ts";
import type { Gateway, SendFailure, SendOutcome } from "../gateway/client.ts";
import { gatewayOf } from "../gateway/instance.ts";
import { outcomeRecord } from "../gateway/outcomes.ts";
import type { Language } from "../http/language.ts";
import type { Effects } from "../runtime/effects.ts";
import { errorName, type Log } from "../runtime/log.ts";
import { judgeSend } from "./judge-send.ts";
import { inspectMedia } from "./media-address.ts";
import { FAILURES } from "./sentences.ts";

/** A number's gateway, as SQL functions hand it over. */
export const instanceConnection = z.object({
  id: z.uuid(),
  instance_name: z.string(),
  phone_number: z.nullable(z.string()),
  api_url: z.string(),
  api_key: z.string(),
  confirm_at_ms: z.array(z.number()),
  policy: z.enum(["logout-first", "keep-pairing"]),
});

/** See {@linkcode instanceConnection}. */
type InstanceConnection = z.infer<typeof instanceConnection>;

/** Stored messages to one contact, ready to be sent. */
interface Delivery {
  readonly instance: InstanceConnection;
  readonly remote_jid: string;
  /** WhatsApp's id of the message that is answered. */
  readonly quoted_whatsapp_message_id: string | null;
  readonly parts: readonly MessagePart[];
  readonly language: Language;
}

/** A session that answered Connection Closed, or answered so slowly that it may be half-open. */
export interface SuspectSession {
  readonly instance: InstanceConnection;
  readonly gateway: Gateway;
  readonly reason: "connection_closed" | "slow_send";
  /** Stores the message as failed, with `connection_closed`, unless its answer has decided it. */
  readonly failMessage: () => Promise<void>;
  readonly log: Log;
}

/** What sending needs. */
export interface SendEffects extends Effects {
  /**
   * Sees to a session that looks dead. Never throws.
   *
   * @returns `alive`: the socket answered, and the message was not touched. Else it was failed.
   */
  readonly handleConnectionClosed: (session: SuspectSession) => Promise<"alive" | "dead">;
}

/**
 * Sends a request's parts in order. After one that failed the rest fails with the same reason.
 *
 * @returns The reason, or null where everything was sent.
 */
export async function sendMessages(
  delivery: Delivery,
  effects: SendEffects,
  log: Log,
): Promise<SendFailure | null> {
  const gateway = gatewayOf(delivery.instance, effects);
  let failure: SendFailure | null = null;
  for (const part of delivery.parts) {
    const message = messageStore(part.id, delivery.language, effects, log);
    if (failure !== null) await message.fail(failure);
    else failure = await deliver(part, { delivery, gateway, message, effects, log });
  }
  return failure;
}

interface DeliveryContext {
  readonly delivery: Delivery;
  readonly gateway: Gateway;
  readonly message: MessageStore;
  readonly effects: SendEffects;
  readonly log: Log;
}

/** @returns The reason, where the message failed. */
async function deliver(part: MessagePart, context: DeliveryContext): Promise<SendFailure | null> {
  const { delivery, gateway, message, effects, log } = context;
  const { instance } = delivery;
  const send = async (again = {}) => {
    const answer = await sendPart(gateway, part, delivery);
    const end = { messageId: part.id, ...outcomeRecord(answer), ...again };
    log.write("info", "send_answered", end);
    return answer;
  };
  const refusal = part.mediaUrl === null ? null : await inspectMedia(part.mediaUrl, effects);
  if (refusal !== null) {
    log.write("info", "media_refused", { messageId: part.id, reason: refusal });
    await message.fail("invalid_request");
    return "invalid_request";
  }
  const answer = await send();
  const verdict = judgeSend(answer);
  const undecided = verdict.message === "undecided";
  // The message's own end is stored before anything slow, unless a living socket could change it.
  if (!undecided) await message.record(answer);
  if (!verdict.suspicious) {
    if (isStrange(answer.outcome)) await suspectSession(instance.id, answer.outcome, effects, log);
    return failureOf(answer);
  }

  const socket = await effects.handleConnectionClosed({
    instance,
    gateway,
    reason: undecided ? "connection_closed" : "slow_send",
    failMessage: undecided ? () => message.fail("connection_closed") : async () => {},
    log,
  });
  if (!undecided) return failureOf(answer);
  if (socket === "dead") return "connection_closed";
  // The socket lives. Answered at once, nothing had been written to it: one more try is safe.
  if (!verdict.maySendAgain) {
    await message.fail("connection_closed");
    return "connection_closed";
  }
  const second = await send({ step: "again" });
  await message.record(second);
  return failureOf(second);
}

/** One message to the gateway, by the endpoint of its type. Never throws. */
export function sendPart(
  gateway: Pick<Gateway, "sendText" | "sendMedia" | "sendAudio">,
  part: MessagePart,
  { remote_jid, quoted_whatsapp_message_id: quotedId }: Omit<
    Delivery,
    "instance" | "parts" | "language"
  >,
): Promise<SendOutcome> {
  const to = {
    // Groups and hidden numbers keep their jid; a person is the digits.
    number: remote_jid.replace(/@s\.whatsapp\.net$/, ""),
    ...(quotedId === null ? {} : { quotedId }),
  };
  if (part.type === "text") return gateway.sendText({ ...to, text: part.content ?? "" });
  const media = part.base64 ?? part.mediaUrl ?? "";
  if (part.type === "audio") return gateway.sendAudio({ ...to, audio: media });
  return gateway.sendMedia({
    ...to,
    mediatype: part.type,
    media,
    ...(part.mimetype === null ? {} : { mimetype: part.mimetype }),
    ...(part.fileName === null ? {} : { fileName: part.fileName }),
    ...(part.caption === null ? {} : { caption: part.caption }),
  });
}

/**
 * A process that lost the instance answers 404 or a TypeError, a dying websocket its close code: no
 * Connection Closed, and yet dead. The ladder asks the socket; nothing else follows from it.
 */
function isStrange(outcome: SendOutcome["outcome"]): boolean {
  return outcome === "instance_not_found" || outcome === "gateway_error";
}

/** Leaves a session that looks dead to the ladder. Never throws. */
export async function suspectSession(
  instanceId: string,
  reason: string,
  { database }: Pick<Effects, "database">,
  log: Log,
): Promise<void> {
  try {
    const suspicion = { p_instance_id: instanceId, p_reason: reason };
    await database.call("suspect_session", suspicion, z.boolean());
  } catch (error) {
    log.write("error", "suspicion_not_recorded", { error: errorName(error) });
  }
}

interface MessageStore {
  /** Stores what the gateway's answer means for the message. */
  record(answer: SendOutcome): Promise<void>;
  /** Stores the message as failed. */
  fail(code: SendFailure): Promise<void>;
}

/** Where the database does not answer either, the row stays `sending` and the sweeper ends it. */
function messageStore(id: string, language: Language, effects: Effects, log: Log): MessageStore {
  const finish = async (outcome: Record<string, unknown>) => {
    try {
      const end = { p_message_id: id, p_outcome: outcome };
      await effects.database.call("finish_message", end, z.boolean());
    } catch (error) {
      log.write("error", "message_not_recorded", { messageId: id, error: errorName(error) });
    }
  };
  const fail = (code: SendFailure) =>
    finish({ status: "failed", error_code: code, error_message: FAILURES[code][language] });
  return {
    fail,
    record: (answer) =>
      answer.outcome === "sent"
        ? finish({ status: "sent", whatsapp_message_id: answer.whatsappMessageId })
        : fail(answer.outcome),
  };
}

function failureOf(answer: SendOutcome): SendFailure | null {
  return answer.outcome === "sent" ? null : answer.outcome;
}
