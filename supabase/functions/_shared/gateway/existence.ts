/**
 * What the answers about an instance's existence and its webhook mean. Pure.
 *
 * @module
 */

import * as z from "zod/mini";
import { ended, isOwnError, isSuccess, measured, messageElements, readAnswer } from "./answer.ts";
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
  events: z._default(z.nullable(z.array(z.string())), []),
  webhookBase64: z._default(z.catch(z.boolean(), false), false),
});
const created = z.object({ instance: z.object({ instanceName: z.string() }) });
const success = z.object({ status: z.literal("SUCCESS") });

/** Classifies `webhook/find`. A body of `null` is an instance without a webhook. */
export function classifyWebhook(exchange: Exchange): WebhookOutcome {
  const answer = readAnswer(exchange);
  if ("outcome" in answer) return answer;
  if (answer.httpStatus === 200 && answer.body === null) {
    return ended("none", answer);
  }
  const { data } = z.safeParse(webhook, answer.body);
  if (answer.httpStatus !== 200 || !data) return ended("invalid", answer);
  const { url, enabled, events, webhookBase64: base64 } = data;
  return { outcome: "configured", url, enabled, events: events ?? [], base64, ...measured(answer) };
}

/**
 * Classifies `webhook/set`.
 *
 * @param url What was asked for: the gateway repeats what it stored.
 */
export function classifySetWebhook(exchange: Exchange, url: string): SetWebhookOutcome {
  const answer = readAnswer(exchange);
  if ("outcome" in answer) return answer;
  if (!isSuccess(answer.httpStatus)) return ended("refused", answer);
  const stored = z.safeParse(webhook, answer.body).data?.url === url;
  return ended(stored ? "set" : "invalid", answer);
}

/** Classifies a create. A name that is taken is 403, like a wrong key. */
export function classifyCreate(exchange: Exchange, instanceName: string): CreateOutcome {
  if (
    exchange.kind === "answered" && exchange.httpStatus === 403 && isOwnError(exchange.body) &&
    messageElements(exchange.body).some((element) => /already in use\W*$/i.test(element))
  ) {
    return ended("name_taken", exchange);
  }
  const answer = readAnswer(exchange);
  if ("outcome" in answer) return answer;
  if (!isSuccess(answer.httpStatus)) return ended("refused", answer);
  const { data } = z.safeParse(created, answer.body);
  return ended(data?.instance.instanceName === instanceName ? "created" : "invalid", answer);
}

/** Classifies a delete. */
export function classifyRemove(exchange: Exchange): RemoveOutcome {
  const answer = readAnswer(exchange);
  if ("outcome" in answer) return answer;
  if (!isSuccess(answer.httpStatus)) return ended("refused", answer);
  const removed = z.safeParse(success, answer.body).success;
  return ended(removed ? "removed" : "invalid", answer);
}
