/**
 * Calling a hook, signed as Standard Webhooks says, by their library. Whoever is called verifies it
 * with the same library, in any language.
 *
 * @module
 */

import { Webhook } from "standardwebhooks";
import { post, type PostAnswer, type PostEffects } from "./post.ts";

/** Where to call, and as whom. */
interface Hook {
  readonly url: string;
  /** `whsec_` and base64, or any text. Of several each signs: during a rotation old and new. */
  readonly secrets: readonly string[];
  /** How long it may take, in ms. */
  readonly limitMs: number;
}

/** How a call ended; `failed`: it may have been taken. */
type SignedCall = PostAnswer | { readonly kind: "failed" | "address_refused" };

/**
 * Calls. Never throws.
 *
 * @param id The message's id; the same at every try, so that the receiver can tell.
 */
export async function callSigned(
  { url, secrets, limitMs }: Hook,
  id: string,
  message: unknown,
  effects: PostEffects,
): Promise<SignedCall> {
  try {
    const body = JSON.stringify(message);
    const now = effects.clock.now();
    const headers = {
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(now.getTime() / 1000)),
      "webhook-signature": secrets.map((secret) => signer(secret).sign(id, now, body)).join(" "),
    };
    const posted = await post({ url, headers, body, limitMs }, effects);
    return posted.kind === "timeout" ? { kind: "failed" } : posted;
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
