/**
 * `messages.set`: what the phone tells a device that was paired anew. All that customers wrote between
 * a logout and the scan comes this way alone, among a person's whole recent history. Of that, only
 * what lies in the number's gap is read at all; the database says where that is.
 *
 * @module
 */

import * as z from "zod/mini";
import { knownTime, MalformedError } from "../_shared/messages/event-fields.ts";
import {
  messageRow,
  readReceived,
  type ReceivedMessage,
} from "../_shared/messages/received-message.ts";
import type { Database } from "../_shared/runtime/database.ts";

const window = z.array(z.object({ window_from: z.string(), window_until: z.string() }));

const stored = z.enum(["stored", "ignored"]);

/** So many messages are stored by one call: it holds the number's row meanwhile. */
const AT_ONCE = 200;

/**
 * Stores what belongs here.
 *
 * @param items As they came.
 * @param now Our clock's instant.
 * @returns What came of it, and what is wrong with items of that time which cannot be read.
 * @throws What {@linkcode Database.call} throws; the history may come again.
 */
export async function applyHistory(
  database: Database,
  instanceId: string,
  items: readonly unknown[],
  now: Date,
): Promise<
  { readonly result: z.infer<typeof stored>; readonly refused: readonly string[] }
> {
  const p_instance_id = instanceId;
  const [found] = await database.call("history_window", { p_instance_id }, window);
  if (found === undefined) return { result: "ignored", refused: [] };
  const { messages, refused } = readHistory(items, {
    from: new Date(found.window_from),
    until: new Date(found.window_until),
  }, now);
  let result: z.infer<typeof stored> = "ignored";
  // One that was too large to be read comes empty: the database asks the gateway for it.
  const least = items.length === 0 ? 1 : 0;
  for (let place = 0; place < Math.max(messages.length, least); place += AT_ONCE) {
    const p_messages = messages.slice(place, place + AT_ONCE).map(messageRow);
    const applied = await database.call("apply_history", { p_instance_id, p_messages }, stored);
    if (applied === "stored") result = applied;
  }
  return { result, refused };
}

const dated = z.object({ messageTimestamp: z.optional(z.unknown()) });

/** The messages of a time, and what is wrong with those of it that cannot be read. */
function readHistory(
  items: readonly unknown[],
  { from, until }: { readonly from: Date; readonly until: Date },
  now: Date,
): { readonly messages: readonly ReceivedMessage[]; readonly refused: readonly string[] } {
  const refused: string[] = [];
  const messages = items.flatMap((item) => {
    // What has no time of its own is not of this one.
    const at = knownTime(z.safeParse(dated, item).data?.messageTimestamp, now);
    if (at === null || at < from || at > until) return [];
    try {
      return readReceived(item, now) ?? [];
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      refused.push(error.field);
      return [];
    }
  });
  return { messages, refused };
}
