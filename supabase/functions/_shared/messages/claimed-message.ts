/**
 * A stored message that is somebody's to send: the right to it, taken before its send and in its
 * conversation's order, or given to the scheduler where the invocation's time does not suffice; and its
 * end, stored until it is stored.
 *
 * @module
 */

import * as z from "zod/mini";
import type { SendOutcome } from "../gateway/client.ts";
import { judgeSend } from "../gateway/send.ts";
import type { Language } from "../http/language.ts";
import type { Effects } from "../runtime/effects.ts";
import { errorName, type Log } from "../runtime/log.ts";
import type { ConversationQueue } from "./conversation-queue.ts";
import { persist, type SendWindow } from "./send-window.ts";
import { type Failure, failureSentence } from "./sentences.ts";

/** Who claims, and until when. */
export interface Claimant {
  /** Asked again with it, a claim whose answer was lost is the same claim. */
  readonly token: string;
  readonly window: SendWindow;
}

const claimed = z.enum(["claimed", "behind", "held", "taken"]);

/**
 * - `claimed`: the caller's to send, once;
 * - `held`: it waits for its number;
 * - `taken`: somebody else's, or ended;
 * - `late`: an earlier one has not left, and the time is up.
 */
type ClaimEnd = "claimed" | "held" | "taken" | "late";

/** From one look at the conversation to the next, in ms. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 2_000;

/** A message in its conversation. */
interface Place {
  readonly messageId: string;
  readonly conversationId: string;
  /** Of its request, among all of the conversation. */
  readonly position: number;
}

/** Claims a message, waiting for the earlier ones of its conversation. Never throws. */
export async function claimInOrder(
  { messageId, ...place }: Place,
  { token, window }: Claimant,
  { database, queue }: Pick<Effects, "database"> & { readonly queue: ConversationQueue },
  log: Log,
): Promise<ClaimEnd> {
  const claim = { p_message_id: messageId, p_token: token };
  for (
    let pause = FIRST_PAUSE_MS;
    window.mayBegin();
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS)
  ) {
    try {
      const answer = await database.call("claim_message", claim, claimed);
      if (answer !== "behind") return answer;
    } catch (error) {
      // Whether it is ours now, nobody knows: asked again.
      log.write("warn", "claim_not_answered", { messageId, error: errorName(error) });
    }
    await queue.wait(place, pause);
  }
  return "late";
}

/** Leaves messages that the caller has not tried to the scheduler. Never throws. */
export async function handOver(
  messageIds: readonly string[],
  { token, window }: Claimant,
  effects: Pick<Effects, "database" | "clock">,
  log: Log,
): Promise<void> {
  if (messageIds.length === 0) return;
  log.write("info", "messages_handed_over", { count: messageIds.length });
  const call = { p_message_ids: messageIds, p_token: token };
  // Where it cannot be said, the scheduler takes them once the sender's time is over.
  await persist(
    () => effects.database.call("hand_over_messages", call, z.unknown()),
    { clock: effects.clock, window, onFault: () => Promise.resolve() },
  );
}

/** Stores one message's end; each resolves also where the database never took it. */
export interface MessageEnd {
  /** What the gateway's answer means for the message. */
  record(answer: SendOutcome): Promise<void>;
  /** It failed; `mayHaveLeft`: nobody knows, so nothing sends it again by itself. */
  fail(failure: Failure, mayHaveLeft?: boolean): Promise<void>;
  /** It failed with another one, before anybody tried. */
  failUntried(failure: Failure): Promise<void>;
}

/**
 * Makes the store of one message's end. Where the database does not take it in the invocation's time,
 * the sweeper ends the row.
 */
export function createMessageEnd(
  messageId: string,
  { token, window, language }: Claimant & { readonly language: Language },
  { database, clock }: Pick<Effects, "database" | "clock">,
  log: Log,
): MessageEnd {
  const finish = async (
    outcome: Readonly<Record<string, unknown>>,
    onFault: () => Promise<void> = () => Promise.resolve(),
  ) => {
    let faults = 0;
    const stored = await persist(
      () =>
        database.call(
          "finish_message",
          { p_message_id: messageId, p_outcome: outcome },
          z.boolean(),
        ),
      {
        clock,
        window,
        onFault: async (error) => {
          const fault = { messageId, error: errorName(error) };
          if (faults++ === 0) log.write("warn", "message_write_failed", fault);
          await onFault();
        },
      },
    );
    if (!stored) log.write("error", "message_not_recorded", { messageId });
  };
  const fail = (failure: Failure, more: Readonly<Record<string, unknown>>) =>
    finish({
      status: "failed",
      error_code: failure.code,
      error_message: failureSentence(failure, language, more["may_have_left"] === true),
      ...more,
    });
  const sent = async (whatsappMessageId: string | null) => {
    let noted = false;
    // The row may be somebody's for long. The answer itself is put where nothing is locked.
    await finish({ status: "sent", whatsapp_message_id: whatsappMessageId }, async () => {
      if (noted) return;
      const answer = { p_message_id: messageId, p_whatsapp_message_id: whatsappMessageId };
      noted = await database.call("note_sent_answer", answer, z.unknown())
        .then(() => true, () => false);
    });
  };
  return {
    fail: (failure, mayHaveLeft = false) => fail(failure, { token, may_have_left: mayHaveLeft }),
    failUntried: (failure) => fail(failure, { untried: true }),
    record: (answer) =>
      answer.outcome === "sent"
        ? sent(answer.whatsappMessageId)
        : fail({ code: answer.outcome }, { token, may_have_left: judgeSend(answer).mayHaveLeft }),
  };
}
