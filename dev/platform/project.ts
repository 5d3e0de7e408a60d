/**
 * The back of a Supabase project: a database with the migrations behind a PostgREST, and the keys that
 * PostgREST believes.
 *
 * @module
 */

import postgres from "postgres";
import type { CleanUp } from "../process/clean-up.ts";
import { createLocalAuth, type LocalAuth } from "./auth/local-auth.ts";
import { MissingBinaryError } from "./database/binaries.ts";
import type { PostgresServer } from "./database/postgres.ts";
import { startPostgrest } from "./database/postgrest.ts";
import { startRpcDoor } from "./database/rpc-door.ts";
import { TEMPLATE } from "./database/template.ts";

/** A database, its API and its keys. */
export interface Project {
  readonly databaseUrl: string;
  /** Connections as `postgres`. */
  readonly sql: postgres.Sql;
  readonly auth: LocalAuth;
  /** Behind the router, without a slash at the end. */
  readonly postgrestUrl: string;
}

/** What is told of a project. */
interface ProjectOptions {
  /** Where its functions, its API and its log-in are reached. */
  readonly url: string;
  /** What to call its database. */
  readonly database: string;
  /** Settings that the database's connections begin with. */
  readonly settings?: Readonly<Record<string, string>>;
  /** False: the project's legacy keys are switched off. */
  readonly legacyKeys?: boolean;
  /**
   * What to do where there is no PostgREST for the machine: `/rpc` alone is served without it. An error
   * unless told.
   */
  readonly withoutPostgrest?: () => void;
}

/** Makes one on a server that has the template. */
export async function startProject(
  server: PostgresServer,
  { url, database, settings = {}, legacyKeys = true, withoutPostgrest }: ProjectOptions,
  cleanUp: CleanUp,
): Promise<Project> {
  await server.createDatabase(database, { template: TEMPLATE, settings });
  cleanUp.add("database", () => server.dropDatabase(database));
  const databaseUrl = server.url(database);
  const sql = postgres(databaseUrl, { max: 4, onnotice: () => {} });
  cleanUp.add("connections", () => sql.end({ timeout: 2 }));
  const auth = await createLocalAuth({ url, legacyKeys });
  const api = { databaseUrl, jwks: auth.jwks };
  const postgrest = await startPostgrest(api).catch((error: unknown) => {
    if (!(error instanceof MissingBinaryError) || withoutPostgrest === undefined) throw error;
    withoutPostgrest();
    return startRpcDoor(api);
  });
  cleanUp.add("PostgREST", () => postgrest.stop());
  return { databaseUrl, sql, auth, postgrestUrl: postgrest.url };
}
