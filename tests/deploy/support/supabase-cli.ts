/**
 * The Supabase CLI as people run it, through npx.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { foreignTest } from "./foreign-test.ts";

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

/** A copy of `supabase/` in a folder of its own: the CLI writes beside what it reads. */
export async function copyOfProject(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "project-" });
  const source = fileURLToPath(new URL("../../../supabase", import.meta.url));
  await new Deno.Command("cp", { args: ["-r", source, folder] }).output();
  return folder;
}
