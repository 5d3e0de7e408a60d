/**
 * The one seam for time in a database. The product's SQL asks `ghost_repair.now()` and nothing else;
 * here that function adds what is to have passed besides. Nothing else of the database is changed.
 *
 * @module
 */

import type postgres from "postgres";

const INSTALL = `
  create schema if not exists virtual_time;
  create table if not exists virtual_time.clock (ahead interval not null);
  insert into virtual_time.clock
    select '0' where not exists (select from virtual_time.clock);
  create or replace function ghost_repair.now() returns timestamptz
  language sql stable parallel safe security definer set search_path = '' as $$
    select pg_catalog.now() + c.ahead from virtual_time.clock c
  $$;`;

/**
 * Puts a database's clock ahead, by more at each call.
 *
 * @param sql A connection as `postgres`, to a migrated database.
 * @param ms By how much, in milliseconds.
 */
export async function advanceDatabase(sql: postgres.Sql, ms: number): Promise<void> {
  const advance = () =>
    sql`update virtual_time.clock set ahead = ahead + ${`${ms} milliseconds`}::interval`;
  try {
    await advance();
  } catch (error) {
    // 3F000, 42P01: it was never put ahead before.
    if (!["3F000", "42P01"].includes((error as { code?: string }).code ?? "")) throw error;
    await sql.unsafe(INSTALL).simple();
    await advance();
  }
}
