/**
 * `update_webhook`: the webhook of a number that was set up earlier, or by hand, asks for what is read
 * today, and for nothing that can make the number deaf.
 *
 * @module
 */

import * as z from "zod/mini";
import { instanceAddress } from "../../_shared/contracts/instance-row.ts";
import { gatewayOf } from "../../_shared/gateway/instance.ts";
import { findGateway } from "../../_shared/gateway/versions.ts";
import {
  isOurWebhook,
  needsToken,
  settableEvents,
  webhookHeaders,
  webhookUrl,
} from "../../_shared/gateway/webhook-events.ts";
import { randomSecret } from "../../_shared/runtime/hex.ts";
import {
  type Action,
  ask,
  gatewayError,
  isGatewayFailure,
  requireUsable,
  succeed,
} from "../action.ts";

const found = z.object({
  result: z.literal("ok"),
  instance: instanceAddress,
  webhook_secret: z.string(),
  webhook_token: z.nullable(z.string()),
});

/**
 * Sets the webhook anew. An address that leads to this number's own function stays: a gateway in the
 * same private network may know it by another host.
 */
export const updateWebhook: Action<"update_webhook"> = async ({ instanceId }, call) => {
  const { effects, log } = call;
  const read = (keys: { readonly p_webhook_token?: string; readonly p_webhook_secret?: string }) =>
    ask(call, "read_webhook_setting", {
      p_user_id: call.userId,
      p_instance_id: instanceId,
      ...keys,
    }, found);
  let setting = await read({});
  // Asked now: what the database knows of it may be a day old.
  const server = await findGateway(setting.instance.api_url, effects);
  requireUsable(server, call.language);
  const gateway = gatewayOf(setting.instance, effects);
  const before = await gateway.webhook();
  if (isGatewayFailure(before.outcome)) throw gatewayError(before.outcome);
  if (needsToken(server) && setting.webhook_token === null) {
    // A `jwt_key` of before went out itself, with every webhook: it signs nothing any more.
    const exposed = server.kind === "evolution" ? { p_webhook_secret: randomSecret() } : {};
    setting = await read({ p_webhook_token: randomSecret(), ...exposed });
  }

  const ours = webhookUrl(effects.supabaseUrl, instanceId);
  const url = isOurWebhook(before, ours) ? before.url : ours;
  const headers = webhookHeaders(server, setting.webhook_secret, setting.webhook_token ?? "");
  const wanted = settableEvents(server);
  const { outcome } = await gateway.setWebhook({ url, headers, events: wanted });
  log.write("info", "webhook_set", { instanceId, outcome });
  if (isGatewayFailure(outcome)) throw gatewayError(outcome);

  const events = before.outcome === "configured" ? before.events : [];
  const added = wanted.filter((event) => !events.includes(event));
  const removed = events.filter((event) => !wanted.includes(event));
  const p_detail = { by: call.userId, added: added.length, removed: removed.length };
  const noted = { p_instance_id: instanceId, p_detail };
  await effects.database.call("note_webhook_updated", noted, z.unknown());
  return succeed("update_webhook", { url, added: [...added], removed: [...removed] });
};
