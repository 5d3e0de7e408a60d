/**
 * The project's database, made once on a server and cloned for every test, world and stack.
 *
 * @module
 */

import type { CleanUp } from "../../process/clean-up.ts";
import { migrate, MIGRATIONS } from "./migrate.ts";
import { type PostgresServer, startPostgres } from "./postgres.ts";
import { runSqlFile } from "./sql-file.ts";

/** The template's name, for `server.createDatabase(name, { template })`. */
export const TEMPLATE = "supabase_template";

/** Names the address of a server that has the template, for programs that are started with one. */
export const SERVER_VARIABLE = "TEST_POSTGRES_ADMIN_URL";

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

/**
 * Starts a server that has the template: what every program that plays the product begins with.
 *
 * @param cleanUp Stops it in the end, also where the template cannot be made.
 * @throws What `startPostgres` and `createTemplate` throw.
 */
export async function startTemplateServer(cleanUp: CleanUp): Promise<PostgresServer> {
  const server = await startPostgres();
  cleanUp.add("PostgreSQL", () => server.stop());
  await createTemplate(server);
  return server;
}
