/**
 * The architecture of a tree of files, judged by the rules beside this file. Pure: a test plants
 * what it likes.
 *
 * @module
 */

import { findCircles } from "./circles.ts";
import type { Finding, SourceFile } from "./finding.ts";
import { findUnusedExports, findUpwardImports } from "./imports.ts";
import { findSecondDefinitions } from "./limits.ts";
import { findForwardReferences } from "./migrations.ts";
import { readModule } from "./modules.ts";
import { findChangedMigrations } from "./released.ts";
import { FULL_FOLDER, NOT_OURS } from "./rules.ts";

/** Folders that hold more files than a person looks through. */
function findFullFolders(files: readonly SourceFile[]): Finding[] {
  const folders = Map.groupBy(files, ({ path }) => path.slice(0, path.lastIndexOf("/") + 1));
  return [...folders]
    .filter(([path, { length }]) => length > FULL_FOLDER.files && !FULL_FOLDER.except.test(path))
    .map(([path, { length }]) => ({
      path,
      sentence: `holds ${length} files: give a subject of them a folder`,
    }));
}

/** Everything that is wrong with a tree, rule by rule. */
export function examineArchitecture(tree: readonly SourceFile[]) {
  const files = tree.filter(({ path }) => !NOT_OURS.test(path));
  const modules = files.filter(({ path }) => /\.[jt]sx?$/.test(path)).map(readModule);
  const tasks = files.find(({ path }) => path === "deno.json")?.text ?? "";
  const product = files.filter(({ path }) =>
    /\.(?:sql|[jt]sx?)$/.test(path) && !/^(?:dev|tests)\//.test(path)
  );
  return {
    "second definition": findSecondDefinitions(product),
    "full folder": findFullFolders(files),
    "changed migration": findChangedMigrations(files),
    "circle": findCircles(modules),
    "upward import": findUpwardImports(modules),
    "forward reference": findForwardReferences(
      files.filter(({ path }) => path.startsWith("supabase/migrations/")),
    ),
    "unused export": findUnusedExports(modules, tasks),
  };
}

/** Each finding as a line, and below them the counts, the three lesser rules first. */
export function describeArchitecture(found: ReturnType<typeof examineArchitecture>): string[] {
  const lines = Object.entries(found).flatMap(([rule, findings]) =>
    findings.map(({ path, sentence }) => `${rule}: ${path} ${sentence}`)
  );
  const counts = Object.entries(found).map(([rule, { length }]) =>
    `${length} ${rule}${length === 1 ? "" : "s"}`
  );
  const say = (some: readonly string[]) => `architecture: ${some.join(", ")}`;
  return [...lines, say(counts.slice(0, 3)), say(counts.slice(3))];
}
