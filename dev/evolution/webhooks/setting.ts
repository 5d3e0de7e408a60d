/**
 * An instance's webhook setting: the events it asks for, and the headers it adds.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { z } from "zod";
import type { Gateway } from "../model/gateway.ts";
import type { Instance, WebhookSetting } from "../model/instance.ts";

/** Every event name that `POST /webhook/set` accepts, in the order of its error message. */
export const ACCEPTED_EVENTS: readonly string[] = [
  "APPLICATION_STARTUP",
  "QRCODE_UPDATED",
  "MESSAGES_SET",
  "MESSAGES_UPSERT",
  "MESSAGES_EDITED",
  "MESSAGES_UPDATE",
  "MESSAGES_DELETE",
  "SEND_MESSAGE",
  "SEND_MESSAGE_UPDATE",
  "CONTACTS_SET",
  "CONTACTS_UPSERT",
  "CONTACTS_UPDATE",
  "PRESENCE_UPDATE",
  "CHATS_SET",
  "CHATS_UPSERT",
  "CHATS_UPDATE",
  "CHATS_DELETE",
  "GROUPS_UPSERT",
  "GROUP_UPDATE",
  "GROUP_PARTICIPANTS_UPDATE",
  "CONNECTION_UPDATE",
  "LABELS_EDIT",
  "LABELS_ASSOCIATION",
  "CALL",
  "TYPEBOT_START",
  "TYPEBOT_CHANGE_STATUS",
  "REMOVE_INSTANCE",
  "LOGOUT_INSTANCE",
  "INSTANCE_CREATE",
  "INSTANCE_DELETE",
  "STATUS_INSTANCE",
];

/** A setting as it is asked for. */
export const WantedWebhook = z.object({
  enabled: z.boolean(),
  url: z.string(),
  /** Names such as `CONNECTION_UPDATE`. None at all stands for every event, where it is enabled. */
  events: z.array(z.string()).readonly().optional(),
  byEvents: z.boolean().optional(),
  base64: z.boolean().optional(),
  /** Sent as they are, but for `jwt_key`, which signs a bearer token. */
  headers: z.record(z.string(), z.string()).nullish(),
});

/** Stores a webhook's setting; the row keeps its id and its date of creation. */
export function storeWebhook(
  gateway: Gateway,
  instance: Instance,
  { enabled, url, events = [], byEvents, base64, headers }: z.infer<typeof WantedWebhook>,
): WebhookSetting {
  const before = instance.webhook;
  const now = gateway.now().toISOString();
  const wanted = events.length > 0 ? events : ACCEPTED_EVENTS;
  return instance.webhook = {
    id: before?.id ?? gateway.settings.random.cuid(),
    url,
    headers: headers ?? null,
    enabled,
    events: enabled ? wanted : [],
    webhookByEvents: byEvents ?? false,
    webhookBase64: base64 ?? false,
    createdAt: before?.createdAt ?? now,
    updatedAt: now,
    instanceId: instance.id,
  };
}

/** How long a token is valid, in seconds. */
const TOKEN_LIFETIME_S = 600;

/**
 * Signs a webhook's token, byte for byte as Evolution does. By hand, because a webhook leaves in the
 * moment of its event: `jose` signs in the background, which is time a virtual clock cannot see.
 *
 * @param key The value of `jwt_key`.
 * @param now The instant of the event. Retries send the same token again, also after its end.
 */
export function webhookToken(key: string, now: Date): string {
  const iat = Math.floor(now.getTime() / 1000);
  const claims = { iat, exp: iat + TOKEN_LIFETIME_S, app: "evolution", action: "webhook" };
  const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const signed = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
  return `${signed}.${createHmac("sha256", key).update(signed).digest("base64url")}`;
}

/**
 * The headers of a webhook: the setting's own as they are, `jwt_key` as a bearer token where the
 * version signs.
 *
 * @param setting The `headers` of the webhook's setting.
 * @param now The instant of the event.
 */
export function headersOf(
  setting: WebhookSetting["headers"],
  now: Date,
  signs = true,
): Record<string, string> {
  const { jwt_key: key, ...others } = setting ?? {};
  const headers = signs || key === undefined ? others : { ...others, jwt_key: key };
  return {
    accept: "application/json, text/plain, */*",
    "content-type": "application/json",
    ...headers,
    ...(key === undefined || !signs ? {} : { authorization: `Bearer ${webhookToken(key, now)}` }),
    "user-agent": "axios/1.13.2",
  };
}
