/**
 * Databases of a chosen size.
 *
 * @module
 */

import postgres from "postgres";
import type { PostgresServer } from "../../../platform/database/postgres.ts";
import { runStatements } from "../../../platform/database/sql-file.ts";
import { TEMPLATE } from "../../../platform/database/template.ts";

/** How large a database is. */
export interface DatabaseSize {
  readonly instances: number;
  readonly messages: number;
}

/** Everything but a constraint's own index: those are made again when the rows are there. */
const INDEXES = `
  select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition
  from pg_index i join pg_class c on c.oid = i.indrelid
  where c.relnamespace = 'public'::regnamespace
    and not exists (select from pg_constraint k where k.conindid = i.indexrelid)`;

/**
 * Makes a database from the template, fills it and has its statistics taken.
 *
 * @param server It has the template.
 * @returns A connection to it, as superuser; the caller ends it.
 */
export async function createFilled(
  server: PostgresServer,
  name: string,
  size: DatabaseSize,
): Promise<postgres.Sql> {
  await server.createDatabase(name, { template: TEMPLATE });
  const sql = postgres(`${server.adminUrl}/${name}`, { max: 1, onnotice: () => {} });
  const text = await Deno.readTextFile(new URL("fill.sql", import.meta.url));
  await sql.begin(async (tx) => {
    const indexes = await tx.unsafe<{ name: string; definition: string }[]>(INDEXES);
    for (const index of indexes) await tx.unsafe(`drop index ${index.name}`);
    await tx`select set_config('bench.instances', ${String(size.instances)}, true),
      set_config('bench.messages', ${String(size.messages)}, true)`;
    await runStatements(tx, "fill.sql", text);
    for (const index of indexes) await tx.unsafe(index.definition);
  });
  await sql`vacuum analyze`;
  return sql;
}
