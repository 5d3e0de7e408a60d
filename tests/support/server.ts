/**
 * The PostgreSQL server of the test run: the one the runner started, or an own one where a test file
 * runs alone.
 *
 * @module
 */

import { startPostgres } from "../../dev/platform/database/postgres.ts";
import { attachPostgres, type PostgresServer } from "../../dev/platform/database/server.ts";
import { SERVER_VARIABLE } from "../../dev/platform/database/template-server.ts";
import { createTemplate } from "../../dev/platform/database/template.ts";

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

const closers: (() => Promise<void>)[] = [];

/** What stands on the server ends before it does. */
export function beforeServerCloses(close: () => Promise<void>): void {
  closers.push(close);
}

/** Registers the server's end with the test file. Call it once in each file that uses it. */
export function closeServerAfterAll(): void {
  Deno.test.afterAll(async () => {
    for (const close of closers) await close();
    await (await starting)?.stop();
    starting = undefined;
  });
}
