/**
 * The repository's files. Walked, not asked of git, which is silent in an unpacked archive and in
 * another user's clone.
 *
 * @module
 */

import type { SourceFile } from "./finding.ts";

/** What is no source of the project. */
const SKIPPED: ReadonlySet<string> = new Set([
  ".git",
  ".state",
  "coverage",
  "dist",
  "node_modules",
  "screenshots",
]);

/** The files under these places, each a file or a folder; of none, all files. */
export function listFiles(...places: readonly string[]): string[] {
  if (places.length === 0) return entriesOf(".").flatMap((name) => listFiles(name));
  return places.flatMap((place) =>
    Deno.statSync(place).isFile
      ? [place]
      : entriesOf(place).flatMap((name) => listFiles(`${place}/${name}`))
  );
}

function entriesOf(folder: string): string[] {
  return [...Deno.readDirSync(folder)]
    .filter(({ name, isSymlink }) => !isSymlink && !SKIPPED.has(name))
    .map(({ name }) => name)
    .sort();
}

/** Every file; of those that no rule reads, the name alone. */
export async function readTree(): Promise<SourceFile[]> {
  return await Promise.all(
    listFiles().map(async (path) => {
      const text = /\.(?:sql|[jt]sx?)$|^deno\.json$|^supabase\/released\.json$/.test(path)
        ? await Deno.readTextFile(path)
        : "";
      return { path, text };
    }),
  );
}
