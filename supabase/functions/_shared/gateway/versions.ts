/**
 * What a gateway's version is, and what a version must not be asked for. The only place that knows
 * ranges; the database keeps each gateway's version and what follows from it.
 *
 * @module
 */

import * as z from "zod/mini";
import { readAnswer } from "./answer.ts";
import { endpointUrl, exchange, type GatewayEffects } from "./exchange.ts";

/** How long a gateway may take to say its version, in ms. */
const LIMIT_MS = 3_000;

/**
 * Versions on which a logout does harm:
 *
 * - 2.3.1–2.3.6 detach the inbound handler until the process restarts: the number sends and hears
 *   nothing (measured on 2.3.6; read in the source of the others; absent in 2.2.3 and 2.3.0, mended
 *   in 2.3.7);
 * - 2.4.0-rc1 and -rc2 ignore every close after it, also the one that ends a pairing: the next scan
 *   does not finish by itself (read in the source).
 */
const LOGOUT_UNSAFE = /^v?2\.(?:3\.[1-6](?![\d.])|4\.0-?rc\.?[12](?!\d))/i;

/** Whether a logout does no harm on a version; one that is not known counts as 2.3.7. */
export function isLogoutSafe(version: string | null): boolean {
  return version === null || !LOGOUT_UNSAFE.test(version);
}

/**
 * Versions that note `DELETED` for every report of a message without a status, an edit's too (read in
 * the source of 2.3.0–2.3.4; 2.2.3, 2.3.5 and 2.3.6 note it of deletions alone): there the word says
 * nothing. 2.3.7 notes it of what was deleted over its API; a deletion on a phone looks like an edit.
 */
const DELETION_MEANINGLESS = /^v?2\.3\.[0-4](?![\d.])/i;

/** Whether `DELETED` beside a stored message means that its sender deleted it. */
export function isDeletionTold(version: string | null): boolean {
  return version === null || !DELETION_MEANINGLESS.test(version);
}

const root = z.object({
  status: z.number(),
  version: z.string().check(z.regex(/^[\w.+-]{1,40}$/)),
});

/** Asks a gateway for its version (`GET /`, which needs no key). Null: it did not say. */
export async function readVersion(apiUrl: string, effects: GatewayEffects): Promise<string | null> {
  const answer = readAnswer(
    await exchange({
      method: "GET",
      url: endpointUrl(apiUrl, ""),
      apiKey: "",
      limitMs: LIMIT_MS,
      bodyBytes: 10_000,
    }, effects),
  );
  if ("outcome" in answer || answer.httpStatus !== 200) return null;
  return z.safeParse(root, answer.body).data?.version ?? null;
}
