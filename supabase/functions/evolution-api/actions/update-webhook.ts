/**
 * `update_webhook`: the webhook of a number that was set up earlier, or by hand, asks for what is read
 * today, and for nothing that can make the number deaf.
 *
 * @module
 */

import * as z from "zod/mini";
import { gatewayOf } from "../../_shared/gateway/instance.ts";
import { WEBHOOK_EVENTS } from "../../_shared/gateway/webhook-events.ts";
import { type Action, ask, gatewayError, isGatewayFailure, succeed } from "../action.ts";

const found = z.object({
  result: z.literal("ok"),
  instance: z.object({ instance_name: z.string(), api_url: z.string(), api_key: z.string() }),
  webhook_secret: z.string(),
  webhook_token: z.nullable(z.string()),
});

/**
 * Sets the webhook anew. An address that leads to this number's own function stays: a gateway in the
 * same private network may know it by another host.
 */
export const updateWebhook: Action<"update_webhook"> = async ({ instanceId }, call) => {
  const { effects, log } = call;
  const asked = { p_user_id: call.userId, p_instance_id: instanceId };
  const setting = await ask(call, "read_webhook_setting", asked, found);
  const gateway = gatewayOf(setting.instance, effects);
  const before = await gateway.webhook();
  if (isGatewayFailure(before.outcome)) throw gatewayError(before.outcome);

  const path = `/functions/v1/evolution-webhook/${instanceId}`;
  const isOurs = before.outcome === "configured" && URL.parse(before.url)?.pathname === path;
  const url = isOurs ? before.url : `${effects.supabaseUrl}${path}`;
  // A gateway that cannot sign would send the secret itself: it was given a token instead.
  const headers: Record<string, string> = setting.webhook_token === null
    ? { jwt_key: setting.webhook_secret }
    : { "x-webhook-token": setting.webhook_token };
  let { outcome } = await gateway.setWebhook({ url, headers, events: WEBHOOK_EVENTS });
  if (outcome === "refused") {
    // 2.2.3 refuses a list with an event that it does not know.
    const [first, ...rest] = WEBHOOK_EVENTS;
    const events = [first, ...rest.filter((event) => event !== "STATUS_INSTANCE")] as const;
    ({ outcome } = await gateway.setWebhook({ url, headers, events }));
  }
  log.write("info", "webhook_set", { instanceId, outcome });
  if (isGatewayFailure(outcome)) throw gatewayError(outcome);

  const events = before.outcome === "configured" ? before.events : [];
  const added = WEBHOOK_EVENTS.filter((event) => !events.includes(event));
  const removed = events.filter((event) => WEBHOOK_EVENTS.every((ours) => ours !== event));
  const p_detail = { by: call.userId, added: added.length, removed: removed.length };
  const noted = { p_instance_id: instanceId, p_detail };
  await effects.database.call("note_webhook_updated", noted, z.unknown());
  return succeed("update_webhook", { url, added: [...added], removed: [...removed] });
};
