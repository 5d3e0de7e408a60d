/**
 * A POST to an address that people have told us: public, within a time limit, without redirects.
 *
 * @module
 */

import { type Clock, TimeLimitError, withTimeLimit } from "../runtime/clock.ts";
import { readLimitedText } from "../runtime/limited-body.ts";
import { type AddressEffects, checkPublicAddress } from "../runtime/public-address.ts";

/** What a call needs. */
export interface PostEffects extends AddressEffects {
  readonly fetch: typeof fetch;
  readonly clock: Clock;
}

/** What is sent, and where. */
interface Post {
  readonly url: string;
  /** Besides the content type. */
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: string;
  /** How long it may take, in ms. */
  readonly limitMs: number;
}

/** Somebody answered. */
export interface PostAnswer {
  readonly kind: "answered";
  readonly status: number;
  /** The body's beginning. */
  readonly text: string;
}

/** How a call ended. */
type PostEnd =
  | PostAnswer
  /** It was sent, and may have been taken. */
  | { readonly kind: "timeout" }
  | { readonly kind: "failed" | "address_refused" };

/** An answer is a few words. In bytes. */
const ANSWER_LIMIT = 4_096;

/** Calls. Never throws. */
export async function post(
  { url: address, headers, body, limitMs }: Post,
  effects: PostEffects,
): Promise<PostEnd> {
  let sent = false;
  try {
    const url = new URL(address);
    return await withTimeLimit(effects.clock, limitMs, async (signal) => {
      if (await checkPublicAddress(url, effects) !== null) return { kind: "address_refused" };
      sent = true;
      const { status, body: stream } = await effects.fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body,
        redirect: "manual",
        signal,
      });
      const received = { text: "" };
      await readLimitedText(stream, ANSWER_LIMIT, received, signal).catch(() => {});
      return { kind: "answered", status, text: received.text };
    });
  } catch (error) {
    return { kind: sent && error instanceof TimeLimitError ? "timeout" : "failed" };
  }
}
