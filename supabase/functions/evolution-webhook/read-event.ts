/**
 * From a webhook's body to the changes it asks for. Pure.
 *
 * The body names an instance and carries the instance's key: neither is read.
 *
 * @module
 */

import { z } from "zod";
import type { Change, ReadData } from "./change.ts";
import { readConnectionUpdate, readLogout, readQrCode, readStatus } from "./connection-events.ts";
import { eventTime } from "./event-time.ts";
import { readSent, readUpdate, readUpsert } from "./message-events.ts";

const READERS: ReadonlyMap<string, ReadData> = new Map([
  ["connection.update", readConnectionUpdate],
  ["logout.instance", readLogout],
  ["status.instance", readStatus],
  ["qrcode.updated", readQrCode],
  ["messages.upsert", readUpsert],
  ["send.message", readSent],
  ["messages.update", readUpdate],
]);

/** A body, read. `event` is one of the names above, or null for any other. */
export type Reading =
  | { readonly outcome: "changes"; readonly event: string; readonly changes: readonly Change[] }
  | { readonly outcome: "unknown_event" }
  /** Never to be understood, however often it comes. `field` is a path of our own schema. */
  | { readonly outcome: "malformed"; readonly event: string | null; readonly field: string };

const envelope = z.object({
  event: z.string(),
  data: z.unknown().optional(),
  date_time: z.unknown().optional(),
});

/**
 * Reads a webhook's body.
 *
 * @param body Parsed JSON: `{event, data, date_time, …}`; `event` as `messages.upsert` or
 * `MESSAGES_UPSERT`.
 * @param now Our clock's instant.
 */
export function readEvent(body: unknown, now: Date): Reading {
  const parsed = envelope.safeParse(body);
  if (!parsed.success) {
    return { outcome: "malformed", event: null, field: fieldOf(parsed.error, "body") };
  }
  const event = parsed.data.event.toLowerCase().replaceAll("_", ".");
  const read = READERS.get(event);
  if (read === undefined) return { outcome: "unknown_event" };
  try {
    const changes = read(parsed.data.data, { at: eventTime(parsed.data.date_time, now), now });
    return { outcome: "changes", event, changes };
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    return { outcome: "malformed", event, field: fieldOf(error, "data") };
  }
}

function fieldOf(error: z.ZodError, root: string): string {
  const path = error.issues[0]?.path ?? [];
  return root === "body" && path.length > 0 ? path.join(".") : [root, ...path].join(".");
}
