/**
 * What a page of a gateway's stored messages holds for us, and how a turn ends. Pure.
 *
 * @module
 */

import * as z from "zod/mini";
import type { MessagesOutcome } from "../_shared/gateway/outcomes.ts";
import { capabilitiesOf } from "../_shared/gateway/capabilities.ts";
import { knownTime, MalformedError } from "../_shared/messages/event-fields.ts";
import { isTrue, messageRow, REACHED, readReceived } from "../_shared/messages/received-message.ts";

/** What the database is told of a page. Counts leave out what is asked for again. */
export type PageRecord =
  | {
    readonly outcome: "page";
    readonly messages: readonly MissedMessage[];
    /** WhatsApp's ids of those that their sender deleted, where the gateway says it for certain. */
    readonly withdrawn: readonly string[];
    readonly read: number;
    /** Of the gateway's messages, those that nobody can read. */
    readonly unreadable: number;
    /** Those that their sender deleted. */
    readonly deleted: number;
    /** Whether there may be more. */
    readonly full: boolean;
    /** The page's oldest second, ISO 8601; null where no message has a time. */
    readonly oldest: string | null;
  }
  | { readonly outcome: Exclude<MessagesOutcome["outcome"], "page"> | "pause" };

/** A message for SQL. */
type MissedMessage = ReturnType<typeof messageRow> & {
  /** How far one of ours got. */
  readonly status: "sent" | "delivered" | "read" | null;
  /** Its sender changed it, at the time that it has now: the gateway moves it. */
  readonly edited: boolean;
};

const RANK = ["sent", "delivered", "read"] as const;

const dated = z.object({ messageTimestamp: z.optional(z.unknown()) });

const stored = z.object({
  key: z.object({ fromMe: isTrue }),
  MessageUpdate: z.catch(
    z.nullish(z.array(z.object({ status: z.catch(z.nullish(z.string()), null) }))),
    null,
  ),
});

/**
 * Reads a page, newest first.
 *
 * The oldest second of a page that is full is asked for again, as it may hold more; what is in it is
 * stored at once, and counted then. Unless the page holds nothing else: then its next page is asked
 * for.
 *
 * @param page What the gateway answered.
 * @param size How many were asked for at most.
 * @param version The gateway's; null: not known.
 * @param now Our clock's instant.
 */
export function readPage(
  { records }: { readonly records: readonly unknown[] },
  size: number,
  version: string | null,
  now: Date,
): PageRecord {
  const times = records.map((record) =>
    knownTime(z.safeParse(dated, record).data?.messageTimestamp, now)?.getTime() ?? null
  );
  const known = times.filter((time) => time !== null);
  const oldest = known.length === 0 ? null : Math.min(...known);
  const full = records.length >= size;
  const again = full && known.some((time) => time !== oldest) ? oldest : null;
  const messages: MissedMessage[] = [];
  const withdrawn: string[] = [];
  const counts = { read: 0, unreadable: 0, deleted: 0 };
  for (const [place, record] of records.entries()) {
    const time = times[place] ?? null;
    const end = time === null ? "unreadable" : readStored(record, version, now);
    if (typeof end === "object" && "deleted" in end) withdrawn.push(end.deleted);
    else if (typeof end === "object") messages.push(end);
    if (time !== null && time === again) continue;
    counts.read++;
    if (end === "unreadable") counts.unreadable++;
    if (end === "deleted" || typeof end === "object" && "deleted" in end) counts.deleted++;
  }
  const at = oldest === null ? null : new Date(oldest).toISOString();
  return { outcome: "page", messages, withdrawn, ...counts, full, oldest: at };
}

/**
 * `nothing`: no chat's, or nothing that a person wrote. `deleted`: by a gateway of an unknown version,
 * which may mean nothing by it: not stored, and not taken from what is here.
 */
function readStored(
  record: unknown,
  version: string | null,
  now: Date,
): MissedMessage | { readonly deleted: string } | "nothing" | "deleted" | "unreadable" {
  try {
    const received = readReceived(record, now);
    if (received === null) return "nothing";
    const { data } = z.safeParse(stored, record);
    const updates = (data?.MessageUpdate ?? []).map(({ status }) => status ?? "");
    if (updates.includes("DELETED") && capabilitiesOf(version).tellsDeletion.is) {
      return version === null ? "deleted" : { deleted: received.whatsappMessageId };
    }
    const reached = new Set(updates.map((word) => REACHED.get(word)));
    const status = received.fromMe ? RANK.findLast((rank) => reached.has(rank)) ?? null : null;
    return { ...messageRow(received), status, edited: updates.includes("EDITED") };
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    return "unreadable";
  }
}

/**
 * How a number's turn ended.
 * - `done`: everything that its gateway has is here;
 * - `paused`: there is more, for the next turn;
 * - `later`: the gateway did not answer, or it was enough for today;
 * - `given_up`: nobody could compare, and that was told;
 * - `overtaken`: somebody else has the number, or it is gone.
 */
export type TurnEnd = "done" | "paused" | "later" | "given_up" | "overtaken";
