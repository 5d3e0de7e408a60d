/**
 * Events about the session: `connection.update`, `logout.instance`, `status.instance` and
 * `qrcode.updated`.
 *
 * @module
 */

import { z } from "zod";
import { numberFromJid } from "../_shared/gateway/own-number.ts";
import type { Change, ReadData } from "./change.ts";
import { optionalText } from "./stored-text.ts";

// Decoration: of a shape that is not known it counts as missing.
const reason = z.int().min(0).max(99_999).nullish().catch(null).transform((code) => code ?? null);

const connection = z.object({
  state: z.string(),
  statusReason: reason,
  wuid: z.string().nullish().catch(null),
});

const known = z.enum(["open", "close", "connecting", "refused"]);

/** `connection.update`. A state that is not known says nothing. */
export const readConnectionUpdate: ReadData = (data, { at }) => {
  const { state: reported, statusReason, wuid } = connection.parse(data);
  const state = known.safeParse(reported).data;
  if (state === undefined) return [];
  const ownNumber = state === "open" ? numberFromJid(wuid) : null;
  return [{ kind: "connection", state, reason: statusReason, ownNumber, at }];
};

/** `logout.instance`: its data is null; the name says all. */
export const readLogout: ReadData = (_data, { at }) => [closed(null, at)];

const status = z.object({ status: z.string(), disconnectionReasonCode: reason });

/** `status.instance`: of its words only `closed` is about the connection. */
export const readStatus: ReadData = (data, { at }) => {
  const { status: word, disconnectionReasonCode } = status.parse(data);
  return word === "closed" ? [closed(disconnectionReasonCode, at)] : [];
};

const qr = z.object({
  qrcode: z.object({ code: optionalText, base64: optionalText, pairingCode: optionalText })
    .refine(({ code, base64 }) => code !== null || base64 !== null),
});

// "QR code limit reached": the `refused` that follows it is what counts.
const qrLimit = z.object({ qrcode: z.never().optional(), statusCode: z.number() });

/** `qrcode.updated`. */
export const readQrCode: ReadData = (data, { at }) => {
  if (qrLimit.safeParse(data).success) return [];
  const { code, base64, pairingCode } = qr.parse(data).qrcode;
  return [{ kind: "qr", code, base64, pairingCode, at }];
};

function closed(reason: number | null, at: Date): Change {
  return { kind: "connection", state: "close", reason, ownNumber: null, at };
}
