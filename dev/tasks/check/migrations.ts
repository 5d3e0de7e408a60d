/**
 * Names in migrations that only a later migration creates.
 *
 * Read by regular expressions: a parser of PostgreSQL gives a function's body as one string, and
 * what is looked for is a qualified name, which every body spells out because its `search_path` is
 * empty. Functions are told apart by name, not by their arguments.
 *
 * @module
 */

import type { Finding, SourceFile } from "./finding.ts";

const CREATED =
  /\bcreate\s+(?:or\s+replace\s+)?(table|(?:materialized )?view|function|procedure|type|domain|sequence|schema|trigger)\s+(?:if\s+not\s+exists\s+)?([\w.]+)/gi;

/** A literal that is code, no message: a name, alone or with arguments, or a statement. */
const CODE_LITERAL = /^'\s*(?:\w+\.\w+\s*(?:\([^']*\))?'$|(?:select|call|insert|update|delete)\s)/i;

/** SQL without its comments; literals stay, and so does what stands between dollar signs. */
export function withoutComments(sql: string): string {
  const commentOrLiteral = /('(?:[^']|'')*')|--[^\n]*|\/\*[\s\S]*?\*\//g;
  return sql.replace(commentOrLiteral, (_, literal?: string) => literal ?? " ");
}

function codeOf({ path, text }: SourceFile) {
  const sql = withoutComments(text).replace(
    /'(?:[^']|'')*'/g,
    (literal) => CODE_LITERAL.test(literal) ? literal : "''",
  );
  return { path, sql };
}

function isNamed(kind: string, name: string, sql: string): boolean {
  // A schema is named by what is in it; a trigger's name is one word, so it must be said to be one.
  const before = kind === "trigger" ? "\\btrigger\\s+(?:if\\s+exists\\s+)?" : "(?<![\\w.])";
  const after = kind === "schema" ? "(?=\\.\\w)" : "(?![\\w.])";
  return new RegExp(before + name.replace(".", "\\.") + after, "i").test(sql);
}

/** Every name that a migration uses before it is there. */
export function findForwardReferences(migrations: readonly SourceFile[]): Finding[] {
  const inOrder = migrations.map(codeOf).sort((a, b) => a.path < b.path ? -1 : 1);
  const made = new Map<string, { kind: string; by: string }>();
  for (const { path, sql } of inOrder) {
    for (const [, kind = "", name = ""] of sql.matchAll(CREATED)) {
      if (!made.has(name)) made.set(name, { kind: kind.toLowerCase(), by: path });
    }
  }
  return inOrder.flatMap(({ path, sql }) =>
    [...made]
      .filter(([name, { kind, by }]) => by > path && isNamed(kind, name, sql))
      .map(([name, { kind, by }]) => ({
        path,
        sentence: `names the ${kind} ${name}, which only ${by} creates: ` +
          "create it here, or let the later one register itself",
      }))
  );
}
