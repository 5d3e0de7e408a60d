/**
 * The Supabase CLI as people run it, through npx.
 *
 * @module
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { databaseTest, type TestDatabase } from "../../support/database.ts";
import { foreignTest } from "./foreign-test.ts";
import { startManagementApi, type Upload } from "./management-api.ts";

/** The version that the guides name. */
export const CLI = "supabase@3.1.0";

/** How a run of the CLI ended. */
interface CliRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the CLI. */
export async function supabase(
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<CliRun> {
  const { code, stdout, stderr } = await new Deno.Command("npx", {
    args: ["-y", CLI, ...args],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: {
      SUPABASE_TELEMETRY_DISABLED: "1",
      PGSSLMODE: "disable",
      NO_COLOR: "1",
      ...options.env,
    },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Runs the CLI and returns what it wrote to standard output. */
export async function supabaseOutput(...told: Parameters<typeof supabase>): Promise<string> {
  const { code, stdout, stderr } = await supabase(...told);
  if (code !== 0) throw new Error(`supabase ${told[0].join(" ")}: ${code}\n${stdout}\n${stderr}`);
  return stdout;
}

let reason: Promise<string | null> | undefined;

/** Why the CLI cannot be had here; null where it can. */
export function cliMissing(): Promise<string | null> {
  return reason ??= supabase(["--version"]).then(
    ({ code }) => code === 0 ? null : `npx could not get ${CLI}`,
    () => "npx is not installed",
  );
}

/** Registers a test that needs the CLI. */
export async function cliTest(name: string, run: () => Promise<void>): Promise<void> {
  foreignTest(name, await cliMissing(), run);
}

/** Registers a test that needs the CLI and a database; an empty one unless told. */
export async function cliDatabaseTest(
  name: string,
  run: (db: TestDatabase) => Promise<void>,
  template: string | null = null,
): Promise<void> {
  if (await cliMissing() === null) databaseTest(name, run, { template });
  else await cliTest(name, () => Promise.resolve());
}

/** `functions deploy` of a project's copy, to an API of our own; returns what it was given. */
export async function deployFunctions(folder: string): Promise<ReadonlyMap<string, Upload>> {
  const api = startManagementApi();
  try {
    const profile = join(folder, "profile.json");
    const urls = { api_url: api.url, dashboard_url: api.url, project_host: "localhost" };
    await Deno.writeTextFile(profile, JSON.stringify({ name: "loopback", ...urls }));
    await supabaseOutput(
      [
        ...["functions", "deploy", "--use-api", "--profile", profile],
        ...["--remote=abcdefghijklmnopqrst", "--yes"],
      ],
      { cwd: folder, env: { SUPABASE_ACCESS_TOKEN: `sbp_${"0".repeat(40)}` } },
    );
    return api.uploads;
  } finally {
    await api.close();
  }
}

/** A copy of `supabase/` in a folder of its own: the CLI writes beside what it reads. */
export async function copyOfProject(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "project-" });
  const source = fileURLToPath(new URL("../../../supabase", import.meta.url));
  await new Deno.Command("cp", { args: ["-r", source, folder] }).output();
  return folder;
}
