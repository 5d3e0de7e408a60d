/**
 * The statements of a migration, those in its `do` blocks included. What the parser does not take is
 * left out, statement by statement.
 *
 * @module
 */

import type { Node, ParseResult } from "libpg-query";

/** What psql understands and PostgreSQL does not, as dumps have it. */
const META_COMMAND = /^\\.*$/gm;

/** Statements that make or change what is asked for, also in the middle of PL/pgSQL. */
const IN_A_BLOCK = /\b(?:alter\s+table|create\s+table|create\s+type|alter\s+type)\b[^;]*;/gi;

/** @returns The statements, and whether all of the text was read. */
export function readStatements(
  text: string,
  parse: (sql: string) => ParseResult,
): { readonly statements: readonly Node[]; readonly isWhole: boolean } {
  const sql = text.replaceAll(META_COMMAND, "");
  const whole = statementsOf(sql, parse);
  // One statement that it does not know hides all the others of a file.
  const parts = whole === null ? split(sql).map((part) => statementsOf(part, parse)) : [whole];
  return {
    statements: parts.flatMap((found) => found ?? []).flatMap((statement) => [
      statement,
      ...inBlock(statement).flatMap((part) => statementsOf(part, parse) ?? []),
    ]),
    isWhole: parts.every((found) => found !== null),
  };
}

function statementsOf(
  sql: string,
  parse: (sql: string) => ParseResult,
): readonly Node[] | null {
  if (sql.trim() === "") return [];
  try {
    return (parse(sql).stmts ?? []).flatMap(({ stmt }) => stmt ? [stmt] : []);
  } catch {
    return null;
  }
}

function inBlock(statement: Node): readonly string[] {
  if (!("DoStmt" in statement)) return [];
  return (statement.DoStmt.args ?? []).flatMap((argument) => {
    if (!("DefElem" in argument) || argument.DefElem.defname !== "as") return [];
    const body = argument.DefElem.arg;
    return body && "String" in body ? body.String.sval?.match(IN_A_BLOCK) ?? [] : [];
  });
}

/** At semicolons that stand outside of quotes, dollar quotes and comments. */
function split(sql: string): readonly string[] {
  const parts: string[] = [];
  const token = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"[^"]*"|(\$\w*\$)[\s\S]*?\1|;/g;
  let start = 0;
  for (const found of sql.matchAll(token)) {
    if (found[0] !== ";") continue;
    parts.push(sql.slice(start, found.index + 1));
    start = found.index + 1;
  }
  return [...parts, sql.slice(start)];
}
