/**
 * What a file of TypeScript or JavaScript imports and exports, by name.
 *
 * Read by `oxc-parser`: `deno info` knows which file imports which, but no names, and wants a
 * process for each entry. Two things stand where a parser of modules does not look, and are found
 * by a regular expression: `import("…")` in a type or in the JSDoc of a script, and
 * `new URL("…", import.meta.url)` of a file that a worker or a process is started with.
 *
 * @module
 */

import { parseSync } from "oxc-parser";
import type { SourceFile } from "./finding.ts";

/** One file's use of another. */
interface Import {
  readonly to: string;
  /** `*` where it may be any of them. */
  readonly names: readonly string[];
  /** It is only named by its address: started, not loaded. */
  readonly byAddress: boolean;
}

/** A name that a file gives. */
interface Export {
  readonly name: string;
  /** A type that another export of the file speaks of. */
  readonly inSignature: boolean;
}

/** What a file takes and gives. */
export interface Module {
  readonly path: string;
  readonly imports: readonly Import[];
  readonly exports: readonly Export[];
}

const TYPE_IMPORT = /\bimport\(\s*["'](\.[^"']+)["']\s*,?\s*\)(?:\.(\w+))?/g;
const ADDRESS = /\bnew URL\(\s*["']([^"':]+\.[jt]sx?)["'],\s*import\.meta\.url,?\s*\)/g;

function nameOf(name: { readonly kind: string; readonly name?: string | null }): string {
  return name.kind === "Default" ? "default" : name.name ?? "*";
}

/** Reads one file. Which packages it imports is no question of the architecture. */
export function readModule({ path, text }: SourceFile): Module {
  const { staticImports, staticExports } = parseSync(path, text).module;
  const imports: Import[] = [];
  const add = (specifier: string, names: readonly string[], byAddress = false) => {
    const to = new URL(specifier, `file:///${path}`).pathname.slice(1);
    if (byAddress || specifier.startsWith(".")) imports.push({ to, names, byAddress });
  };
  for (const { moduleRequest, entries } of staticImports) {
    add(moduleRequest.value, entries.map(({ importName }) => nameOf(importName)));
  }
  const exported = staticExports.flatMap(({ entries }) => entries);
  for (const { moduleRequest, importName } of exported) {
    if (moduleRequest) add(moduleRequest.value, [nameOf(importName)]);
  }
  for (const [, specifier = "", name = "*"] of text.matchAll(TYPE_IMPORT)) add(specifier, [name]);
  for (const [, specifier = ""] of text.matchAll(ADDRESS)) add(specifier, [], true);

  // `export * from` gives what the other file gives: that one is judged where it stands.
  const exports = exported.filter(({ exportName }) => exportName.kind !== "None").map((entry) => {
    const name = nameOf(entry.exportName);
    const word = new RegExp(`\\b${name}\\b`);
    const inSignature = entry.isType &&
      exported.some((other) => other !== entry && word.test(text.slice(other.start, other.end)));
    return { name, inSignature };
  });
  return { path, imports, exports };
}
