/**
 * How a send ended, stored until it is stored.
 *
 * @module
 */

import * as z from "zod/mini";
import type { SendOutcome } from "../gateway/client.ts";
import type { Language } from "../http/language.ts";
import type { Effects } from "../runtime/effects.ts";
import { errorName, type Log } from "../runtime/log.ts";
import type { Claimant } from "./claim-message.ts";
import { judgeSend } from "./judge-send.ts";
import { persist } from "./persist.ts";
import { type Failure, failureSentence } from "./sentences.ts";

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
