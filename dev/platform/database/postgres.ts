/**
 * A PostgreSQL server of one's own, from the npm registry, with the roles of a Supabase project.
 *
 * @module
 */

import { join } from "node:path";
import postgres from "postgres";
import { freePort, onFreePorts } from "../../process/program.ts";
import { memoryFolder, openScratch, type Scratch } from "../../process/scratch.ts";
import { layOutProgramFiles, locatePostgres } from "./binaries.ts";
import { runSqlFile } from "./sql-file.ts";

/** PostgreSQL refuses to run as root; `nobody` on every common system. */
const UNPRIVILEGED = 65534;

/** Called as on Supabase; `postgres` is an ordinary role there, and so it is here. */
const SUPERUSER = "supabase_admin";

const INITDB = [
  ...["-U", SUPERUSER, "-A", "trust", "--locale=C", "-E", "UTF8"],
  ...["--no-sync", "--no-instructions"],
];

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
  // The data may lie in memory.
  max_wal_size: "128MB",
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
  // Two, because programs may not be allowed to run from the folder in memory.
  const files = await openScratch();
  const data = await openScratch(await memoryFolder());
  const close = async () => {
    await data.close();
    await files.close();
  };
  try {
    const programs = join(files.path, "native");
    await layOutProgramFiles(native, programs);
    const admin = await startIn(data, programs);
    await runSqlFile(`${admin}/postgres`, new URL("supabase-roles.sql", import.meta.url));
    const server = attachPostgres(admin);
    return {
      ...server,
      stop: async () => {
        await server.stop();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Makes a cluster in the folder and starts its server; gives the superuser's address. */
async function startIn(scratch: Scratch, programs: string): Promise<string> {
  const cluster = join(scratch.path, "cluster");
  await Deno.mkdir(cluster, { mode: 0o700 });
  const uid = Deno.uid() === 0 ? UNPRIVILEGED : undefined;
  if (uid !== undefined) await Deno.chown(cluster, uid, uid);
  const run = (program: string, args: readonly string[]) =>
    scratch.run(program, join(programs, "bin", program), {
      args: ["-D", cluster, ...args],
      env: { ...libraryPath(programs), TZ: "UTC", LC_ALL: "C" },
      ...(uid === undefined ? {} : { uid }),
    });

  const initdb = run("initdb", INITDB);
  if (!(await initdb.exited).success) await initdb.failure();
  return await onFreePorts(async () => {
    const port = await freePort();
    const settings = Object.entries({ ...SETTINGS, port });
    const server = run("postgres", settings.flatMap(([name, value]) => ["-c", `${name}=${value}`]));
    await server.nextLine(/ready to accept connections/);
    return `postgres://${SUPERUSER}@127.0.0.1:${port}`;
  });
}

function libraryPath(programs: string): Readonly<Record<string, string>> {
  const name = { linux: "LD_LIBRARY_PATH", darwin: "DYLD_LIBRARY_PATH" }[Deno.build.os as string];
  return name ? { [name]: join(programs, "lib") } : {};
}

/** How to make a database. */
interface CreateDatabaseOptions {
  /** The database to clone: 14–20 ms. Nobody may be connected to it. Empty unless told. */
  readonly template?: string;
  /** Settings that its connections begin with. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A PostgreSQL server with the roles of a Supabase project. */
export interface PostgresServer {
  /** The superuser's address without a database, for {@linkcode attachPostgres}. */
  readonly adminUrl: string;
  /** The address of a database, as role `postgres`, which is no superuser, as on Supabase. */
  url(database: string): string;
  /** Makes a database that belongs to `postgres`. */
  createDatabase(name: string, options?: CreateDatabaseOptions): Promise<void>;
  /** Removes a database and throws its connections out; one that is not there is no error. */
  dropDatabase(name: string): Promise<void>;
  /** Ends the server, where it was started here, and the connections to it. */
  stop(): Promise<void>;
}

/**
 * Uses a server that runs already.
 *
 * @param adminUrl {@linkcode PostgresServer.adminUrl} of the server that was started.
 * @returns The server; `stop()` closes the connections and leaves it running.
 */
export function attachPostgres(adminUrl: string): PostgresServer {
  const sql = postgres(`${adminUrl}/postgres`, { max: 2, onnotice: () => {} });
  return {
    adminUrl,
    url: (database) => {
      const url = new URL(`${adminUrl}/${database}`);
      url.username = "postgres";
      return url.href;
    },
    createDatabase: async (name, { template, settings = {} } = {}) => {
      await (template
        ? sql`create database ${sql(name)} template ${
          sql(template)
        } strategy file_copy owner postgres`
        : sql`create database ${sql(name)} owner postgres`);
      for (const [setting, value] of Object.entries(settings)) {
        await sql.unsafe(`alter database "${name}" set ${setting} = '${value}'`);
      }
    },
    dropDatabase: async (name) => {
      await sql`drop database if exists ${sql(name)} with (force)`;
    },
    stop: () => sql.end({ timeout: 2 }),
  };
}
