/**
 * `/webhook/…` and `/settings/…`: what an instance is told to do.
 *
 * @module
 */

import { Hono } from "hono";
import { z } from "zod";
import { ACCEPTED_EVENTS, storeWebhook, WantedWebhook } from "../webhooks/setting.ts";
import { cannotRead, created, failure, invalid, ok } from "./answers.ts";
import { type Guard, withBody } from "./guard.ts";

/** An instance's settings. */
export const InstanceSettings = z.object({
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
export function settingRoutes(guard: Guard): Hono {
  const on = guard.onInstance.bind(guard);
  return new Hono()
    .get(
      "/webhook/find/:instance",
      on("webhook/find", ({ instance }) => ok(instance.inMemory ? instance.webhook : null)),
    )
    .post("/webhook/set/:instance", on("webhook/set", setWebhook))
    .get("/settings/find/:instance", on("settings/find", ({ instance }) => ok(instance.settings)))
    .post("/settings/set/:instance", on("settings/set", storeSettings));
}

const WebhookBody = z.object({ webhook: WantedWebhook });

const setWebhook = withBody(WebhookBody, ({ gateway, instance, body: { webhook } }) => {
  const { enabled, url, events } = webhook;
  // C3: the 500 was measured, its words were not kept.
  if (!instance.inMemory) return failure(500, cannotRead("setWebhook"));
  const { unknownEvents } = gateway.rules;
  const known = ACCEPTED_EVENTS.filter((event) => !unknownEvents.includes(event));
  const unknown = events?.findIndex((event) => !known.includes(event)) ?? -1;
  if (unknown >= 0) {
    return invalid([
      `webhook.events[${unknown}] is not one of enum values: ${known.join(",")}`,
    ]);
  }
  if (enabled && events === undefined) return failure(500, cannotRead("length"));
  if (enabled && !URL.canParse(url)) return failure(400, ['Invalid "url" property']);
  return created(storeWebhook(gateway, instance, webhook));
});

const storeSettings = withBody(InstanceSettings, ({ instance, body }) => {
  instance.settings = body;
  return created({ settings: { instanceName: instance.name, settings: body } });
});
