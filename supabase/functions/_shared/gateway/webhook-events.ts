/**
 * Where a number's webhook leads, what it asks for, and how it proves where it is from.
 *
 * @module
 */

import { type Capabilities, capabilitiesOf } from "./capabilities.ts";
import type { WebhookOutcome, WebhookSettings } from "./outcomes.ts";
import type { Found } from "./versions.ts";

/**
 * The events that `evolution-webhook` reads. Left out on purpose: `MESSAGES_EDITED`. An edit that
 * arrives while the webhook's receiver is away makes the number deaf on 2.3.7 until its retries end,
 * and a restart of the instance makes a ghost of it (measured).
 */
export const WEBHOOK_EVENTS = [
  "CONNECTION_UPDATE",
  "QRCODE_UPDATED",
  "MESSAGES_SET",
  "MESSAGES_UPSERT",
  "MESSAGES_UPDATE",
  "SEND_MESSAGE",
  "LOGOUT_INSTANCE",
  "PRESENCE_UPDATE",
  "STATUS_INSTANCE",
] as const;

/** Where a number's webhook leads, by the project's own address. */
export function webhookUrl(supabaseUrl: string, instanceId: string): string {
  return `${supabaseUrl}/functions/v1/evolution-webhook/${instanceId}`;
}

/**
 * Whether a webhook leads to us. A gateway in the same private network may know us by another host; the
 * number's id in the path is ours alone.
 */
export function isOurWebhook(
  webhook: WebhookOutcome,
  ours: string,
): webhook is Extract<WebhookOutcome, { outcome: "configured" }> {
  return webhook.outcome === "configured" &&
    URL.parse(webhook.url)?.pathname === URL.parse(ours)?.pathname;
}

/**
 * What may be asked of a gateway that did not say what it is: no more than all of them can, because
 * an old one sends a `jwt_key` itself with every webhook.
 */
const LEAST: Capabilities = capabilitiesOf("2.2.3");

/** Whether a gateway's webhooks need a static token: it cannot sign, or did not say that it can. */
export function needsToken(found: Found): boolean {
  return abilities(found).signature.is === "static";
}

/**
 * The headers of a webhook's setting.
 *
 * @param secret What signs.
 * @param token Sent as it is where nothing signs: a secret of its own, which opens nothing else.
 */
export function webhookHeaders(
  found: Found,
  secret: string,
  token: string,
): Readonly<Record<string, string>> {
  return needsToken(found) ? { "x-webhook-token": token } : { jwt_key: secret };
}

/** The events that `webhook/set` takes there; a create takes all of them everywhere. */
export function settableEvents(found: Found): WebhookSettings["events"] {
  const refused = abilities(found).refusedEvents.is;
  const [first, ...rest] = WEBHOOK_EVENTS;
  return [first, ...rest.filter((event) => !refused.includes(event))];
}

function abilities(found: Found): Capabilities {
  return found.kind === "evolution" ? found.capabilities : LEAST;
}
