/**
 * Whether a change breaks a function's types: the functions are checked in a copy, as they are and as
 * they would be. Nothing is written in the project.
 *
 * @module
 */

import { dirname, join } from "node:path";
import type { Change } from "./change.ts";
import type { SourceFile } from "./project/read-functions.ts";

const FUNCTIONS = "supabase/functions";
const CONFIGS = ["deno.json", "deno.jsonc"];
const MAPS = ["import_map.json"];

/** What the check found. */
interface TypeReport {
  /** Functions that were checked. */
  readonly checked: readonly string[];
  /** What is wrong afterwards and was not before, with the function it is in. */
  readonly broken: readonly string[];
  /** Functions with mistakes of their own, also before. */
  readonly unwell: readonly string[];
  /** Functions that cannot be checked here, because a package of theirs cannot be had. */
  readonly unknown: readonly string[];
}

/** The entries of the functions that a file is part of. */
export function entriesOf(
  paths: ReadonlySet<string>,
  files: ReadonlyMap<string, SourceFile>,
): readonly string[] {
  const reaches = (path: string, seen: Set<string>): boolean => {
    if (paths.has(path)) return true;
    if (seen.has(path)) return false;
    seen.add(path);
    return (files.get(path)?.imports ?? []).some((each) => reaches(each, seen));
  };
  return [...files.keys()].filter((path) =>
    /^supabase\/functions\/[^_/][^/]*\/index\.[jt]sx?$/.test(path) && reaches(path, new Set())
  ).toSorted();
}

/**
 * Checks the functions before and after.
 *
 * @param root The project's folder.
 * @param entries From the root.
 */
export async function checkTypes(
  root: string,
  entries: readonly string[],
  changes: readonly Change[],
): Promise<TypeReport> {
  const copy = await Deno.makeTempDir({ prefix: "adopt-" });
  try {
    await copyFolder(join(root, FUNCTIONS), join(copy, FUNCTIONS));
    for (const name of [...CONFIGS, ...MAPS]) await copyFile(join(root, name), join(copy, name));
    const before = new Map<string, readonly string[]>();
    for (const entry of entries) before.set(entry, await check(copy, entry));
    for (const { path, after } of changes) {
      if (after === null) continue;
      await Deno.mkdir(dirname(join(copy, path)), { recursive: true });
      await Deno.writeTextFile(join(copy, path), after);
    }
    const broken: string[] = [];
    for (const entry of entries) {
      const known = [...before.get(entry)!];
      for (const mistake of await check(copy, entry)) {
        const at = known.indexOf(mistake);
        if (at >= 0) known.splice(at, 1);
        else broken.push(`${entry}: ${mistake}`);
      }
    }
    const isUnwell = (entry: string) => before.get(entry)!.some((said) => said.startsWith("TS"));
    const silent = entries.filter((entry) => before.get(entry)!.length > 0 && !isUnwell(entry));
    return {
      checked: entries.filter((entry) => !silent.includes(entry)),
      broken,
      unwell: entries.filter(isUnwell),
      unknown: silent,
    };
  } finally {
    await Deno.remove(copy, { recursive: true });
  }
}

/** What Deno finds wrong, without the places, which one more line moves. */
async function check(root: string, entry: string): Promise<readonly string[]> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["check", "--quiet", "--no-lock", "--node-modules-dir=none"],
      ...await configOf(root, entry),
      join(root, entry),
    ],
    cwd: root,
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    stdin: "null",
  }).output();
  if (success) return [];
  const said = new TextDecoder().decode(stderr).replaceAll(root, "").replaceAll(/:\d+:\d+/g, "");
  const mistakes = [...said.matchAll(/^(?:TS\d+ \[ERROR\]|error):.*$/gm)].map(([line]) => line)
    .filter((line) => !/^error: Type checking failed/.test(line));
  return mistakes.length > 0 ? mistakes : [said.trim()];
}

/** The project's own import map: the nearest, from the function up to the root. */
async function configOf(root: string, entry: string): Promise<readonly string[]> {
  for (let folder = dirname(entry);; folder = dirname(folder)) {
    for (const name of CONFIGS) {
      if (await exists(join(root, folder, name))) return ["--config", join(root, folder, name)];
    }
    for (const name of MAPS) {
      if (await exists(join(root, folder, name))) {
        return ["--no-config", "--import-map", join(root, folder, name)];
      }
    }
    if (folder === ".") return ["--no-config"];
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}

async function copyFile(from: string, to: string): Promise<void> {
  if (await exists(from)) await Deno.copyFile(from, to);
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory, isFile } of Deno.readDir(from)) {
    if (name === "node_modules" || name.startsWith(".")) continue;
    if (isDirectory) await copyFolder(join(from, name), join(to, name));
    else if (isFile) await Deno.copyFile(join(from, name), join(to, name));
  }
}
