/**
 * The one line in a file that sends. Pure.
 *
 * @module
 */

import { posix } from "node:path";
import { MODULE, type SourceFile } from "./project/read-functions.ts";

/** Lines that have to stand first: a hashbang, references, and what is said to tools about a file. */
const FIRST_LINES = /^(?:#!|\/\/\/\s*<|\/\/\s*(?:@ts-|deno-|eslint|@jsx|biome)|\s*$)/;

const LINE = /^import \{ fetch \} from (["'])[^"'\n]*\/ghost-repair\/fetch\.ts\1;?\r?\n/m;

/** The file's text with the line in it; as it is where it is there. */
export function addImportLine(file: SourceFile): string {
  const { path, text, isWatched, lastImportEnd } = file;
  if (isWatched) return text;
  const relative = posix.relative(posix.dirname(path), MODULE);
  const specifier = relative.startsWith(".") ? relative : `./${relative}`;
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  const lastImport = text.slice(0, lastImportEnd);
  const quote = quoteOf(text);
  const semicolon = lastImportEnd === 0 || lastImport.endsWith(";") ? ";" : "";
  const line = `import { fetch } from ${quote}${specifier}${quote}${semicolon}${newline}`;
  const at = placeOf(text, lastImportEnd);
  return `${text.slice(0, at)}${line}${text.slice(at)}`;
}

/** The quotes that a file uses: those of its imports, or else those it has more of. */
export function quoteOf(text: string): "'" | '"' {
  const [, imported] = /(?:from|import)\s+(["'])[^"'\n]*\1/.exec(text) ?? [];
  if (imported !== undefined) return imported === "'" ? "'" : '"';
  return text.split("'").length > text.split('"').length ? "'" : '"';
}

/** The file's text without the line, to the byte as it was. */
export function removeImportLine(text: string): string {
  return text.replace(LINE, "");
}

function placeOf(text: string, lastImportEnd: number): number {
  const end = text.indexOf("\n", lastImportEnd);
  const rest = end < 0 ? text.slice(lastImportEnd) : text.slice(lastImportEnd, end);
  // Code behind an import on its line: then the top of the file is the place.
  if (lastImportEnd > 0 && end >= 0 && /^\s*(?:\/\/.*|\/\*.*\*\/\s*)?$/.test(rest)) return end + 1;
  let at = 0;
  while (true) {
    const next = text.indexOf("\n", at);
    if (next < 0 || !FIRST_LINES.test(text.slice(at, next))) return at;
    at = next + 1;
  }
}
