/**
 * PostgREST, the server behind `/rest/v1`, from the npm registry.
 *
 * @module
 */

import { join } from "node:path";
import type { JSONWebKeySet } from "jose";
import { systemClock, withTimeLimit } from "../../../supabase/functions/_shared/runtime/clock.ts";
import { freePort, onFreePorts, type Program } from "../../process/program.ts";
import { openScratch } from "../../process/scratch.ts";
import { locatePostgrest } from "./binaries.ts";

/** A running PostgREST. It serves no `/rest/v1`: the router takes the prefix off. */
interface Postgrest {
  /** Its address, without a slash at the end. */
  readonly url: string;
  /** Ends it and removes its files. */
  stop(): Promise<void>;
}

/** What PostgREST serves and whom it believes. */
interface PostgrestOptions {
  /** The database; PostgREST logs in as `authenticator` whatever user the address names. */
  readonly databaseUrl: string;
  /** The keys of the tokens that it accepts. */
  readonly jwks: JSONWebKeySet;
}

const START_LIMIT_MS = 30_000;

/**
 * Starts PostgREST for the schema `public` of one database, and waits until it answers.
 *
 * @throws {MissingBinaryError} Where PostgREST has no binary for the machine.
 * @throws {ProgramExitedError} When it does not come up.
 */
export async function startPostgrest(options: PostgrestOptions): Promise<Postgrest> {
  const binary = await locatePostgrest();
  const scratch = await openScratch();
  try {
    const keys = join(scratch.path, "jwks.json");
    await Deno.writeTextFile(keys, JSON.stringify(options.jwks), { mode: 0o600 });
    const configuration = join(scratch.path, "postgrest.conf");
    return await onFreePorts(async () => {
      const [port, adminPort] = [await freePort(), await freePort()];
      const text = configure(options.databaseUrl, keys, port, adminPort);
      await Deno.writeTextFile(configuration, text, { mode: 0o600 });
      const program = scratch.run("postgrest", binary, { args: [configuration] });
      await ready(`http://127.0.0.1:${adminPort}/ready`, program);
      return { url: `http://127.0.0.1:${port}`, stop: scratch.close };
    });
  } catch (error) {
    await scratch.close();
    throw error;
  }
}

/** Settings as on Supabase where they decide what an answer looks like. */
function configure(databaseUrl: string, keys: string, port: number, adminPort: number): string {
  const database = new URL(databaseUrl);
  database.username = "authenticator";
  const settings: Readonly<Record<string, string | number>> = {
    "db-uri": database.href,
    "db-schemas": "public",
    "db-extra-search-path": "public, extensions",
    "db-anon-role": "anon",
    "db-max-rows": 1000,
    "db-pool": 8,
    "jwt-secret": `@${keys}`,
    "server-host": "127.0.0.1",
    "server-port": port,
    "admin-server-port": adminPort,
    "log-level": "error",
  };
  const lines = Object.entries(settings).map(([name, value]) =>
    `${name} = ${JSON.stringify(value)}`
  );
  return lines.join("\n") + "\n";
}

/** Asks until the answer is yes or the program left. Real time, since a real program is awaited. */
async function ready(address: string, program: Program): Promise<void> {
  const left = program.failure();
  left.catch(() => {});
  await withTimeLimit(systemClock, START_LIMIT_MS, async (limit) => {
    while (!limit.aborted) {
      const response = await fetch(address).catch(() => undefined);
      await response?.body?.cancel();
      if (response?.ok) return;
      await Promise.race([left, systemClock.sleep(20)]);
    }
  });
}
