/**
 * Databases on a PostgreSQL server, wherever it was started: a test file in another thread attaches
 * to the server that the run started.
 *
 * @module
 */

import postgres from "postgres";

/** How to make a database. */
export interface CreateDatabaseOptions {
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
