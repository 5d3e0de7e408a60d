/**
 * Calling the operator's hook: JSON, signed as the Standard Webhooks specification says.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { type Clock, withTimeLimit } from "../_shared/runtime/clock.ts";
import { type AddressEffects, checkPublicAddress } from "../_shared/runtime/public-address.ts";

/** Where the hook is. */
export interface OperatorHook {
  readonly url: string;
  /** `whsec_` and base64, or any text. */
  readonly secret: string;
}

/** What a call needs. */
export interface HookEffects extends AddressEffects {
  readonly fetch: typeof fetch;
  readonly clock: Clock;
}

/** How a call ended; only `accepted` is not tried again. */
export type HookOutcome = "accepted" | "refused" | "failed" | "address_refused";

/** How long the hook may take, in ms. */
const HOOK_LIMIT_MS = 10_000;

/**
 * Calls the hook. Never throws. Redirects are not followed.
 *
 * @param id The message's id; the same at every try, so that the receiver can tell.
 */
export async function callOperatorHook(
  hook: OperatorHook,
  id: string,
  message: unknown,
  effects: HookEffects,
): Promise<HookOutcome> {
  try {
    const url = new URL(hook.url);
    const body = JSON.stringify(message);
    const timestamp = Math.floor(effects.clock.now().getTime() / 1000);
    return await withTimeLimit(effects.clock, HOOK_LIMIT_MS, async (signal) => {
      if (await checkPublicAddress(url, effects) !== null) return "address_refused";
      const response = await effects.fetch(url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "webhook-id": id,
          "webhook-timestamp": String(timestamp),
          "webhook-signature": sign(hook.secret, id, timestamp, body),
        },
        body,
        redirect: "manual",
        signal,
      });
      await response.body?.cancel();
      return response.ok ? "accepted" : "refused";
    });
  } catch {
    return "failed";
  }
}

/** `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`. */
export function sign(secret: string, id: string, timestamp: number, body: string): string {
  const key = secret.startsWith("whsec_")
    ? Buffer.from(secret.slice("whsec_".length), "base64")
    : Buffer.from(secret);
  const mac = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  return `v1,${mac}`;
}
