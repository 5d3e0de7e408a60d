/**
 * Calling a hook, signed as Standard Webhooks says, by their library. Whoever is called verifies it
 * with the same library, in any language.
 *
 * @module
 */

import { Webhook } from "standardwebhooks";
import { type Clock, withTimeLimit } from "../runtime/clock.ts";
import { readLimitedText } from "../runtime/limited-body.ts";
import { type AddressEffects, checkPublicAddress } from "../runtime/public-address.ts";

/** What a call needs. */
export interface HookEffects extends AddressEffects {
  readonly fetch: typeof fetch;
  readonly clock: Clock;
}

/** Where to call, and as whom. */
interface Hook {
  readonly url: string;
  /** `whsec_` and base64, or any text. Of several each signs: during a rotation old and new. */
  readonly secrets: readonly string[];
  /** How long it may take, in ms. */
  readonly limitMs: number;
}

/** How a call ended. */
type SignedCall =
  /** `text`: the beginning of the body. */
  | { readonly kind: "answered"; readonly status: number; readonly text: string }
  | { readonly kind: "failed" | "address_refused" };

/** An answer is a few words. In bytes. */
const ANSWER_LIMIT = 4_096;

/**
 * Calls. Never throws. Redirects are not followed.
 *
 * @param id The message's id; the same at every try, so that the receiver can tell.
 */
export async function callSigned(
  { url: address, secrets, limitMs }: Hook,
  id: string,
  message: unknown,
  effects: HookEffects,
): Promise<SignedCall> {
  try {
    const url = new URL(address);
    const body = JSON.stringify(message);
    const now = effects.clock.now();
    const headers = {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(now.getTime() / 1000)),
      "webhook-signature": secrets.map((secret) => signer(secret).sign(id, now, body)).join(" "),
    };
    return await withTimeLimit(effects.clock, limitMs, async (signal) => {
      if (await checkPublicAddress(url, effects) !== null) return { kind: "address_refused" };
      const init = { method: "POST", headers, body, redirect: "manual", signal } as const;
      const { status, body: stream } = await effects.fetch(url, init);
      const received = { text: "" };
      await readLimitedText(stream, ANSWER_LIMIT, received, signal).catch(() => {});
      return { kind: "answered", status, text: received.text };
    });
  } catch {
    return { kind: "failed" };
  }
}

/**
 * The library reads a raw text as Latin-1 and throws on base64 that is not canonical: it is given the
 * key's bytes.
 */
function signer(secret: string): Webhook {
  const key = secret.startsWith("whsec_")
    ? Uint8Array.from(
      atob(secret.slice("whsec_".length).replaceAll("-", "+").replaceAll("_", "/")),
      (char) => char.charCodeAt(0),
    )
    : new TextEncoder().encode(secret);
  return new Webhook(key, { format: "raw" });
}
