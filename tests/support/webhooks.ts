/**
 * Webhooks by hand: what a gateway, or somebody who would like to be one, posts to a number.
 *
 * @module
 */

import { webhookToken } from "../../dev/evolution/webhooks/setting.ts";
import type { SeededCompany } from "../../dev/platform/seed.ts";
import type { VirtualWorld } from "../../dev/world/virtual-world.ts";
import type { Answer } from "../../dev/world/calls.ts";

/** How a webhook comes. */
interface WebhookOptions {
  /** Whose number it is about; the world's own company unless told. */
  readonly company?: SeededCompany;
  /** The bearer; signed with the company's secret unless told. Null for none. */
  readonly bearer?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** The path behind the function's name. */
  readonly path?: string;
}

/** Posts a webhook; time stands still unless it has to move. */
export function postWebhook(
  world: VirtualWorld,
  body: unknown,
  options: WebhookOptions = {},
): Promise<Answer> {
  const { company = world.company, headers = {} } = options;
  const bearer = options.bearer === undefined
    ? webhookToken(company.webhookSecret, world.clock.now())
    : options.bearer;
  return world.call("evolution-webhook", body, {
    token: bearer,
    headers,
    path: options.path ?? `/${company.instanceId}`,
  });
}

/** The body of a webhook as Evolution sends it. `at`: milliseconds from now. */
export function webhookBody(world: VirtualWorld, event: string, data: unknown, at = 0) {
  return {
    event,
    instance: world.company.instanceName,
    data,
    destination: "http://supabase.test/functions/v1/evolution-webhook",
    date_time: new Date(world.clock.now().getTime() + at).toISOString(),
    sender: `${world.company.phone}@s.whatsapp.net`,
    server_url: "http://evolution.test",
    apikey: "CE48FCE0-2BCA-4A32-866C-CCB8A89DF4CA",
  };
}

/** `connection.update`. */
export function connectionUpdate(world: VirtualWorld, state: string, at = 0) {
  const statusReason = state === "close" ? 401 : state === "refused" ? 428 : 200;
  return webhookBody(world, "connection.update", {
    instance: world.company.instanceName,
    wuid: `${world.company.phone}@s.whatsapp.net`,
    state,
    statusReason,
  }, at);
}
