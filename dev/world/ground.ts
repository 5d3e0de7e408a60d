/**
 * What a virtual world stands on. Making it takes longer than many a history that is played on it, so
 * that one world after another may stand on the same.
 *
 * @module
 */

import type postgres from "postgres";
import type { PostgresServer } from "../platform/database/postgres.ts";
import { type Project, startProject } from "../platform/project.ts";
import { wholeOrNothing } from "../process/clean-up.ts";

/** The address of every virtual world; nothing listens there. */
export const SUPABASE_URL = "http://supabase.test";

/** A project that can be played on again and again. */
export interface Ground extends Project {
  /** Makes the database what it was at first. Nobody may be working on it. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Makes one on a server that has the template.
 *
 * @param server Where.
 * @param options `legacyKeys`: false for a project whose legacy keys are switched off.
 * `withoutPostgrest`: called where `/rpc` has to do.
 */
export function createGround(
  server: PostgresServer,
  { legacyKeys = true, withoutPostgrest }: {
    readonly legacyKeys?: boolean;
    readonly withoutPostgrest?: () => void;
  } = {},
): Promise<Ground> {
  return wholeOrNothing(async (cleanUp) => {
    const project = await startProject(server, {
      url: SUPABASE_URL,
      database: `world_${crypto.randomUUID().replaceAll("-", "")}`,
      // Tables are small here: planning for each value would be half the work.
      settings: { plan_cache_mode: "force_generic_plan" },
      legacyKeys,
      ...(withoutPostgrest === undefined ? {} : { withoutPostgrest }),
    }, cleanUp);
    return { ...project, clear: () => clear(project.sql), close: () => cleanUp.close() };
  });
}

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

async function clear(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(CLEAR).simple();
  if (++cleared % TIDY_EVERY === 0) await sql.unsafe("vacuum");
}
