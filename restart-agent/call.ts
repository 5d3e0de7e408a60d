/**
 * The signed call: Standard Webhooks, with the secret of today or, during a rotation, the one before.
 *
 * @module
 */

import { Webhook } from "standardwebhooks";
import * as z from "zod/mini";
import type { RestartRequest } from "./decide.ts";
import { keyOf, originOf, parseJson } from "./settings.ts";

const body = z.object({
  type: z.literal("ghost_repair.restart_requested"),
  data: z.object({
    gateway: z.string().check(z.maxLength(2_048)),
    reason: z.string().check(z.maxLength(100)),
    share: z.number().check(z.minimum(0), z.maximum(1)),
  }),
});

/** What became of reading a call. */
type Call =
  | { readonly kind: "call"; readonly id: string; readonly request: RestartRequest }
  /** Unsigned, signed by somebody else, or too old. */
  | { readonly kind: "unsigned" }
  /** Signed, and no request for a restart. */
  | { readonly kind: "unreadable"; readonly field: string };

/** Verifies and reads a call. */
export function readCall(headers: Headers, text: string, secrets: readonly string[]): Call {
  const signed = {
    "webhook-id": headers.get("webhook-id") ?? "",
    "webhook-timestamp": headers.get("webhook-timestamp") ?? "",
    "webhook-signature": headers.get("webhook-signature") ?? "",
  };
  if (!secrets.some((secret) => verifies(secret, text, signed))) return { kind: "unsigned" };
  const parsed = z.safeParse(body, parseJson(text));
  if (!parsed.success) {
    return { kind: "unreadable", field: parsed.error.issues[0]?.path.join(".") ?? "" };
  }
  const { gateway, reason, share } = parsed.data.data;
  const origin = originOf(gateway);
  if (origin === null) return { kind: "unreadable", field: "data.gateway" };
  return { kind: "call", id: signed["webhook-id"], request: { gateway: origin, reason, share } };
}

function verifies(secret: string, text: string, headers: Record<string, string>): boolean {
  try {
    // The library reads a raw text as Latin-1 and throws on base64 that is not canonical: it is given
    // the bytes.
    new Webhook(keyOf(secret), { format: "raw" }).verify(text, headers);
    return true;
  } catch {
    return false;
  }
}
