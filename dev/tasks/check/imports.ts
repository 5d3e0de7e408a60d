/**
 * Imports that go up, and exports that nobody imports.
 *
 * @module
 */

import type { Finding } from "./finding.ts";
import type { Module } from "./modules.ts";
import { DOCUMENTED, ENTRY_POINTS, LAYERS } from "./rules.ts";

function isIn(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => path === folder || path.startsWith(`${folder}/`));
}

/** The folder that is a file's layer, and what that may import. */
function layerOf(path: string) {
  const names = path.split("/");
  for (const { folder, mayImport } of LAYERS) {
    const pattern = folder.split("/");
    const fits = (name: string, at: number) =>
      name === "*" ? !names[at]?.startsWith("_") : name === names[at];
    if (pattern.every(fits)) {
      return { folder: names.slice(0, pattern.length).join("/"), mayImport };
    }
  }
  return null;
}

/** What a file imports although its layer may not. */
export function findUpwardImports(modules: readonly Module[]): Finding[] {
  return modules.flatMap(({ path, imports }) => {
    const layer = layerOf(path);
    if (!layer) {
      return [{ path, sentence: "is in no layer: give its folder a row in check/rules.ts" }];
    }
    const { folder, mayImport } = layer;
    const allowed = mayImport.join(", ") || "nothing";
    return [...new Set(imports.map(({ to }) => to))]
      .filter((to) => !isIn(to, [folder, ...mayImport]))
      .map((to) => ({
        path,
        sentence: `imports ${to}, but ${folder} may import ${allowed}: ` +
          "move what it needs down, or have it passed in",
      }));
  });
}

/**
 * Files that nobody imports, and names that nobody imports.
 *
 * @param modules All that import, tests too: what only they use is used.
 * @param tasks The text of deno.json: what its tasks start is an entry point.
 */
export function findUnusedExports(modules: readonly Module[], tasks: string): Finding[] {
  const imports = modules.flatMap((module) => module.imports);
  const files = new Set([...imports.map(({ to }) => to), ...tasks.match(/[\w./-]+\.ts\b/g) ?? []]);
  const used = new Set(imports.flatMap(({ to, names }) => names.map((name) => `${to} ${name}`)));
  return modules.flatMap(({ path, exports }) => {
    const entry = ENTRY_POINTS.find((each) => each.path.test(path));
    if (entry?.open || used.has(`${path} *`)) return [];
    if (!entry && !files.has(path)) {
      return [{ path, sentence: "is imported by nobody: delete it, or say in rules.ts who for" }];
    }
    return exports
      .filter(({ name, inSignature }) =>
        !used.has(`${path} ${name}`) && !(inSignature && isIn(path, DOCUMENTED))
      )
      .map(({ name }) => ({
        path,
        sentence: `exports ${name}, which nobody imports: take away the "export", or all of it`,
      }));
  });
}
