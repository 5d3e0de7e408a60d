/**
 * Applies the project's migrations as `supabase db push` does.
 *
 * @module
 */

import { connected, runStatements } from "./sql-file.ts";

/** The project's migrations. */
export const MIGRATIONS = new URL("../../../supabase/migrations/", import.meta.url);

/**
 * Applies every migration that the database does not have yet, in order, each in a transaction of
 * its own, and records it in `supabase_migrations.schema_migrations`, where the CLI looks.
 *
 * @param databaseUrl Where, as role `postgres`.
 * @param folder The migrations; a missing or empty folder is none.
 * @returns The files that were applied.
 * @throws {SqlFileError} When one failed, with file and line; those before it remain.
 */
export async function migrate(databaseUrl: string, folder: URL = MIGRATIONS): Promise<string[]> {
  const files = await listMigrations(folder);
  return await connected(databaseUrl, async (sql) => {
    await sql.unsafe(`
      create schema if not exists supabase_migrations;
      create table if not exists supabase_migrations.schema_migrations
        (version text primary key, statements text[], name text);
    `).simple();
    const rows = await sql<{ version: string }[]>`
      select version from supabase_migrations.schema_migrations`;
    const present = new Set(rows.map((row) => row.version));
    const missing = files.filter(({ version }) => !present.has(version));
    for (const { file, version, name } of missing) {
      const text = await Deno.readTextFile(new URL(file, folder));
      await sql.begin(async (transaction) => {
        await runStatements(transaction, file, text);
        await transaction`
          insert into supabase_migrations.schema_migrations (version, name, statements)
          values (${version}, ${name}, ${[text]})`;
      });
    }
    return missing.map(({ file }) => file);
  });
}

/**
 * The migration of a subject.
 *
 * @throws {Error} Where there is none.
 */
export function migrationOf(subject: string): URL {
  for (const { name } of Deno.readDirSync(MIGRATIONS)) {
    if (/^\d+_(.*)\.sql$/.exec(name)?.[1] === subject) return new URL(name, MIGRATIONS);
  }
  throw new Error(`no migration is named ${subject}`);
}

/** The folder's migrations, oldest first; other files are not migrations to the CLI either. */
async function listMigrations(folder: URL) {
  const migrations: { file: string; version: string; name: string }[] = [];
  try {
    for await (const { name: file } of Deno.readDir(folder)) {
      const [, version, name] = /^(\d+)_(.*)\.sql$/.exec(file) ?? [];
      if (version !== undefined && name !== undefined) migrations.push({ file, version, name });
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return migrations.sort((a, b) => (a.file < b.file ? -1 : 1));
}
