/**
 * Stand-ins for what no package has here: `pg_cron` and `pg_net` that write down what they are asked,
 * with the real ones' schemas and signatures, and a Vault without the encryption.
 *
 * @module
 */

import { join } from "node:path";
import type postgres from "postgres";
import type { PostgresServer } from "../../dev/platform/database/postgres.ts";
import { connected } from "../../dev/platform/database/sql-file.ts";

const EXTENSIONS = {
  pg_cron: `
    create schema cron;
    create table cron.job (
      jobid bigint generated always as identity primary key,
      jobname text unique, schedule text not null, command text not null
    );
    create function cron.schedule(job_name text, schedule text, command text) returns bigint
    language sql as $$
      insert into cron.job as j (jobname, schedule, command) values ($1, $2, $3)
      on conflict (jobname) do update set
        schedule = excluded.schedule, command = excluded.command
      returning j.jobid
    $$;`,
  pg_net: `
    create schema net;
    create table net.requests (
      id bigint generated always as identity primary key,
      url text, body jsonb, params jsonb, headers jsonb, timeout_milliseconds int
    );
    create function net.http_post(
      url text, body jsonb default '{}', params jsonb default '{}',
      headers jsonb default '{"Content-Type": "application/json"}',
      timeout_milliseconds int default 5000
    ) returns bigint language sql as $$
      insert into net.requests (url, body, params, headers, timeout_milliseconds)
      values ($1, $2, $3, $4, $5) returning id
    $$;`,
} as const;

/** The extensions that can be stood in for. */
type StandIn = keyof typeof EXTENSIONS;

/**
 * Makes an extension available on a server, for `create extension` by any database's owner.
 *
 * @param server One that was started for the test: its program files are added to.
 */
export async function installStandIn(server: PostgresServer, name: StandIn): Promise<void> {
  const [row] = await connected(`${server.adminUrl}/postgres`, (sql) =>
    sql<{ setting: string }[]>`
      select setting from pg_catalog.pg_config where name = 'SHAREDIR'`);
  const folder = join(row!.setting, "extension");
  const control = "default_version = '1.0'\nsuperuser = false\nrelocatable = false\n";
  await Deno.writeTextFile(join(folder, `${name}--1.0.sql`), EXTENSIONS[name]);
  await Deno.writeTextFile(join(folder, `${name}.control`), control);
}

/** Runs a stand-in's statements where `create extension` is not what is tested. */
export async function createStandIn(sql: postgres.Sql, name: StandIn): Promise<void> {
  await sql.unsafe(EXTENSIONS[name]).simple();
}

/** Makes a Vault with these secrets. */
export async function createVault(
  sql: postgres.Sql,
  secrets: Readonly<Record<string, string>>,
): Promise<void> {
  await sql.unsafe(`
    create schema vault;
    create table vault.secrets (name text unique, secret text);
    create view vault.decrypted_secrets as select name, secret as decrypted_secret from vault.secrets;
  `).simple();
  for (const [name, secret] of Object.entries(secrets)) {
    await sql`insert into vault.secrets values (${name}, ${secret})`;
  }
}
