/**
 * The existing project, alive: its own tables behind PostgREST, its own function in a process of its
 * own, and numbers on the simulated gateway.
 *
 * @module
 */

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createLocalAuth } from "../../../dev/platform/auth/local-auth.ts";
import { startPostgrest } from "../../../dev/platform/database/postgrest.ts";
import { runSqlFile } from "../../../dev/platform/database/sql-file.ts";
import { serveEvolution } from "../../../dev/evolution/serve.ts";
import {
  createEvolutionSimulator,
  type EvolutionSimulator,
} from "../../../dev/evolution/simulator.ts";
import { createCleanUp } from "../../../dev/process/clean-up.ts";
import { createRouter } from "../../../dev/platform/router.ts";
import { systemClock } from "../../../supabase/functions/_shared/runtime/clock.ts";
import { type FunctionFiles, startFunction } from "./deployed-function.ts";
import type { TestDatabase } from "../../support/database.ts";

const SUPABASE = new URL("../../../dev/platform/database/supabase-project.sql", import.meta.url);
const API_KEY = "evolution-key-of-the-firm";

/** The existing project, running. */
export interface ExistingProject {
  readonly db: TestDatabase;
  readonly gateway: EvolutionSimulator;
  /** A number, connected; returns its id. */
  addNumber(name: string): Promise<string>;
  /** Sends through the project's function; settles when the send and what follows has ended. */
  send(instanceId: string, message: Readonly<Record<string, string>>): Promise<void>;
  /** How often the gateway was asked to log a number out. */
  logouts(name: string): number;
  close(): Promise<void>;
}

/** The function's files in a copy of the project. */
export function functionFiles(folder: string): FunctionFiles {
  const own = "supabase/functions/evolution-api";
  return { folder, entrypoint: `${own}/index.ts`, importMap: `${own}/deno.json` };
}

/** Applies the folder's migrations to the empty database and starts everything. */
export async function startProject(db: TestDatabase, folder: string): Promise<ExistingProject> {
  const cleanUp = createCleanUp();
  try {
    return await start(db, folder, cleanUp);
  } catch (error) {
    await cleanUp.close();
    throw error;
  }
}

async function start(
  db: TestDatabase,
  folder: string,
  cleanUp: ReturnType<typeof createCleanUp>,
): Promise<ExistingProject> {
  await runSqlFile(`${db.server.adminUrl}/${db.name}`, SUPABASE);
  await applyMigrations(db, folder);

  const auth = await createLocalAuth({ url: "http://127.0.0.1" });
  const postgrest = await startPostgrest({ databaseUrl: db.url, jwks: auth.jwks });
  cleanUp.add("PostgREST", () => postgrest.stop());
  const router = createRouter({ postgrestUrl: postgrest.url, auth, functions: new Map(), fetch });
  const api = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, router);
  cleanUp.add("API", () => api.shutdown());

  const gateway = createEvolutionSimulator({
    clock: systemClock,
    apiKey: API_KEY,
    latency: () => 0,
  });
  cleanUp.add("gateway", () => gateway.close());
  const served = await serveEvolution(gateway);
  cleanUp.add("gateway's port", () => served.close());

  const running = await startFunction(functionFiles(folder), {
    SUPABASE_URL: `http://127.0.0.1:${api.addr.port}`,
    SUPABASE_SERVICE_ROLE_KEY: auth.serviceRoleKey,
  });
  cleanUp.add("function", () => running.stop());

  return {
    db,
    gateway,
    addNumber: async (name) => {
      const suffix = String(gateway.control.instances().length).padStart(8, "0");
      gateway.control.createPaired({ name, phone: `55119${suffix}` });
      const [row] = await db.sql<{ id: string }[]>`
        insert into public.whatsapp_instances (instance_name, api_url, api_key, status)
        values (${name}, ${served.url}, ${API_KEY}, 'connected') returning id`;
      return row!.id;
    },
    send: async (instanceId, message) => {
      const response = await fetch(running.url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ instanceId, number: "5511988887777", ...message }),
      });
      const body = await response.text();
      if (!response.ok) throw new Error(`${response.status} ${body}`);
    },
    logouts: (name) =>
      gateway.calls.filter((call) => call.route === "logout" && call.instance === name).length,
    close: () => cleanUp.close(),
  };
}

async function applyMigrations(db: TestDatabase, folder: string): Promise<void> {
  const migrations = join(folder, "supabase/migrations");
  for (const name of [...Deno.readDirSync(migrations)].map((entry) => entry.name).sort()) {
    await runSqlFile(db.url, pathToFileURL(join(migrations, name)));
  }
}
