/**
 * Numbers that wait for the scheduler.
 *
 * @module
 */

import type { Stage } from "../stage.ts";

/**
 * Makes so many disconnected numbers due, and no others.
 *
 * @param gatewayMs How soon their gateway answers.
 */
export async function makeDue(
  { sql, stack, gatewayAfter }: Stage,
  count: number,
  gatewayMs: number,
): Promise<void> {
  await removeDue({ sql });
  await sql.begin(async (tx) => {
    await tx`
      insert into public.whatsapp_instances
        (organization_id, instance_name, status, disconnected_since)
      select ${stack.company.organizationId}, 'due-' || n, 'disconnected',
        ghost_repair.now() - interval '1 hour' + n * interval '1 ms'
      from generate_series(1, ${count}::int) n`;
    await tx`
      insert into private.instance_credentials (instance_id, api_url, api_key, webhook_secret)
      select id, ${gatewayAfter(gatewayMs)}, 'bench-key', 'bench-secret'
      from public.whatsapp_instances where instance_name like 'due-%'`;
  });
  await sql`analyze public.whatsapp_instances`;
}

/** Removes them. */
export async function removeDue({ sql }: Pick<Stage, "sql">): Promise<void> {
  await sql`delete from public.whatsapp_instances where instance_name like 'due-%'`;
}

/** How many are still disconnected. */
export async function countDue({ sql }: Stage): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from public.whatsapp_instances
    where instance_name like 'due-%' and status = 'disconnected'`;
  return row?.count ?? 0;
}
