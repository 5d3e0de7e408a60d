/**
 * What a virtual world stands on: a database with the project's migrations behind a PostgREST, and
 * the keys that PostgREST believes. Making it takes longer than many a history that is played on it,
 * so that one world after another may stand on the same.
 *
 * @module
 */

import postgres from "postgres";
import { createLocalAuth, type LocalAuth } from "../platform/auth/local-auth.ts";
import { startPostgrest } from "../platform/database/postgrest.ts";
import type { PostgresServer } from "../platform/database/server.ts";
import { TEMPLATE } from "../platform/database/template.ts";
import { createCleanUp } from "../process/clean-up.ts";

/** The address of every virtual world; nothing listens there. */
export const SUPABASE_URL = "http://supabase.test";

/** A database, its API and its keys. */
export interface Ground {
  readonly databaseUrl: string;
  /** A connection as `postgres`. */
  readonly sql: postgres.Sql;
  readonly auth: LocalAuth;
  readonly postgrestUrl: string;
  /** Makes the database what it was at first. Nobody may be working on it. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Makes one on a server that has the template.
 *
 * @param server Where.
 * @param options `legacyKeys`: false for a project whose legacy keys are switched off.
 */
export async function createGround(
  server: PostgresServer,
  { legacyKeys = true }: { readonly legacyKeys?: boolean } = {},
): Promise<Ground> {
  const cleanUp = createCleanUp();
  try {
    const database = `world_${crypto.randomUUID().replaceAll("-", "")}`;
    await server.createDatabase(database, {
      template: TEMPLATE,
      // Tables are small here: planning for each value would be half the work.
      settings: { plan_cache_mode: "force_generic_plan" },
    });
    cleanUp.add("database", () => server.dropDatabase(database));
    const databaseUrl = server.url(database);
    const sql = postgres(databaseUrl, { max: 4, onnotice: () => {} });
    cleanUp.add("connections", () => sql.end({ timeout: 2 }));
    const auth = await createLocalAuth({ url: SUPABASE_URL, legacyKeys });
    const postgrest = await startPostgrest({ databaseUrl, jwks: auth.jwks });
    cleanUp.add("PostgREST", () => postgrest.stop());
    return {
      databaseUrl,
      sql,
      auth,
      postgrestUrl: postgrest.url,
      clear: () => clear(sql),
      close: () => cleanUp.close(),
    };
  } catch (error) {
    await cleanUp.close();
    throw error;
  }
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
  insert into ghost_repair.settings (only_row) values (true);
  if to_regclass('virtual_time.clock') is not null then
    insert into virtual_time.clock values ('0');
  end if;
  for v_table in
    select format('%I.%I', schemaname, sequencename) from pg_catalog.pg_sequences
    where schemaname in ('public', 'private')
  loop
    perform pg_catalog.setval(v_table::regclass, 1, false);
  end loop;
end $$`;

async function clear(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(CLEAR).simple();
  await sql.unsafe("vacuum");
}
