/**
 * A PostgreSQL server of one's own, from the npm registry, with the roles of a Supabase project.
 *
 * @module
 */

import { join } from "node:path";
import { onFreePorts } from "../stack/free-port.ts";
import type { ProgramOptions } from "../stack/program.ts";
import { openScratch, type Scratch } from "../stack/scratch.ts";
import { locatePostgres } from "./binaries.ts";
import { layOutProgramFiles } from "./program-files.ts";
import { attachPostgres, type PostgresServer } from "./server.ts";
import { runSqlFile } from "./sql-file.ts";

/** PostgreSQL refuses to run as root; `nobody` on every common system. */
const UNPRIVILEGED = 65534;

/** Speed before safety: the data lives as long as the process. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "200",
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  jit: "off",
  timezone: "UTC",
  // In the data folder, so that nothing stays in /dev/shm, which is small in containers besides.
  dynamic_shared_memory_type: "mmap",
};

/**
 * Starts a server on a free port of 127.0.0.1; no password is asked there.
 *
 * @returns The server; the roles of a Supabase project exist. `stop()` ends it and removes its files.
 * @throws {MissingBinaryError} Where PostgreSQL has no binary for the machine.
 */
export async function startPostgres(): Promise<PostgresServer> {
  const native = await locatePostgres();
  const scratch = await openScratch();
  try {
    const program = join(scratch.path, "native");
    const data = join(scratch.path, "data");
    await layOutProgramFiles(native, program);
    await Deno.mkdir(data, { mode: 0o700 });
    const user = Deno.uid() === 0 ? UNPRIVILEGED : undefined;
    if (user !== undefined) await Deno.chown(data, user, user);
    const options = (args: readonly string[]): ProgramOptions => ({
      args: ["-D", data, ...args],
      env: { ...libraryPath(program), TZ: "UTC", LC_ALL: "C" },
      ...(user === undefined ? {} : { uid: user }),
    });

    await initialize(scratch, join(program, "bin", "initdb"), options);
    const port = await onFreePorts(async (freePort) => {
      const port = freePort();
      const settings = Object.entries({ ...SETTINGS, port: String(port) });
      const args = settings.flatMap(([name, value]) => ["-c", `${name}=${value}`]);
      const server = scratch.run("postgres", join(program, "bin", "postgres"), options(args));
      await server.nextLine(/ready to accept connections/);
      return port;
    });

    const admin = `postgres://supabase_admin@127.0.0.1:${port}`;
    await runSqlFile(`${admin}/postgres`, new URL("supabase-roles.sql", import.meta.url));
    const server = attachPostgres(admin);
    return {
      ...server,
      stop: async () => {
        await server.stop();
        await scratch.close();
      },
    };
  } catch (error) {
    await scratch.close();
    throw error;
  }
}

/** The superuser is called as on Supabase; `postgres` is an ordinary role there, and so it is here. */
async function initialize(
  scratch: Scratch,
  initdb: string,
  options: (args: readonly string[]) => ProgramOptions,
): Promise<void> {
  const args = ["-U", "supabase_admin", "-A", "trust", "--locale=C", "-E", "UTF8"];
  const run = scratch.run("initdb", initdb, options([...args, "--no-sync", "--no-instructions"]));
  const { success } = await run.exited;
  if (!success) await run.failure();
}

function libraryPath(program: string): Readonly<Record<string, string>> {
  const name = { linux: "LD_LIBRARY_PATH", darwin: "DYLD_LIBRARY_PATH" }[Deno.build.os as string];
  return name ? { [name]: join(program, "lib") } : {};
}
