/**
 * Numbers that may go deaf: an organization's other number, to ask them by, and a habit that a silence
 * soon breaks.
 *
 * @module
 */

import {
  EVOLUTION_KEY,
  EVOLUTION_URL,
  SUPABASE_URL,
  type VirtualWorld,
} from "../../world/virtual-world.ts";
import { addNumber, pairCompany, type SeededCompany } from "../../platform/seed.ts";
import type { Company, Partner } from "./company.ts";

/** People have written so often in each hour of these weeks: 24 minutes of silence are many. */
const SPELLS_AN_HOUR = 20;
const WEEKS = 4;

/** Another number of a company, paired at the same gateway. */
export async function addPartner(world: VirtualWorld, company: SeededCompany): Promise<Partner> {
  const { sql, gateway } = world;
  const suffix = gateway.control.instances().length + 1;
  const partner = {
    ...company,
    instanceId: crypto.randomUUID(),
    instanceName: `vendas-${suffix}`,
    phone: `55118${String(suffix).padStart(8, "0")}`,
  };
  await addNumber(sql, partner, {
    apiUrl: EVOLUTION_URL,
    apiKey: EVOLUTION_KEY,
    displayName: "Vendas",
  });
  pairCompany(gateway, partner, SUPABASE_URL);
  return partner;
}

/** The company wants canaries, and people have written to its number for weeks. */
export async function giveHabit(
  { sql }: VirtualWorld,
  { organizationId, instanceId }: SeededCompany,
): Promise<void> {
  await sql`insert into ghost_repair.canary_policies (organization_id) values (${organizationId})`;
  await sql`update ghost_repair.hearing
    set heard_since = ghost_repair.now() - make_interval(weeks => ${WEEKS}, mins => 1)
    where instance_id = ${instanceId}`;
  await sql`
    with hours as (
      select t.hour % 168 as slot, max(t.hour / 168) as newest
      from generate_series(floor(extract(epoch from ghost_repair.now()) / 3600)::bigint - 168,
        floor(extract(epoch from ghost_repair.now()) / 3600)::bigint - 1) t (hour)
      group by 1
    )
    insert into ghost_repair.habit_hours (instance_id, slot, week, spells, faded, counted_at)
    select ${instanceId}, h.slot, h.newest, ${SPELLS_AN_HOUR}::int, ${SPELLS_AN_HOUR}::int * (
        select sum(power(s.habit_fade, n)) from generate_series(1, ${WEEKS - 1}::int) n),
      ghost_repair.now() - interval '1 hour'
    from hours h, ghost_repair.settings s`;
}

/** Nobody has written to a number for longer than is usual: it is asked about, where that is wanted. */
export async function breakHabit(
  world: VirtualWorld,
  { instanceId }: Pick<Company, "instanceId">,
): Promise<void> {
  // It may wait for the number's row, which somebody has locked.
  await world.clock.until(world.sql`
    select ghost_repair.begin_trial(i.id, 'silence', ghost_repair.now() - interval '1 hour')
    from public.whatsapp_instances i
    where i.id = ${instanceId} and i.status = 'connected' and i.deleted_at is null
      and not ghost_repair.has_open_repair(i.id)`);
}
