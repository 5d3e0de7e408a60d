/**
 * Debian's PostgreSQL 15 with the real pg_cron, in a copy of its own: `pg_net`, which no package
 * has, is stood in for there, and the machine's own files stay as they are.
 *
 * @module
 */

import { join } from "node:path";
import postgres from "postgres";
import { attachPostgres, type PostgresServer } from "../../../dev/platform/database/postgres.ts";
import { runSqlFile } from "../../../dev/platform/database/sql-file.ts";
import { createCleanUp } from "../../../dev/process/clean-up.ts";
import { freePort } from "../../../dev/process/program.ts";
import { openScratch } from "../../../dev/process/scratch.ts";

const PROGRAMS = "/usr/lib/postgresql/15";
const SHARED = "/usr/share/postgresql/15";
/** PostgreSQL refuses to run as root. */
const NOBODY = 65534;

/** Why there is none here; null where there is one. */
export async function debianPostgresMissing(): Promise<string | null> {
  const files = [`${PROGRAMS}/bin/postgres`, `${PROGRAMS}/lib/pg_cron.so`];
  for (const file of files) {
    try {
      await Deno.stat(file);
    } catch {
      return "postgresql-15-cron is not installed";
    }
  }
  return null;
}

/** Makes pg_cron there: on Supabase `postgres` may make extensions, here its superuser does. */
export async function installCron(server: PostgresServer): Promise<void> {
  const admin = postgres(`${server.adminUrl}/postgres`, { max: 1, onnotice: () => {} });
  await admin.unsafe(`
    alter database postgres owner to postgres;
    create extension pg_cron;
    grant usage on schema cron to postgres`).simple();
  await admin.end({ timeout: 2 });
}

/** Starts the server; `postgres` is the database that pg_cron works in. */
export async function startDebianPostgres(): Promise<PostgresServer> {
  const cleanUp = createCleanUp();
  try {
    const scratch = await openScratch();
    cleanUp.add("files", () => scratch.close());
    const root = join(scratch.path, "debian");
    // PostgreSQL finds its shared files by where its program lies: the layout is kept.
    for (const folder of [PROGRAMS, SHARED]) {
      await command("mkdir", ["-p", join(root, folder, "..")]);
      await command("cp", ["-r", folder, join(root, folder, "..")]);
    }
    const cluster = join(scratch.path, "debian-cluster");
    await Deno.mkdir(cluster, { mode: 0o700 });
    const uid = Deno.uid() === 0 ? NOBODY : undefined;
    if (uid !== undefined) await Deno.chown(cluster, uid, uid);
    const run = (program: string, args: readonly string[]) =>
      scratch.run(program, join(root, PROGRAMS, "bin", program), {
        args: ["-D", cluster, ...args],
        env: { TZ: "UTC", LC_ALL: "C" },
        ...(uid === undefined ? {} : { uid }),
      });
    const initdb = run("initdb", [
      ...["-U", "supabase_admin", "-A", "trust", "--locale=C", "-E", "UTF8", "--no-sync"],
    ]);
    if (!(await initdb.exited).success) await initdb.failure();
    const port = await freePort();
    const settings = {
      port,
      listen_addresses: "127.0.0.1",
      unix_socket_directories: "",
      fsync: "off",
      shared_preload_libraries: "pg_cron",
      "cron.database_name": "postgres",
      "cron.use_background_workers": "on",
    };
    const server = run(
      "postgres",
      Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    );
    await server.nextLine(/ready to accept connections/);
    const adminUrl = `postgres://supabase_admin@127.0.0.1:${port}`;
    const roles = new URL("../../../dev/platform/database/supabase-roles.sql", import.meta.url);
    await runSqlFile(`${adminUrl}/postgres`, roles);
    const attached = attachPostgres(adminUrl);
    return {
      ...attached,
      stop: async () => {
        await attached.stop();
        await cleanUp.close();
      },
    };
  } catch (error) {
    await cleanUp.close();
    throw error;
  }
}

async function command(program: string, args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args: [...args] }).output();
  if (!success) throw new Error(`${program}: ${new TextDecoder().decode(stderr)}`);
}
