/**
 * Many numbers at once, made for a measurement and taken away after it.
 *
 * @module
 */

import type { Stage } from "./stage.ts";

/** What they are. */
interface Numbers {
  /** Of their names: `<prefix>-1`, `<prefix>-2`, … */
  readonly prefix: string;
  readonly count: number;
  readonly status: "connected" | "disconnected";
  /** Where their gateways are; each in its turn. */
  readonly gateways: readonly string[];
}

/** Makes them, after those of the same names were taken away. */
export async function addNumbers(
  { sql, stack }: Stage,
  { prefix, count, status, gateways }: Numbers,
): Promise<void> {
  await removeNumbers({ sql }, prefix);
  await sql`
    with made as (
      insert into public.whatsapp_instances
        (organization_id, instance_name, status, phone_number, disconnected_since)
      select ${stack.company.organizationId}, ${prefix}::text || '-' || n, ${status},
        '55119' || lpad(n::text, 8, '0'),
        case ${status}::text when 'disconnected' then now() - interval '1 hour' + n * interval '1 ms' end
      from generate_series(1, ${count}::int) n
      returning id
    )
    insert into private.instance_credentials (instance_id, api_url, api_key, webhook_secret)
    select m.id, (${[...gateways]}::text[])[1 + m.place % ${gateways.length}::int], 'bench-key',
      'bench-secret'
    from (select id, row_number() over () as place from made) m`;
}

/** Takes them away, with what they had. */
export async function removeNumbers({ sql }: Pick<Stage, "sql">, prefix: string): Promise<void> {
  await sql`delete from public.whatsapp_instances where instance_name like ${`${prefix}-%`}`;
}
