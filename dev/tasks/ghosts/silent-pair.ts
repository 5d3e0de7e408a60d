/**
 * A number that may be deaf, and another of its organization to ask it by.
 *
 * @module
 */

import { WEBHOOK_EVENTS } from "../../../supabase/functions/_shared/gateway/webhook-events.ts";
import {
  EVOLUTION_KEY,
  EVOLUTION_URL,
  SUPABASE_URL,
  type VirtualWorld,
} from "../../world/virtual-world.ts";

/** The other number. */
export const PARTNER = { name: "vendas", phone: "5511900000022" } as const;

/**
 * A second number of the company, paired; and the first has been silent for longer than its habit.
 *
 * @returns The second one's id.
 */
export async function addSilentPair(
  { sql, gateway, company, clock }: VirtualWorld,
): Promise<string> {
  const { organizationId, instanceId, instanceName } = company;
  const id = crypto.randomUUID();
  const webhook = (instance: string) => ({
    url: `${SUPABASE_URL}/functions/v1/evolution-webhook/${instance}`,
    headers: { jwt_key: company.webhookSecret },
    events: WEBHOOK_EVENTS,
  });
  await sql`insert into public.whatsapp_instances
    (id, organization_id, instance_name, phone_number, status)
    values (${id}, ${organizationId}, ${PARTNER.name}, ${PARTNER.phone}, 'connected')`;
  await sql`insert into private.instance_credentials (instance_id, api_url, api_key, webhook_secret)
    values (${id}, ${EVOLUTION_URL}, ${EVOLUTION_KEY}, ${company.webhookSecret})`;
  gateway.control.createPaired({ ...PARTNER, webhook: webhook(id) });
  await clock.until(gateway.fetch(
    new Request(`${EVOLUTION_URL}/webhook/set/${instanceName}`, {
      method: "POST",
      headers: { apikey: EVOLUTION_KEY, "content-type": "application/json" },
      body: JSON.stringify({ webhook: { enabled: true, ...webhook(instanceId) } }),
    }),
  ));
  await sql`insert into ghost_repair.canary_policies (organization_id) values (${organizationId})`;
  await sql`select ghost_repair.begin_trial(${instanceId}, 'silence',
    ghost_repair.now() - interval '1 hour')`;
  return id;
}
