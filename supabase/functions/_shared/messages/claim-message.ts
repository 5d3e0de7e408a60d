/**
 * The right to send a stored message: taken before its send, in its conversation's order, and given to
 * the scheduler where the invocation's time does not suffice.
 *
 * @module
 */

import * as z from "zod/mini";
import type { Effects } from "../runtime/effects.ts";
import { errorName, type Log } from "../runtime/log.ts";
import type { ConversationQueue } from "./conversation-queue.ts";
import { persist } from "./persist.ts";
import type { SendWindow } from "./send-window.ts";

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
