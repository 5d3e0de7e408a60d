/**
 * A database written out, to compare before with after.
 *
 * @module
 */

import type postgres from "postgres";
import { MIGRATIONS } from "../../dev/platform/database/migrate.ts";
import type { VirtualWorld } from "../../dev/world/virtual-world.ts";

const LISTING = new URL("schema-listing.sql", import.meta.url);

/** Schemas `public` and `private`, one line for each relation, column, constraint, grant and so on. */
export async function listSchema(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql.unsafe<{ line: string }[]>(await Deno.readTextFile(LISTING));
  return rows.map((row) => row.line);
}

/** Every row of every table of these schemas, by table, as text, in no order of time. */
export async function listRows(
  sql: postgres.Sql,
  schemas: readonly string[] = ["public", "private"],
): Promise<Record<string, string[]>> {
  const tables = await sql<{ name: string }[]>`
    select format('%I.%I', schemaname, tablename) as name from pg_catalog.pg_tables
    where schemaname in ${sql(schemas)} order by 1`;
  const all: Record<string, string[]> = {};
  for (const { name } of tables) {
    const rows = await sql.unsafe<{ row: string }[]>(
      `select to_jsonb(t)::text as row from ${name} t order by 1`,
    );
    all[name] = rows.map(({ row }) => row);
  }
  return all;
}

/**
 * All that is in a world's database, as text by table. Two of these are equal where nothing was
 * written and no time has passed between them.
 */
export async function databaseContent({ sql }: VirtualWorld): Promise<Record<string, string>> {
  const tables = Object.entries(await listRows(sql, ["public", "private", "auth"]));
  return Object.fromEntries(tables.map(([name, rows]) => [name, rows.join("\n")]));
}

/** The project's migrations, oldest first. */
export function migrationFiles(): URL[] {
  return [...Deno.readDirSync(MIGRATIONS)]
    .map((entry) => entry.name)
    .filter((name) => name.endsWith(".sql"))
    .sort()
    .map((name) => new URL(name, MIGRATIONS));
}
