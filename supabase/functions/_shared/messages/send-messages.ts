/**
 * The background half of a send: each part claimed and sent in order, each with one recorded end. What
 * the invocation's time does not suffice for is left to the scheduler. What to do about a session that
 * looks dead is the caller's: it passes that in.
 *
 * @module
 */

import * as z from "zod/mini";
import type { Gateway, SendOutcome } from "../gateway/client.ts";
import type { InstanceConnection } from "../contracts/instance-row.ts";
import { gatewayOf } from "../gateway/instance.ts";
import { outcomeRecord } from "../gateway/outcomes.ts";
import type { Language } from "../http/language.ts";
import type { Effects } from "../runtime/effects.ts";
import { errorName, type Log } from "../runtime/log.ts";
import {
  type Claimant,
  claimInOrder,
  createMessageEnd,
  handOver,
  type MessageEnd,
} from "./claimed-message.ts";
import { judgeSend } from "../gateway/send.ts";
import { inspectMedia } from "./media-address.ts";
import type { ConversationQueue } from "./conversation-queue.ts";
import type { MessagePart } from "./message-part.ts";
import type { SendWindow } from "./send-window.ts";
import type { Failure } from "./sentences.ts";

/** Where stored messages go, and for whom. */
interface Delivery {
  readonly instance: InstanceConnection;
  readonly remote_jid: string;
  /** WhatsApp's id of the message that is answered. */
  readonly quoted_whatsapp_message_id: string | null;
  readonly language: Language;
}

/** A request's parts belong to one conversation. */
type InConversation = Delivery & {
  readonly conversation_id: string;
  /** The first part's, among all of the conversation. */
  readonly position: number;
};

/** A session that answered Connection Closed, or answered so slowly that it may be half-open. */
export interface SuspectSession {
  readonly instance: InstanceConnection;
  readonly gateway: Gateway;
  readonly reason: "connection_closed" | "slow_send";
  /**
   * Stores the message as failed, with `connection_closed`, unless its answer has decided it.
   *
   * @param why Where nothing is repaired for it, as a word of {@linkcode Failure}.
   */
  readonly failMessage: (why?: string) => Promise<void>;
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

/** Sending in a conversation's order. */
type InOrder = SendEffects & { readonly queue: ConversationQueue };

/**
 * Sends a request's queued parts in order. After one that failed the rest fails with the same reason,
 * unless WhatsApp only wants to wait.
 */
export async function sendMessages(
  parts: readonly MessagePart[],
  delivery: InConversation,
  window: SendWindow,
  effects: InOrder,
  log: Log,
): Promise<void> {
  try {
    await sendInOrder(parts, delivery, window, effects, log);
  } finally {
    effects.queue.ended(delivery.conversation_id);
  }
}

async function sendInOrder(
  parts: readonly MessagePart[],
  delivery: InConversation,
  window: SendWindow,
  effects: InOrder,
  log: Log,
): Promise<void> {
  const { conversation_id: conversationId, position } = delivery;
  const claimant: Claimant = { token: crypto.randomUUID(), window };
  for (const [index, part] of parts.entries()) {
    const claim = await claimInOrder(
      { messageId: part.id, conversationId, position },
      claimant,
      effects,
      log,
    );
    if (claim === "held") continue;
    // Its own part was claimed, perhaps, and nobody has tried to send it: it goes with the rest.
    if (claim !== "claimed") return await leave(parts.slice(index), claimant, effects, log);
    const failure = await sendClaimed(part, delivery, claimant, effects, log);
    if (failure === null) continue;
    const rest = parts.slice(index + 1);
    if (failure.code === "rate_limited_by_whatsapp") {
      return await leave(rest, claimant, effects, log);
    }
    for (const { id } of rest) {
      const end = createMessageEnd(id, { ...claimant, language: delivery.language }, effects, log);
      await end.failUntried(failure);
    }
    return;
  }
}

function leave(parts: readonly MessagePart[], claimant: Claimant, effects: Effects, log: Log) {
  return handOver(parts.map(({ id }) => id), claimant, effects, log);
}

interface DeliveryContext {
  readonly delivery: Delivery;
  readonly gateway: Gateway;
  readonly message: MessageEnd;
  readonly effects: SendEffects;
  readonly log: Log;
}

/**
 * Sends a message that the caller has claimed, and stores its end.
 *
 * @returns The reason, where it failed.
 */
export function sendClaimed(
  part: MessagePart,
  delivery: Delivery,
  claimant: Claimant,
  effects: SendEffects,
  log: Log,
): Promise<Failure | null> {
  const gateway = gatewayOf(delivery.instance, effects);
  const message = createMessageEnd(
    part.id,
    { ...claimant, language: delivery.language },
    effects,
    log,
  );
  return deliver(part, { delivery, gateway, message, effects, log });
}

async function deliver(
  part: MessagePart,
  context: DeliveryContext,
): Promise<Failure | null> {
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
    const invalid = { code: "invalid_request" } as const;
    await message.fail(invalid);
    return invalid;
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

  let closed: Failure = { code: "connection_closed" };
  const failClosed = (why?: string, { mayHaveLeft } = verdict) => {
    closed = { ...closed, why };
    return message.fail(closed, mayHaveLeft);
  };
  const socket = await effects.handleConnectionClosed({
    instance,
    gateway,
    reason: undecided ? "connection_closed" : "slow_send",
    failMessage: undecided ? failClosed : async () => {},
    log,
  });
  if (!undecided) return failureOf(answer);
  if (socket === "dead") return closed;
  // The socket lives. Answered at once, nothing had been written to it: one more try is safe.
  const second = verdict.maySendAgain ? await send({ step: "again" }) : answer;
  if (second.outcome !== "connection_closed") {
    await message.record(second);
    return failureOf(second);
  }
  await failClosed("alive", judgeSend(second));
  return closed;
}

/** The gateway refuses bytes of a document that has no name (measured: 400). */
function fileNameOf({ fileName, type }: MessagePart): { readonly fileName?: string } {
  if (fileName !== null) return { fileName };
  return type === "document" ? { fileName: "document" } : {};
}

/** One message to the gateway, by the endpoint of its type. Never throws. */
export function sendPart(
  gateway: Pick<Gateway, "sendText" | "sendMedia" | "sendAudio">,
  part: MessagePart,
  { remote_jid, quoted_whatsapp_message_id: quotedId }: Pick<
    Delivery,
    "remote_jid" | "quoted_whatsapp_message_id"
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
    ...fileNameOf(part),
    ...(part.caption === null ? {} : { caption: part.caption }),
  });
}

/**
 * A process that lost the instance answers 404 or a TypeError, and some answers for a dead socket do
 * not name it: no Connection Closed, and yet dead. The ladder asks the socket; nothing else follows.
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

function failureOf(answer: SendOutcome): Failure | null {
  return answer.outcome === "sent" ? null : { code: answer.outcome };
}
