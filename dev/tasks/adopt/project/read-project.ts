/**
 * Reads a project's files: migrations, functions, and who sends elsewhere. Changes nothing.
 *
 * @module
 */

import { join } from "node:path";
import { readSourceFile, type SourceFile } from "./read-functions.ts";
import { readMigrations, type Schema } from "./read-migrations.ts";
import { Refusal } from "../refusal.ts";

/** A project as its files say. */
export interface Project {
  readonly root: string;
  /** Migrations' texts, by name. */
  readonly migrations: ReadonlyMap<string, string>;
  readonly schema: Schema;
  /** The files below `supabase/functions`, by path from the root. */
  readonly files: ReadonlyMap<string, SourceFile>;
  /** Files elsewhere that name a send. */
  readonly outside: readonly string[];
}

const FUNCTIONS = "supabase/functions";
const MIGRATIONS = "supabase/migrations";
const SOURCE = /\.(?:[cm]?[jt]s|[jt]sx)$/;
const SEND = /\/message\/send[A-Z]/;
/** Not the project's own, or not its source. */
const PASSED_BY: ReadonlySet<string> = new Set([
  "node_modules",
  "dist",
  "build",
  "coverage",
  "vendor",
]);
/** A source file longer than this was made by a program. In bytes. */
const LONGEST = 1_000_000;

/**
 * Reads it.
 *
 * @param root The folder with `supabase/` in it.
 * @throws {Refusal} Where that is no Supabase project with migrations and functions.
 */
export async function readProject(root: string): Promise<Project> {
  const migrations = new Map<string, string>();
  for (const name of await list(join(root, MIGRATIONS))) {
    if (!/^\d+_.*\.sql$/.test(name)) continue;
    migrations.set(name, await Deno.readTextFile(join(root, MIGRATIONS, name)));
  }
  if (migrations.size === 0) {
    throw new Refusal(
      `${join(root, MIGRATIONS)} holds no migration: --into is a Supabase project's folder`,
    );
  }
  const files = new Map<string, SourceFile>();
  const outside: string[] = [];
  for await (const path of walk(root, "")) {
    const text = await Deno.readTextFile(join(root, path));
    if (path.startsWith(`${FUNCTIONS}/`)) files.set(path, readSourceFile(path, text));
    else if (SEND.test(text)) outside.push(path);
  }
  if (files.size === 0) throw new Refusal(`${join(root, FUNCTIONS)} holds no function`);
  return {
    root,
    migrations,
    schema: await readMigrations(migrations),
    files,
    outside: outside.toSorted(),
  };
}

async function list(folder: string): Promise<readonly string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).toSorted();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

async function* walk(root: string, folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory, isFile } of Deno.readDir(join(root, folder))) {
    const path = folder === "" ? name : `${folder}/${name}`;
    if (name.startsWith(".") || PASSED_BY.has(name)) continue;
    if (isDirectory) yield* walk(root, path);
    else if (isFile && SOURCE.test(name) && !name.endsWith(".d.ts")) {
      if ((await Deno.stat(join(root, path))).size <= LONGEST) yield path;
    }
  }
}
