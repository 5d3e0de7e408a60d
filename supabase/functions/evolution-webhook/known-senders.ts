/**
 * Who may report of a number, remembered for a minute: a busy gateway's webhooks need not ask for the
 * same keys each time. What was verified by a remembered key is only written where the database finds
 * that the key is still valid (`apply_webhook`), so that no rotation is missed.
 *
 * @module
 */

import * as z from "zod/mini";
import type { Clock } from "../_shared/runtime/clock.ts";
import type { Database } from "../_shared/runtime/database.ts";
import { createRemembered } from "./remembered.ts";
import {
  type Credentials,
  type SenderVerdict,
  verifySender,
  type WebhookKeys,
} from "./verify-sender.ts";

/** How long keys are remembered, in ms. */
const REMEMBERED_MS = 60_000;

const keyRows = z.array(z.object({
  webhook_secret: z.string(),
  webhook_token: z.nullable(z.string()),
  key_id: z.string(),
}));

/** Verifies senders of webhooks. */
export interface KnownSenders {
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
