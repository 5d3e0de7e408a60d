/**
 * Who sends a webhook: the number that its address names, and the key by which it is that number's
 * gateway; and the writing in its name.
 *
 * Keys are remembered for a minute: a busy gateway's webhooks need not ask for the same ones each time.
 * What was verified by a remembered key is only written where the database finds that the key is still
 * valid (`apply_webhook`), so that no rotation is missed.
 *
 * @module
 */

import * as z from "zod/mini";
import type { Clock } from "../_shared/runtime/clock.ts";
import type { Database } from "../_shared/runtime/database.ts";
import { ApiError } from "../_shared/http/errors.ts";
import type { LogFields } from "../_shared/runtime/log.ts";
import { applyWebhook, type Change, type WebhookDelivery } from "./changes.ts";
import { createRemembered } from "./remembered.ts";
import {
  type Credentials,
  credentialsOf,
  type SenderVerdict,
  verifySender,
  type WebhookKeys,
} from "./verify-sender.ts";

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
  digest: WebhookDelivery["digest"],
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

/** How long keys are remembered, in ms. */
const REMEMBERED_MS = 60_000;

const keyRows = z.array(z.object({
  webhook_secret: z.string(),
  webhook_token: z.nullable(z.string()),
  key_id: z.string(),
}));

/** Verifies senders of webhooks. */
interface KnownSenders {
  /**
   * @param anew Whether what is remembered does not count: the database was asked of it and said no,
   * or what follows is written without asking it.
   * @returns And whether the keys were read for this.
   * @throws What {@linkcode Database.call} throws.
   */
  verify(
    instanceId: string,
    credentials: Credentials,
    anew?: boolean,
  ): Promise<{ readonly verdict: SenderVerdict; readonly readNow: boolean }>;
}

/** Makes the memory of one isolate. */
export function createKnownSenders(database: Database, clock: Clock): KnownSenders {
  const remembered = createRemembered<readonly WebhookKeys[]>(clock, REMEMBERED_MS);

  const read = async (instanceId: string): Promise<readonly WebhookKeys[]> => {
    const rows = await database.call("webhook_keys", { p_instance_id: instanceId }, keyRows);
    const keys = rows.map((row) => ({
      id: row.key_id,
      secret: row.webhook_secret,
      token: row.webhook_token,
    }));
    if (keys.length > 0) remembered.set(instanceId, keys);
    else remembered.forget(instanceId);
    return keys;
  };

  return {
    verify: async (instanceId, credentials, anew = false) => {
      const known = anew ? undefined : remembered.get(instanceId);
      if (known !== undefined) {
        const verdict = await verifySender(credentials, known, clock.now());
        // A stranger, or a key of after a rotation.
        if (verdict.trusted) return { verdict, readNow: false };
      }
      const keys = await read(instanceId);
      return { verdict: await verifySender(credentials, keys, clock.now()), readNow: true };
    },
  };
}
