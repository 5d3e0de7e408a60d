/**
 * Media by URL: the gateway fetches what we name, so we name no private address, nothing that
 * redirects to one, and nothing too large.
 *
 * @module
 */

import { type Clock, withTimeLimit } from "../runtime/clock.ts";
import {
  type AddressEffects,
  type AddressRefusal,
  checkPublicAddress,
} from "../runtime/public-address.ts";

/** What {@linkcode inspectMedia} needs. */
interface MediaEffects extends AddressEffects {
  readonly fetch: typeof fetch;
  readonly clock: Clock;
}

/** Why media is refused. */
type MediaRefusal = AddressRefusal | "too_many_redirects" | "too_large";

/** What WhatsApp takes as a document, in bytes. */
const MAX_BYTES = 100 * 1024 * 1024;

const MAX_REDIRECTS = 3;

/** For all hops together, in ms. */
const INSPECTION_LIMIT_MS = 5_000;

/**
 * Follows a media URL hop by hop without reading the file. Each hop must be public. The gateway
 * resolves the name once more when it fetches; that second look is the gateway's own.
 *
 * @returns Null where nothing speaks against it, also where the server did not answer us: the gateway
 * may reach it, and says so itself if not.
 */
export async function inspectMedia(
  url: string,
  effects: MediaEffects,
): Promise<MediaRefusal | null> {
  if (effects.allowPrivate) return null;
  try {
    return await withTimeLimit(
      effects.clock,
      INSPECTION_LIMIT_MS,
      (signal) => followHops(new URL(url), effects, signal),
    );
  } catch {
    return null;
  }
}

async function followHops(
  first: URL,
  effects: MediaEffects,
  signal: AbortSignal,
): Promise<MediaRefusal | null> {
  let url = first;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    const refusal = await checkPublicAddress(url, effects);
    if (refusal !== null) return refusal;
    const response = await effects.fetch(url, { method: "HEAD", redirect: "manual", signal });
    await response.body?.cancel();
    const location = response.headers.get("location");
    if (response.status < 300 || response.status > 399 || location === null) {
      const size = Number(response.headers.get("content-length") ?? 0);
      return response.ok && size > MAX_BYTES ? "too_large" : null;
    }
    url = new URL(location, url);
  }
  return "too_many_redirects";
}
