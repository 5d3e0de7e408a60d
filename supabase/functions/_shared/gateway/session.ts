/**
 * What the answers about a session mean: probe, logout, registry, memory, connect, restart. Pure.
 *
 * @module
 */

import * as z from "zod/mini";
import {
  ended,
  isConnectionClosed,
  isRateLimited,
  isSuccess,
  measured,
  readAnswer,
} from "./answer.ts";
import type { Answered, Exchange } from "./exchange.ts";
import type {
  CallOutcome,
  ConnectOutcome,
  LogoutOutcome,
  MemoryOutcome,
  ProbeOutcome,
  QrCode,
  RegistryOutcome,
  RestartOutcome,
  SessionState,
} from "./outcomes.ts";
import { isSameNumber, numberFromJid } from "./own-number.ts";

/** A field that counts as null where it is missing, empty, or holds something else. */
const text = z._default(z.catch(z.nullable(z.string().check(z.minLength(1))), null), null);
const state = z.enum(["open", "close", "connecting"]);
const profile = z.object({
  isBusiness: z.boolean(),
  // A business account's answer has `wid`, any other's has `jid`.
  jid: z.catch(z.optional(z.string()), undefined),
  wid: z.catch(z.optional(z.string()), undefined),
});
const loggedOut = z.object({ status: z.literal("SUCCESS") });
const jsonObject = z.record(z.string(), z.unknown());
const named = z.object({ name: z.string() });
const registered = z.object({
  connectionStatus: state,
  ownerJid: text,
});
const switchedOff = z.nullish(z.object({ enabled: z.literal(false) }));
const keyed = z.object({ token: z.string() });
const remembered = z.object({
  instance: z.object({ instanceName: z.optional(z.string()), state: z.optional(state) }),
});
const code = z.object({ code: text, base64: text, pairingCode: text });
const failed = z.object({ error: z.literal(true) });
const stated = z.object({ instance: z.object({ state }) });
const shown = z.object({ presence: z.string() });
const counted = z.object({ count: z.number() });
const nested = z.object({ qrcode: z.record(z.string(), z.unknown()) });

/**
 * Classifies a probe (`fetchBusinessProfile` of the own number).
 *
 * The gateway answers 200 only after WhatsApp has: `alive` asks for that, and for the own number in
 * the answer.
 *
 * @param ownNumber Digits.
 */
export function classifyProbe(exchange: Exchange, ownNumber: string): ProbeOutcome {
  const answer = readAnswer(exchange);
  if ("outcome" in answer) return answer;
  if (!isSuccess(answer.httpStatus)) {
    // A limit is WhatsApp's own answer: it came through the socket.
    if (isRateLimited(answer.body)) return { ...ended("alive", answer), limited: true };
    const closed = isConnectionClosed(answer.body);
    return ended(closed ? "connection_closed" : "refused", answer);
  }
  const { data } = z.safeParse(profile, answer.body);
  const about = [numberFromJid(data?.jid), numberFromJid(data?.wid)];
  const alive = answer.httpStatus === 200 &&
    about.some((number) => number !== null && isSameNumber(number, ownNumber));
  return ended(alive ? "alive" : "invalid", answer);
}

/** Classifies a logout. Not its effect: that is in the registry alone. */
export function classifyLogout(exchange: Exchange): LogoutOutcome {
  const answer = readAnswer(exchange);
  if ("outcome" in answer) return answer;
  const { httpStatus, body } = answer;
  if (httpStatus === 200) {
    return ended(z.safeParse(loggedOut, body).success ? "accepted" : "invalid", answer);
  }
  if (isSuccess(httpStatus) || !z.safeParse(jsonObject, body).success) {
    return ended("invalid", answer);
  }
  if (httpStatus === 500 || isConnectionClosed(body)) return ended("socket_dead", answer);
  return ended(httpStatus === 400 ? "not_connected" : "invalid", answer);
}

/** Where an instance has a proxy and integrations of its own, by the registry's words. */
const OWN_SETTINGS = ["Proxy", "Chatwoot", "Rabbitmq", "Nats", "Sqs", "Kafka", "Websocket"];

/**
 * Classifies `fetchInstances`.
 *
 * @param instanceName Whose row is read. Another instance's row is never taken for it.
 * @param apiKey What was shown; a secret, compared and nothing else.
 */
export function classifyRegistry(
  exchange: Exchange,
  instanceName: string,
  apiKey: string,
): RegistryOutcome {
  const answer = readAnswer(exchange);
  if ("outcome" in answer) return answer;
  if (answer.httpStatus !== 200 || !Array.isArray(answer.body)) return ended("invalid", answer);
  if (answer.body.length === 0) return ended("not_found", answer);
  const row = answer.body.find((item) => z.safeParse(named, item).data?.name === instanceName);
  const { data } = z.safeParse(registered, row);
  if (!data) return ended("invalid", answer);
  return {
    outcome: data.connectionStatus,
    ownNumber: numberFromJid(data.ownerJid),
    ...readIrreplaceable(row, apiKey),
    ...measured(answer),
  };
}

/** See {@linkcode RegistryOutcome}. */
function readIrreplaceable(row: unknown, apiKey: string) {
  if (z.safeParse(keyed, row).data?.token === apiKey) return { irreplaceable: "own_key" } as const;
  const settings = z.safeParse(jsonObject, row).data ?? {};
  const isPlain = OWN_SETTINGS.every((name) => z.safeParse(switchedOff, settings[name]).success);
  return isPlain ? {} : { irreplaceable: "own_settings" } as const;
}

/** Classifies `connectionState`. */
export function classifyMemory(exchange: Exchange, instanceName: string): MemoryOutcome {
  const answer = readAnswer(exchange);
  if ("outcome" in answer) return answer;
  const instance = z.safeParse(remembered, answer.body).data?.instance;
  if (answer.httpStatus !== 200 || !instance) return ended("invalid", answer);
  if ((instance.instanceName ?? instanceName) !== instanceName) return ended("invalid", answer);
  return ended(instance.state ?? "missing", answer);
}

/** Classifies a connect. Errors come as HTTP 200 as well. */
export function classifyConnect(exchange: Exchange): ConnectOutcome {
  const answer = readAnswer(exchange);
  if ("outcome" in answer) return answer;
  const connection = readConnection(answer);
  switch (connection.kind) {
    case "refused":
    case "no_qr_yet":
      return ended(connection.kind, answer);
    case "qr":
      return { outcome: "qr", ...connection.qr, ...measured(answer) };
    case "state":
      if (connection.state === "open") return ended("open", answer);
      if (connection.state === "connecting") return ended("no_qr_yet", answer);
      return ended("invalid", answer);
    case "unknown":
      return ended("invalid", answer);
  }
}

/** Classifies a restart, which answers HTTP 200 whatever happened. */
export function classifyRestart(exchange: Exchange): RestartOutcome {
  const answer = readAnswer(exchange);
  if ("outcome" in answer) return answer;
  const connection = readConnection(answer);
  if (connection.kind === "unknown") return ended("invalid", answer);
  return ended(connection.kind === "refused" ? "refused" : "accepted", answer);
}

/** Classifies `sendPresence`, which repeats what it showed. */
export function classifyPresence(exchange: Exchange): CallOutcome {
  return classifyAccepted(exchange, (body) => z.safeParse(shown, body).success);
}

/** Classifies `deleteMessageForEveryone`: the message that deletes names the one that it deletes. */
export function classifyDeletion(exchange: Exchange, whatsappMessageId: string): CallOutcome {
  return classifyAccepted(
    exchange,
    (body) =>
      z.safeParse(jsonObject, body).success && JSON.stringify(body).includes(whatsappMessageId),
  );
}

function classifyAccepted(exchange: Exchange, isIt: (body: unknown) => boolean): CallOutcome {
  const answer = readAnswer(exchange);
  if ("outcome" in answer) return answer;
  if (!isSuccess(answer.httpStatus)) return ended("refused", answer);
  return ended(isIt(answer.body) ? "accepted" : "invalid", answer);
}

/** What connect and restart answer. */
type ConnectionBody =
  | { readonly kind: "refused" | "no_qr_yet" | "unknown" }
  | { readonly kind: "state"; readonly state: SessionState }
  | { readonly kind: "qr"; readonly qr: QrCode };

/** Reads `{instance:{state}}`, a QR code, `{"count":0}`, and the `{"error":true}` of HTTP 200. */
function readConnection(answer: Answered): ConnectionBody {
  if (!isSuccess(answer.httpStatus)) return { kind: "refused" };
  const { body } = answer;
  if (z.safeParse(failed, body).success) return { kind: "refused" };
  const session = z.safeParse(stated, body);
  if (session.success) return { kind: "state", state: session.data.instance.state };
  const candidate = z.safeParse(nested, body).data?.qrcode ?? body;
  const qr = readQrCode(candidate);
  if (qr) return { kind: "qr", qr };
  // A QR that is not there is counted, too: only a count says "ask again".
  return { kind: z.safeParse(counted, candidate).success ? "no_qr_yet" : "unknown" };
}

/**
 * Reads `{code, base64, pairingCode}`.
 *
 * @returns null where there is neither a code nor an image.
 */
function readQrCode(body: unknown): QrCode | null {
  const { data } = z.safeParse(code, body);
  return data && (data.code !== null || data.base64 !== null) ? data : null;
}
