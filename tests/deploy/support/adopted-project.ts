/**
 * Somebody else's project, alive: its own tables behind PostgREST, its own functions in processes of
 * their own, and numbers on the simulated gateway. What changes it is what people run: the command, and
 * the Supabase CLI.
 *
 * @module
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createEvolutionSimulator } from "../../../dev/evolution/simulator.ts";
import { serveEvolution } from "../../../dev/evolution/serve.ts";
import { createLocalAuth } from "../../../dev/platform/auth/local-auth.ts";
import { startPostgrest } from "../../../dev/platform/database/postgrest.ts";
import { runSqlFile } from "../../../dev/platform/database/sql-file.ts";
import { createRouter } from "../../../dev/platform/router.ts";
import { createCleanUp } from "../../../dev/process/clean-up.ts";
import { systemClock } from "../../../supabase/functions/_shared/runtime/clock.ts";
import { folderOf, type ProjectKind } from "../../adopt/projects.ts";
import type { TestDatabase } from "../../support/database.ts";
import { startFunction } from "./deployed-function.ts";
import { supabaseOutput } from "./supabase-cli.ts";

const SUPABASE = new URL("../../../dev/platform/database/supabase-project.sql", import.meta.url);
const COMMAND = fileURLToPath(new URL("../../../dev/tasks/adopt/main.ts", import.meta.url));
const API_KEY = "evolution-key";

/** How a run of the command ended. */
interface CommandRun {
  readonly code: number;
  readonly said: string;
}

/** A copy of a project. */
interface ProjectCopy {
  readonly folder: string;
  /** `deno task adopt --into <the copy>` with these options. */
  adopt(...options: readonly string[]): Promise<CommandRun>;
  /** Every file's text, by path. */
  files(): Promise<ReadonlyMap<string, string>>;
  remove(): Promise<void>;
}

/** Copies a kind's fixture. */
export async function copyProject(kind: ProjectKind): Promise<ProjectCopy> {
  // As people call theirs.
  const folder = await Deno.makeTempDir({ prefix: "adopted project " });
  await new Deno.Command("cp", { args: ["-r", join(folderOf(kind), "supabase"), folder] }).output();
  return {
    folder,
    adopt: async (...options) => {
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", COMMAND, "--into", folder, ...options],
        env: { NO_COLOR: "1" },
        stdin: "null",
      }).output();
      const [out, error] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
      return { code, said: `${out}${error}` };
    },
    files: async () => new Map(await Array.fromAsync(readFiles(folder, ""))),
    remove: () => Deno.remove(folder, { recursive: true }),
  };
}

async function* readFiles(root: string, folder: string): AsyncGenerator<[string, string]> {
  let isEmpty = true;
  for await (const { name, isDirectory } of Deno.readDir(join(root, folder))) {
    isEmpty = false;
    const path = folder === "" ? name : `${folder}/${name}`;
    // The CLI's own.
    if (name === ".temp" || name === ".branches") continue;
    if (isDirectory) yield* readFiles(root, path);
    else yield [path, await Deno.readTextFile(join(root, path))];
  }
  if (isEmpty) yield [`${folder}/`, ""];
}

/** Makes the database what a hosted project's is before its first migration. */
export function prepareDatabase(db: TestDatabase): Promise<void> {
  return runSqlFile(`${db.server.adminUrl}/${db.name}`, SUPABASE);
}

/** `supabase db push` of the copy. */
export function push(db: TestDatabase, folder: string): Promise<string> {
  return supabaseOutput(["db", "push", `--remote=${db.url}`, "--yes"], { cwd: folder });
}

/** The project, running. */
interface RunningProject {
  readonly gateway: ReturnType<typeof createEvolutionSimulator>;
  /** A number, connected; returns its id. */
  addNumber(name: string): Promise<string>;
  /** Sends through the project's own function; a text, or a picture. */
  send(kind: "text" | "media", id: string): Promise<void>;
  /** Resolves when a repair writes such a line into the log. */
  repairSays(words: RegExp): Promise<void>;
  /** Calls another of its functions; returns the status and the body. */
  call(name: string, init: RequestInit): Promise<readonly [status: number, body: string]>;
  /** How often the gateway was asked to log a number out. */
  logouts(name: string): number;
  close(): Promise<void>;
}

/** Starts the pushed project, and `more` of its functions than those that send. */
export async function startProject(
  db: TestDatabase,
  kind: ProjectKind,
  folder: string,
  more: readonly string[] = [],
): Promise<RunningProject> {
  const cleanUp = createCleanUp();
  try {
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

    const waiting = new Map<RegExp, () => void>();
    const urls = new Map<string, string>();
    const others = more.map((name) => ({ name, importMap: kind.sends.text.importMap }));
    for (const { name, importMap } of new Set([...Object.values(kind.sends), ...others])) {
      if (urls.has(name)) continue;
      const files = { folder, entrypoint: `supabase/functions/${name}/index.ts`, importMap };
      const running = await startFunction(files, {
        SUPABASE_URL: `http://127.0.0.1:${api.addr.port}`,
        SUPABASE_SERVICE_ROLE_KEY: auth.serviceRoleKey,
        ...kind.environment(served.url, API_KEY),
      }, (line) => {
        for (const [words, resolve] of waiting) {
          if (line.startsWith("ghost repair: ") && words.test(line)) resolve();
        }
      });
      cleanUp.add(name, () => running.stop());
      urls.set(name, running.url);
    }
    return {
      gateway,
      addNumber: async (name) => {
        const suffix = String(gateway.control.instances().length).padStart(8, "0");
        gateway.control.createPaired({ name, phone: `55119${suffix}` });
        const [row] = await db.sql.unsafe<{ id: string }[]>(kind.insert, [name, served.url]);
        for (const statement of kind.afterInsert(API_KEY)) await db.sql.unsafe(statement);
        return row!.id;
      },
      send: async (what, id) => {
        const { name: called, body } = kind.sends[what];
        const response = await fetch(urls.get(called)!, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body(id)),
        });
        await response.text();
      },
      call: async (name, init) => {
        const response = await fetch(urls.get(name)!, { method: "POST", ...init });
        return [response.status, await response.text()] as const;
      },
      repairSays: (words) => new Promise((resolve) => waiting.set(words, resolve)),
      logouts: (name) =>
        gateway.calls.filter((call) => call.route === "logout" && call.instance === name).length,
      close: () => cleanUp.close(),
    };
  } catch (error) {
    await cleanUp.close();
    throw error;
  }
}
