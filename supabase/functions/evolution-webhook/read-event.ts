/**
 * From a webhook's body to the changes it asks for. Pure.
 *
 * The body names an instance and carries the instance's key: neither is read.
 *
 * @module
 */

import * as z from "zod/mini";
import { numberFromJid } from "../_shared/gateway/own-number.ts";
import type { Change, DataReading, ReadData } from "./changes.ts";
import {
  eventTime,
  MalformedError,
  optionalText,
  parseData,
  storedId,
} from "../_shared/messages/event-fields.ts";
import {
  address,
  isTrue,
  messageKey,
  REACHED,
  readAddressed,
  readReceived,
} from "../_shared/messages/received-message.ts";

/** A body, read. `event` is a name that is known here; null where there is none. */
export type Reading =
  | DataReading & { readonly outcome: "changes"; readonly event: string }
  | { readonly outcome: "unknown_event" }
  /** Never to be understood, however often it comes. `field` is a path of our own schema. */
  | { readonly outcome: "malformed"; readonly event: string | null; readonly field: string };

// Decoration: of a shape that is not known it counts as missing.
const reason = z.pipe(
  z.catch(z.nullish(z.int().check(z.minimum(0), z.maximum(99_999))), null),
  z.transform((code) => code ?? null),
);

const connection = z.object({
  state: z.string(),
  statusReason: reason,
  wuid: z.catch(z.nullish(z.string()), null),
});

const known = z.enum(["open", "close", "connecting", "refused"]);

/** `connection.update`. A state that is not known says nothing. */
const readConnectionUpdate: ReadData = (data, { at }) => {
  const { state: reported, statusReason, wuid } = parseData(connection, data);
  const state = z.safeParse(known, reported).data;
  if (state === undefined) return asks();
  const ownNumber = state === "open" ? numberFromJid(wuid) : null;
  return asks({ kind: "connection", state, reason: statusReason, ownNumber, at });
};

/** `logout.instance`: its data is null; the name says all. */
const readLogout: ReadData = (_data, { at }) => asks(closed(null, at));

const status = z.object({
  status: z.string(),
  disconnectionReasonCode: reason,
  disconnectionObject: z.catch(z.nullish(z.string()), null),
});

/** What the gateway notes of a logout that was asked for, and not of a device that the phone removed. */
const ASKED_FOR = /"message":"Log out instance/;

/** `status.instance`: of its words only `closed` is about the connection. */
const readStatus: ReadData = (data, { at }) => {
  const { status: word, disconnectionReasonCode, disconnectionObject } = parseData(status, data);
  if (word !== "closed") return asks();
  const close = closed(disconnectionReasonCode, at);
  return ASKED_FOR.test(disconnectionObject ?? "") ? asks(close, { kind: "logout" }) : asks(close);
};

const qr = z.object({
  qrcode: z.object({ code: optionalText, base64: optionalText, pairingCode: optionalText })
    .check(z.refine(({ code, base64 }) => code !== null || base64 !== null)),
});

// "QR code limit reached": the `refused` that follows it is what counts.
const qrLimit = z.object({ qrcode: z.optional(z.never()), statusCode: z.number() });

/** `qrcode.updated`. */
const readQrCode: ReadData = (data, { at }) => {
  if (z.safeParse(qrLimit, data).success) return asks();
  const { code, base64, pairingCode } = parseData(qr, data).qrcode;
  return asks({ kind: "qr", code, base64, pairingCode, at });
};

/**
 * `messages.upsert`: a message that came in, or that was sent from the phone. Gateways send one or
 * an array. Chats that are none, and messages that hold nothing, are left out.
 */
const readUpsert: ReadData = (data, { now }) =>
  eachItem(data, (item) => {
    const received = readReceived(item, now);
    return received === null ? [] : [{ kind: "message", ...received }];
  });

const sent = z.object({
  key: z.extend(messageKey, { remoteJid: address }),
  message: z.optional(z.unknown()),
});

/**
 * `send.message`: our own send through the gateway. Its row exists already, or is about to learn
 * its id from the answer to that send: it is acknowledged, never stored a second time. Where that
 * answer is lost, what was sent tells the row. That it left says nothing about what comes in.
 */
const readSent: ReadData = (data) =>
  eachItem(data, (item) => {
    const { key: { remoteJid, ...key }, message } = parseData(sent, item);
    return [{
      kind: "acknowledgement",
      whatsappMessageId: key.id,
      status: "sent",
      message: remoteJid == null ? null : readAddressed({ ...key, remoteJid }, message),
      heard: false,
    }];
  });

// `keyId` in 2.3; older gateways send the key itself.
const update = z.object({
  keyId: z.catch(z.nullish(storedId), null),
  key: z.catch(z.nullish(z.object({ id: storedId, fromMe: isTrue })), null),
  fromMe: isTrue,
  status: z.catch(z.nullish(z.string()), null),
}).check(
  z.refine(({ keyId, key }) => (keyId ?? key?.id) !== undefined, { path: ["keyId"] }),
);

/** `messages.update`: how far our messages got. Other people's, and other words, say nothing. */
const readUpdate: ReadData = (data) =>
  eachItem(data, (item) => {
    const { keyId, key, fromMe, status: word } = parseData(update, item);
    const status = REACHED.get(word ?? "");
    const whatsappMessageId = keyId ?? key?.id;
    const ours = fromMe || key?.fromMe === true;
    return ours && status !== undefined && whatsappMessageId !== undefined
      ? [{ kind: "acknowledgement", whatsappMessageId, status, message: null, heard: true }]
      : [];
  });

/**
 * Reads what may be one item or a list. One that is not what it can be never loses the others of its
 * list: it is left out, and told.
 *
 * @throws {MalformedError} Where the only item is not what it can be.
 */
function eachItem(data: unknown, read: (item: unknown) => readonly Change[]): DataReading {
  if (!Array.isArray(data)) return { changes: read(data), refused: [] };
  const refused: string[] = [];
  const changes = data.flatMap((item) => {
    try {
      return read(item);
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      refused.push(error.field);
      return [];
    }
  });
  return { changes, refused };
}

/** `messages.set`: an array. Read later, and only in part. */
const readHistory: ReadData = (data) => ({
  changes: [],
  refused: [],
  history: parseData(z.array(z.unknown()), data),
});

/** `presence.update`: whose, and what they do, is nobody's business here. */
const readPresence: ReadData = () => asks({ kind: "presence" });

function asks(...changes: readonly Change[]): DataReading {
  return { changes, refused: [] };
}

function closed(reason: number | null, at: Date): Change {
  return { kind: "connection", state: "close", reason, ownNumber: null, at };
}

const READERS: ReadonlyMap<string, ReadData> = new Map([
  ["connection.update", readConnectionUpdate],
  ["logout.instance", readLogout],
  ["status.instance", readStatus],
  ["qrcode.updated", readQrCode],
  ["messages.upsert", readUpsert],
  ["send.message", readSent],
  ["messages.update", readUpdate],
  ["messages.set", readHistory],
  ["presence.update", readPresence],
]);

const envelope = z.object({
  event: z.string(),
  data: z.optional(z.unknown()),
  date_time: z.optional(z.unknown()),
});

/**
 * Reads a webhook's body.
 *
 * @param body Parsed JSON: `{event, data, date_time, …}`; `event` as `messages.upsert` or
 * `MESSAGES_UPSERT`.
 * @param now Our clock's instant.
 */
export function readEvent(body: unknown, now: Date): Reading {
  const parsed = z.safeParse(envelope, body);
  if (!parsed.success) {
    const field = parsed.error.issues[0]?.path.join(".") || "body";
    return { outcome: "malformed", event: null, field };
  }
  const event = parsed.data.event.toLowerCase().replaceAll("_", ".");
  const read = READERS.get(event);
  if (read === undefined) return { outcome: "unknown_event" };
  try {
    const times = { at: eventTime(parsed.data.date_time, now), now };
    return { outcome: "changes", event, ...read(parsed.data.data, times) };
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    return { outcome: "malformed", event, field: error.field };
  }
}
