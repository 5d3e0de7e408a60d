/**
 * The PostgreSQL server of the test run: the one the runner started, or an own one where a test file
 * runs alone. And the ground of a test file's worlds on it: made once, cleared for each.
 *
 * @module
 */

import {
  attachPostgres,
  type PostgresServer,
  startPostgres,
} from "../../dev/platform/database/postgres.ts";
import { createTemplate, SERVER_VARIABLE } from "../../dev/platform/database/template.ts";
import { createGround, type Ground } from "../../dev/world/ground.ts";

let starting: Promise<PostgresServer> | undefined;

/** The server, with the template. */
export function testServer(): Promise<PostgresServer> {
  return starting ??= open();
}

async function open(): Promise<PostgresServer> {
  const given = Deno.env.get(SERVER_VARIABLE);
  if (given !== undefined) return attachPostgres(given);
  const server = await startPostgres();
  await createTemplate(server);
  return server;
}

let registered = false;

/**
 * Registers the server's end with the test file. Of files that are loaded together the first call
 * counts, as what is registered first is done last.
 */
export function closeServerAfterAll(): void {
  if (registered) return;
  registered = true;
  Deno.test.afterAll(async () => {
    await free?.close();
    free = undefined;
    await (await starting)?.stop();
    starting = undefined;
  });
}

/** Registers a test on the server, which outlives it: what is open there is no leak of the test's. */
export function serverTest(name: string, run: (server: PostgresServer) => Promise<void>): void {
  closeServerAfterAll();
  Deno.test({ name, sanitizeOps: false, sanitizeResources: false }, async () => {
    await run(await testServer());
  });
}

let free: Ground | undefined;

/** Uses the test file's ground for a world; where it is in use already, another one. */
export async function onGround<T>(use: (ground: Ground) => Promise<T>): Promise<T> {
  const ground = free ?? await createGround(await testServer());
  free = undefined;
  try {
    return await use(ground);
  } finally {
    if (free === undefined) free = ground;
    else await ground.close();
  }
}
