/**
 * What connect and restart answer.
 *
 * @module
 */

import { z } from "zod";
import { isSuccess } from "./answer.ts";
import type { Answered } from "./exchange.ts";
import type { QrCode, SessionState } from "./outcomes.ts";

const text = z.string().min(1).nullable().catch(null).default(null);
const code = z.object({ code: text, base64: text, pairingCode: text });
const failed = z.object({ error: z.literal(true) });
const stated = z.object({ instance: z.object({ state: z.enum(["open", "close", "connecting"]) }) });
const counted = z.object({ count: z.number() });
const nested = z.object({ qrcode: z.record(z.string(), z.unknown()) });

/** The meanings of such a body. */
export type ConnectionBody =
  | { readonly kind: "refused" | "no_qr_yet" | "unknown" }
  | { readonly kind: "state"; readonly state: SessionState }
  | { readonly kind: "qr"; readonly qr: QrCode };

/** Reads `{instance:{state}}`, a QR code, `{"count":0}`, and the `{"error":true}` of HTTP 200. */
export function readConnection(answer: Answered): ConnectionBody {
  if (!isSuccess(answer.httpStatus)) return { kind: "refused" };
  const { body } = answer;
  if (failed.safeParse(body).success) return { kind: "refused" };
  const session = stated.safeParse(body);
  if (session.success) return { kind: "state", state: session.data.instance.state };
  const candidate = nested.safeParse(body).data?.qrcode ?? body;
  const qr = readQrCode(candidate);
  if (qr) return { kind: "qr", qr };
  // A QR that is not there is counted, too: only a count says "ask again".
  return { kind: counted.safeParse(candidate).success ? "no_qr_yet" : "unknown" };
}

/**
 * Reads `{code, base64, pairingCode}`.
 *
 * @returns null where there is neither a code nor an image.
 */
export function readQrCode(body: unknown): QrCode | null {
  const { data } = code.safeParse(body);
  return data && (data.code !== null || data.base64 !== null) ? data : null;
}
