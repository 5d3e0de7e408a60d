/**
 * A database that is used again: what was written is deleted, and its connections keep what they know.
 *
 * @module
 */

import type postgres from "postgres";

/**
 * Rows are deleted, not truncated: a new file for each table would make every connection plan its
 * statements again. The migrations leave one row behind.
 */
const CLEAR = `
do $$
declare
  v_table text;
begin
  perform pg_catalog.set_config('session_replication_role', 'replica', true);
  for v_table in
    select format('%I.%I', n.nspname, c.relname) from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r'
      and (n.nspname in ('public', 'private', 'ghost_repair', 'virtual_time') or (n.nspname, c.relname) = ('auth', 'users'))
  loop
    execute 'delete from ' || v_table;
  end loop;
  if to_regclass('virtual_time.clock') is not null then
    insert into virtual_time.clock values ('0');
  end if;
  -- Some settings begin with the time of this.
  insert into ghost_repair.settings (only_row) values (true);
  for v_table in
    select format('%I.%I', schemaname, sequencename) from pg_catalog.pg_sequences
    where schemaname in ('public', 'private')
  loop
    perform pg_catalog.setval(v_table::regclass, 1, false);
  end loop;
end $$`;

/** What was deleted is tidied up now and then: it takes longer than the deletion. */
const TIDY_EVERY = 8;

let cleared = 0;

/**
 * Makes a database what it was at first. Nobody may be working on it.
 *
 * @param sql A connection as `postgres`.
 */
export async function clearDatabase(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(CLEAR).simple();
  if (++cleared % TIDY_EVERY === 0) await sql.unsafe("vacuum");
}
