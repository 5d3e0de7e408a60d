/**
 * Who sends a webhook: the number that its address names, and the key by which it is that number's
 * gateway; and the writing in its name.
 *
 * @module
 */

import type { Database } from "../_shared/runtime/database.ts";
import { ApiError } from "../_shared/http/errors.ts";
import type { LogFields } from "../_shared/runtime/log.ts";
import { applyWebhook, type Change, type Delivery } from "./changes.ts";
import type { KnownSenders } from "./known-senders.ts";
import { credentialsOf, type SenderVerdict } from "./verify-sender.ts";

// A gateway with "webhook by events" appends `/connection-update` and the like.
const PATH =
  /^(?:\/functions\/v1)?\/evolution-webhook\/([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})(?:\/|$)/i;

/** A number's own gateway. */
interface Sender {
  readonly instanceId: string;
  /** Of the keys that it was verified by. */
  readonly keyId: string;
  /** See {@linkcode SenderVerdict}. */
  readonly signedAt: Date | null;
  /** By the keys as they were when this webhook came, or are now: remembered ones do not count. */
  readonly verifyNow: () => Promise<SenderVerdict>;
  /** By keys that are read once more. */
  readonly verifyAnew: () => Promise<SenderVerdict>;
}

/** A gateway, or why somebody is none, for the log. */
type Met =
  | { readonly sender: Sender }
  | { readonly sender: null; readonly why: LogFields };

/**
 * Reads and verifies who sends.
 *
 * @throws What {@linkcode Database.call} throws.
 */
export async function meetSender(request: Request, senders: KnownSenders): Promise<Met> {
  const instanceId = instanceIdOf(request.url);
  if (instanceId === null) return { sender: null, why: { reason: "no_instance" } };
  const credentials = credentialsOf(request.headers);
  if (credentials === null) {
    // A gateway that cannot sign sends what should sign.
    const reason = request.headers.has("jwt_key") ? "secret_in_clear" : "no_credentials";
    return { sender: null, why: { instanceId, reason } };
  }
  const { verdict, readNow } = await senders.verify(instanceId, credentials);
  if (!verdict.trusted) return { sender: null, why: { instanceId, reason: verdict.reason } };
  const { keyId, signedAt } = verdict;
  const verifyAnew = async () => (await senders.verify(instanceId, credentials, true)).verdict;
  const verifyNow = async () => readNow ? verdict : await verifyAnew();
  return { sender: { instanceId, keyId, signedAt, verifyNow, verifyAnew } };
}

/**
 * Applies an event's changes by the sender's key, and where that ended meanwhile by the one of now.
 *
 * @param unread How many items of it nobody can read.
 * @throws {ApiError} UNAUTHENTICATED where the sender has none; what {@linkcode applyWebhook} throws.
 */
export async function applyFrom(
  database: Database,
  { instanceId, keyId, signedAt, verifyAnew }: Sender,
  changes: readonly Change[],
  digest: Delivery["digest"],
  unread: number,
) {
  const apply = (key: string) =>
    applyWebhook(database, instanceId, key, changes, { digest, signedAt, unread });
  const applied = await apply(keyId);
  if (applied.result !== "unknown_key") return applied;
  const now = await verifyAnew();
  const again = now.trusted ? await apply(now.keyId) : applied;
  if (again.result === "unknown_key") throw new ApiError("UNAUTHENTICATED");
  return again;
}

/**
 * The instance's id in a URL such as `https://…/evolution-webhook/<uuid>/messages-upsert`.
 *
 * @returns In lower case; null where the path holds none.
 */
export function instanceIdOf(url: string): string | null {
  return PATH.exec(new URL(url).pathname)?.[1]?.toLowerCase() ?? null;
}
