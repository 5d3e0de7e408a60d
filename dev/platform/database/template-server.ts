/**
 * A server with the project's database ready to be cloned: what every program that plays the product
 * starts with.
 *
 * @module
 */

import type { CleanUp } from "../../process/clean-up.ts";
import { startPostgres } from "./postgres.ts";
import type { PostgresServer } from "./server.ts";
import { createTemplate } from "./template.ts";

/**
 * Starts one that has the template.
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

/** Names the address of a server that has the template, for programs that are started with one. */
export const SERVER_VARIABLE = "TEST_POSTGRES_ADMIN_URL";
