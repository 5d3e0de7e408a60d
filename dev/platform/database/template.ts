/**
 * The project's database, made once and cloned for every test file.
 *
 * @module
 */

import { migrate, MIGRATIONS } from "./migrate.ts";
import type { PostgresServer } from "./server.ts";
import { runSqlFile } from "./sql-file.ts";

/** The template's name, for `server.createDatabase(name, { template })`. */
export const TEMPLATE = "supabase_template";

/**
 * Makes the template: what Supabase gives plus the project's migrations. Once per server.
 *
 * @param server Where.
 * @param migrations The migrations' folder; the project's unless told.
 * @returns {@linkcode TEMPLATE}.
 * @throws {SqlFileError} When a migration failed.
 */
export async function createTemplate(
  server: PostgresServer,
  migrations: URL = MIGRATIONS,
): Promise<string> {
  await server.createDatabase(TEMPLATE);
  const project = new URL("supabase-project.sql", import.meta.url);
  await runSqlFile(`${server.adminUrl}/${TEMPLATE}`, project);
  await migrate(server.url(TEMPLATE), migrations);
  return TEMPLATE;
}
