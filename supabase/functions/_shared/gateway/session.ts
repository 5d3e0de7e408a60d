/**
 * What the answers about a session mean: probe, logout, registry, memory, connect, restart. Pure.
 *
 * @module
 */

import { z } from "zod";
import { isConnectionClosed, isSuccess, measured, readAnswer } from "./answer.ts";
import { readConnection } from "./connection-body.ts";
import type { Exchange } from "./exchange.ts";
import type {
  ConnectOutcome,
  Fault,
  LogoutOutcome,
  MemoryOutcome,
  ProbeOutcome,
  RegistryOutcome,
  RestartOutcome,
} from "./outcomes.ts";
import { isSameNumber, numberFromJid } from "./own-number.ts";

const state = z.enum(["open", "close", "connecting"]);
const profile = z.object({
  isBusiness: z.boolean(),
  // A business account's answer has `wid`, any other's has `jid`.
  jid: z.string().optional().catch(undefined),
  wid: z.string().optional().catch(undefined),
});
const loggedOut = z.object({ status: z.literal("SUCCESS") });
const jsonObject = z.record(z.string(), z.unknown());
const named = z.object({ name: z.string() });
const registered = z.object({
  connectionStatus: state,
  ownerJid: z.string().nullable().catch(null).default(null),
  disconnectionReasonCode: z.number().nullable().catch(null).default(null),
});
const remembered = z.object({
  instance: z.object({ instanceName: z.string().optional(), state: state.optional() }),
});

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
    const closed = isConnectionClosed(answer.body);
    return { outcome: closed ? "connection_closed" : "refused", ...measured(answer) };
  }
  const { data } = profile.safeParse(answer.body);
  const about = [numberFromJid(data?.jid), numberFromJid(data?.wid)];
  const alive = answer.httpStatus === 200 &&
    about.some((number) => number !== null && isSameNumber(number, ownNumber));
  return alive ? { outcome: "alive", ...measured(answer) } : invalid(answer);
}

/** Classifies a logout. Not its effect: that is in the registry alone. */
export function classifyLogout(exchange: Exchange): LogoutOutcome {
  const answer = readAnswer(exchange);
  if ("outcome" in answer) return answer;
  const { httpStatus, body } = answer;
  if (httpStatus === 200) {
    return loggedOut.safeParse(body).success
      ? { outcome: "accepted", ...measured(answer) }
      : invalid(answer);
  }
  if (isSuccess(httpStatus) || !jsonObject.safeParse(body).success) return invalid(answer);
  if (httpStatus === 500 || isConnectionClosed(body)) {
    return { outcome: "socket_dead", ...measured(answer) };
  }
  return httpStatus === 400 ? { outcome: "not_connected", ...measured(answer) } : invalid(answer);
}

/**
 * Classifies `fetchInstances`.
 *
 * @param instanceName Whose row is read. Another instance's row is never taken for it.
 */
export function classifyRegistry(exchange: Exchange, instanceName: string): RegistryOutcome {
  const answer = readAnswer(exchange);
  if ("outcome" in answer) return answer;
  if (answer.httpStatus !== 200 || !Array.isArray(answer.body)) return invalid(answer);
  if (answer.body.length === 0) return { outcome: "not_found", ...measured(answer) };
  const row = answer.body.find((item) => named.safeParse(item).data?.name === instanceName);
  const { data } = registered.safeParse(row);
  if (!data) return invalid(answer);
  return {
    outcome: data.connectionStatus,
    ownNumber: numberFromJid(data.ownerJid),
    disconnectionReasonCode: data.disconnectionReasonCode,
    ...measured(answer),
  };
}

/** Classifies `connectionState`. */
export function classifyMemory(exchange: Exchange, instanceName: string): MemoryOutcome {
  const answer = readAnswer(exchange);
  if ("outcome" in answer) return answer;
  const instance = remembered.safeParse(answer.body).data?.instance;
  if (answer.httpStatus !== 200 || !instance) return invalid(answer);
  if ((instance.instanceName ?? instanceName) !== instanceName) return invalid(answer);
  return { outcome: instance.state ?? "missing", ...measured(answer) };
}

/** Classifies a connect. Errors come as HTTP 200 as well. */
export function classifyConnect(exchange: Exchange): ConnectOutcome {
  const answer = readAnswer(exchange);
  if ("outcome" in answer) return answer;
  const connection = readConnection(answer);
  switch (connection.kind) {
    case "refused":
    case "no_qr_yet":
      return { outcome: connection.kind, ...measured(answer) };
    case "qr":
      return { outcome: "qr", ...connection.qr, ...measured(answer) };
    case "state":
      if (connection.state === "open") return { outcome: "open", ...measured(answer) };
      if (connection.state === "connecting") return { outcome: "no_qr_yet", ...measured(answer) };
      return invalid(answer);
    case "unknown":
      return invalid(answer);
  }
}

/** Classifies a restart, which answers HTTP 200 whatever happened. */
export function classifyRestart(exchange: Exchange): RestartOutcome {
  const answer = readAnswer(exchange);
  if ("outcome" in answer) return answer;
  const connection = readConnection(answer);
  if (connection.kind === "unknown") return invalid(answer);
  if (connection.kind === "refused") return { outcome: "refused", ...measured(answer) };
  const says = connection.kind === "state" ? connection.state : connection.kind;
  return { outcome: "accepted", says, ...measured(answer) };
}

function invalid(exchange: Exchange): Fault {
  return { outcome: "invalid", ...measured(exchange) };
}
