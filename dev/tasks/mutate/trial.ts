/**
 * A copy of the project with a mistake in it, and whether its tests notice.
 *
 * @module
 */

import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { startPostgres } from "../../platform/database/postgres.ts";
import { createTemplate, SERVER_VARIABLE } from "../../platform/database/template.ts";
import { mutate, type Mutation } from "./mutation.ts";

const ROOT = new URL("../../../", import.meta.url);
const COPIED = ["deno.json", "deno.lock", "dev", "supabase", "tests"];
/** Histories that are tried where the tests noticed nothing. */
const SIMULATION = ["dev/tasks/simulate/main.ts", "--runs", "10", "--seed", "1", "--jobs", "1"];

/** Who noticed. */
type Verdict = "tests" | "simulation" | "nobody";

/** Puts the mistake into a copy and asks the tests, then the simulation. */
export async function attempt(mutation: Mutation): Promise<Verdict> {
  return await inCopy(async (folder) => {
    const path = join(folder, mutation.file);
    await Deno.writeTextFile(path, mutate(await Deno.readTextFile(path), mutation));
    if (!await passes(folder, mutation.tests)) return "tests";
    return await succeeds(folder, ["run", "-A", "--no-check", ...SIMULATION], {})
      ? "nobody"
      : "simulation";
  });
}

/** Whether all the tests pass without a mistake: otherwise their failure says nothing. */
export async function isSound(mutations: readonly Mutation[]): Promise<boolean> {
  const tests = new Set(mutations.flatMap((mutation) => mutation.tests));
  return await inCopy((folder) => passes(folder, [...tests]));
}

async function inCopy<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "mutation-"));
  try {
    for (const name of COPIED) {
      await cp(new URL(name, ROOT), join(folder, name), { recursive: true });
    }
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A server of its own: the template is made from the copy's migrations. */
async function passes(folder: string, tests: readonly string[]): Promise<boolean> {
  const server = await startPostgres();
  try {
    try {
      await createTemplate(server, pathToFileURL(join(folder, "supabase/migrations/")));
    } catch {
      // A schema that cannot be made is noticed by everybody.
      return false;
    }
    const files = tests.map((test) => `tests/${test}`);
    return await succeeds(
      folder,
      ["test", "-A", "--quiet", "--no-check", "--fail-fast", ...files],
      {
        [SERVER_VARIABLE]: server.adminUrl,
      },
    );
  } finally {
    await server.stop();
  }
}

async function succeeds(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<boolean> {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    env,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
  return success;
}
