/**
 * A number that may be deaf, and another of its organization to ask it by.
 *
 * @module
 */

import { addNumber, pairCompany } from "../../platform/seed.ts";
import {
  EVOLUTION_KEY,
  EVOLUTION_URL,
  SUPABASE_URL,
  type VirtualWorld,
} from "../../world/virtual-world.ts";

/** The other number. */
export const PARTNER = { name: "vendas", phone: "5511900000022" } as const;

/** A second number of the company, paired; and the first has been silent for longer than its habit. */
export async function addSilentPair({ sql, gateway, company }: VirtualWorld): Promise<void> {
  const { name: instanceName, phone } = PARTNER;
  const partner = { ...company, instanceId: crypto.randomUUID(), instanceName, phone };
  await addNumber(sql, partner, {
    apiUrl: EVOLUTION_URL,
    apiKey: EVOLUTION_KEY,
    displayName: "Vendas",
  });
  pairCompany(gateway, partner, SUPABASE_URL);
  await sql`insert into ghost_repair.canary_policies (organization_id)
    values (${company.organizationId})`;
  await sql`select ghost_repair.begin_trial(${company.instanceId}, 'silence',
    ghost_repair.now() - interval '1 hour')`;
}
