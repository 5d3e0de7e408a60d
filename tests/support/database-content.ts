/**
 * All that is in a world's database.
 *
 * @module
 */

import type { VirtualWorld } from "../../dev/world/virtual-world.ts";

/**
 * Every row of every table of ours, as text by table, in no order of time. Two of these are equal
 * where nothing was written and no time has passed between them.
 */
export async function databaseContent(world: VirtualWorld): Promise<Record<string, string>> {
  const tables = await world.sql<{ table: string }[]>`
    select format('%I.%I', schemaname, tablename) as table from pg_catalog.pg_tables
    where schemaname in ('public', 'private', 'auth') order by 1`;
  const content: Record<string, string> = {};
  for (const { table } of tables) {
    const [row] = await world.sql.unsafe<{ rows: string }[]>(
      `select coalesce(string_agg(to_jsonb(t)::text, E'\\n' order by to_jsonb(t)::text), '') as rows
       from ${table} t`,
    );
    content[table] = row?.rows ?? "";
  }
  return content;
}
