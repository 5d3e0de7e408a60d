/**
 * What the answers about an instance's existence and its webhook mean. Pure.
 *
 * @module
 */

import { z } from "zod";
import { isSuccess, measured, messageElements, readAnswer } from "./answer.ts";
import { readQrCode } from "./connection-body.ts";
import type { Exchange } from "./exchange.ts";
import type {
  CreateOutcome,
  RemoveOutcome,
  SetWebhookOutcome,
  WebhookOutcome,
} from "./outcomes.ts";

const webhook = z.object({
  url: z.string(),
  enabled: z.boolean(),
  events: z.array(z.string()).nullable().default([]),
});
const created = z.object({
  instance: z.object({
    instanceName: z.string(),
    instanceId: z.string().nullable().catch(null).default(null),
  }),
  hash: z.string().nullable().catch(null).default(null),
  qrcode: z.unknown().optional(),
});
const success = z.object({ status: z.literal("SUCCESS") });

/** Classifies `webhook/find`. A body of `null` is an instance without a webhook. */
export function classifyWebhook(exchange: Exchange): WebhookOutcome {
  const answer = readAnswer(exchange);
  if ("outcome" in answer) return answer;
  if (answer.httpStatus === 200 && answer.body === null) {
    return { outcome: "none", ...measured(answer) };
  }
  const { data } = webhook.safeParse(answer.body);
  if (answer.httpStatus !== 200 || !data) return { outcome: "invalid", ...measured(answer) };
  const { url, enabled, events } = data;
  return { outcome: "configured", url, enabled, events: events ?? [], ...measured(answer) };
}

/**
 * Classifies `webhook/set`.
 *
 * @param url What was asked for: the gateway repeats what it stored.
 */
export function classifySetWebhook(exchange: Exchange, url: string): SetWebhookOutcome {
  const answer = readAnswer(exchange);
  if ("outcome" in answer) return answer;
  if (!isSuccess(answer.httpStatus)) return { outcome: "refused", ...measured(answer) };
  const stored = webhook.safeParse(answer.body).data?.url === url;
  return { outcome: stored ? "set" : "invalid", ...measured(answer) };
}

/** Classifies a create. A name that is taken is 403, like a wrong key. */
export function classifyCreate(exchange: Exchange, instanceName: string): CreateOutcome {
  if (
    exchange.kind === "answered" && exchange.httpStatus === 403 &&
    messageElements(exchange.body).some((element) => /already in use\W*$/i.test(element))
  ) {
    return { outcome: "name_taken", ...measured(exchange) };
  }
  const answer = readAnswer(exchange);
  if ("outcome" in answer) return answer;
  if (!isSuccess(answer.httpStatus)) return { outcome: "refused", ...measured(answer) };
  const { data } = created.safeParse(answer.body);
  if (data?.instance.instanceName !== instanceName) {
    return { outcome: "invalid", ...measured(answer) };
  }
  return {
    outcome: "created",
    instanceId: data.instance.instanceId,
    instanceKey: data.hash,
    qr: readQrCode(data.qrcode),
    ...measured(answer),
  };
}

/** Classifies a delete. */
export function classifyRemove(exchange: Exchange): RemoveOutcome {
  const answer = readAnswer(exchange);
  if ("outcome" in answer) return answer;
  if (!isSuccess(answer.httpStatus)) return { outcome: "refused", ...measured(answer) };
  const removed = success.safeParse(answer.body).success;
  return { outcome: removed ? "removed" : "invalid", ...measured(answer) };
}
