/**
 * `/webhook/…` and `/settings/…`: what an instance is told to do.
 *
 * @module
 */

import { z } from "zod";
import { type Answer, created, failure, invalid, ok } from "../answers.ts";
import type { Instance } from "../session/instance.ts";
import type { WebhookSetting } from "../model.ts";
import { WEBHOOK_EVENTS } from "../webhooks/webhook-events.ts";
import type { World } from "../world.ts";
import { checkBody } from "./body.ts";
import type { InstanceCall, Route } from "./route.ts";

/** The body's `webhook`. */
export const WebhookBody = z.object({
  enabled: z.boolean(),
  url: z.string(),
  events: z.array(z.string()).optional(),
  byEvents: z.boolean().optional(),
  base64: z.boolean().optional(),
  headers: z.record(z.string(), z.string()).nullish(),
});

const SetBody = z.object({ webhook: WebhookBody });

const SettingsBody = z.object({
  rejectCall: z.boolean(),
  groupsIgnore: z.boolean(),
  alwaysOnline: z.boolean(),
  readMessages: z.boolean(),
  readStatus: z.boolean(),
  syncFullHistory: z.boolean(),
  msgCall: z.string().default(""),
  wavoipToken: z.string().default(""),
});

/** `/webhook/…` and `/settings/…`. */
export const settingRoutes: readonly Route[] = [
  {
    method: "POST",
    path: "/webhook/set",
    name: "webhook/set",
    scope: "instance",
    handle: setWebhook,
  },
  {
    method: "GET",
    path: "/webhook/find",
    name: "webhook/find",
    scope: "instance",
    handle: ({ instance }) => ok(instance.webhook),
  },
  {
    method: "POST",
    path: "/settings/set",
    name: "settings/set",
    scope: "instance",
    handle: setSettings,
  },
  {
    method: "GET",
    path: "/settings/find",
    name: "settings/find",
    scope: "instance",
    handle: ({ instance }) => ok(instance.settings),
  },
];

function setWebhook({ world, instance, body }: InstanceCall): Answer {
  const checked = checkBody(SetBody, body);
  if (!checked.ok) return checked.answer;
  const { webhook } = checked.value;
  const unknown = webhook.events?.findIndex((event) => !WEBHOOK_EVENTS.includes(event)) ?? -1;
  if (unknown >= 0) {
    return invalid([
      `webhook.events[${unknown}] is not one of enum values: ${WEBHOOK_EVENTS.join(",")}`,
    ]);
  }
  const { events } = webhook;
  if (webhook.enabled && events === undefined) {
    return failure(500, "Cannot read properties of undefined (reading 'length')");
  }
  if (webhook.enabled && !URL.canParse(webhook.url)) {
    return failure(400, ['Invalid "url" property']);
  }
  return created(storeWebhook(world, instance, { ...webhook, events: events ?? [] }));
}

/**
 * Stores a webhook's setting; the row keeps its id and its date of creation.
 *
 * @param setting.events None at all stands for every event, as long as it is enabled.
 */
export function storeWebhook(
  world: World,
  instance: Instance,
  setting: {
    readonly enabled: boolean;
    readonly url: string;
    readonly events: readonly string[];
    readonly byEvents?: boolean | undefined;
    readonly base64?: boolean | undefined;
    readonly headers?: Readonly<Record<string, string>> | null | undefined;
  },
): WebhookSetting {
  const before = instance.webhook;
  const now = world.now().toISOString();
  const events = setting.events.length > 0 ? setting.events : WEBHOOK_EVENTS;
  instance.webhook = {
    id: before?.id ?? world.settings.random.cuid(),
    url: setting.url,
    headers: setting.headers ?? null,
    enabled: setting.enabled,
    events: setting.enabled ? events : [],
    webhookByEvents: setting.byEvents ?? false,
    webhookBase64: setting.base64 ?? false,
    createdAt: before?.createdAt ?? now,
    updatedAt: now,
    instanceId: instance.id,
  };
  return instance.webhook;
}

function setSettings({ instance, body }: InstanceCall): Answer {
  const checked = checkBody(SettingsBody, body);
  if (!checked.ok) return checked.answer;
  instance.settings = checked.value;
  return created({ settings: { instanceName: instance.name, settings: checked.value } });
}
