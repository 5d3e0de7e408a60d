/**
 * Migrations that were released: somebody's database has them, so they never change again.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { z } from "zod";
import type { Finding, SourceFile } from "./finding.ts";

/** Where the checksums stand. */
export const RELEASED = "supabase/released.json";

const MIGRATIONS = "supabase/migrations/";

/** By version, what it added: a migration's file name → the SHA-256 of its text, in hex. */
type Released = Readonly<Record<string, Readonly<Record<string, string>>>>;

const released = z.record(z.string(), z.record(z.string(), z.string()));

/** What was released so far; nothing where there is no such file. */
export function readReleased(files: readonly SourceFile[]): Released {
  const file = files.find(({ path }) => path === RELEASED);
  return file === undefined ? {} : released.parse(JSON.parse(file.text));
}

/** The checksum of every migration, by its file name. */
export function sumMigrations(files: readonly SourceFile[]): ReadonlyMap<string, string> {
  return new Map(
    files
      .filter(({ path }) => path.startsWith(MIGRATIONS) && path.endsWith(".sql"))
      .map(({ path, text }) => [
        path.slice(MIGRATIONS.length),
        createHash("sha256").update(text).digest("hex"),
      ]),
  );
}

/** Released migrations that are another text or gone, and new ones that would come before them. */
export function findChangedMigrations(files: readonly SourceFile[]): Finding[] {
  const sums = sumMigrations(files);
  const known = Object.entries(readReleased(files)).flatMap(([version, added]) =>
    Object.entries(added).map(([name, sum]) => ({ version, name, sum }))
  );
  const last = known.map(({ name }) => name).toSorted().at(-1);
  const changed = known
    .filter(({ name, sum }) => sums.get(name) !== sum)
    .map(({ version, name }) => ({
      path: MIGRATIONS + name,
      sentence: sums.has(name)
        ? `was released with ${version}: leave it, and write a file with a later timestamp`
        : `was released with ${version} and is gone: bring it back`,
    }));
  const early = [...sums.keys()]
    .filter((name) => last !== undefined && name < last)
    .filter((name) => known.every((migration) => migration.name !== name))
    .map((name) => ({
      path: MIGRATIONS + name,
      sentence: `comes before ${last}, which is released: give it a later timestamp`,
    }));
  return [...changed, ...early];
}
