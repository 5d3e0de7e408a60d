/**
 * Which words a file writes to the columns of its tables, and asks them for. Pure.
 *
 * @module
 */

import { type AstNode, isNode, textOf, textsIn, walk } from "./syntax.ts";

/** Words, from what says most to what says least. */
export interface Words {
  /** Tables that are named in `.from("…")`. */
  readonly tables: ReadonlySet<string>;
  /** By table and column: written with `.from(table).update(…)`, or compared with `.eq(…)`. */
  readonly written: ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;
  /** Every text of the file that is a word alone. */
  readonly all: ReadonlySet<string>;
}

const WRITES: ReadonlySet<string> = new Set(["update", "insert", "upsert"]);
const COMPARES: ReadonlySet<string> = new Set(["eq", "neq", "in", "is"]);
const WORD = /^[\p{L}_-]{2,30}$/u;

/** Collects the words of a parsed file. */
export function collectWords(program: unknown): Words {
  const declared = readDeclared(program);
  const tables = new Set<string>();
  const written = new Map<string, Map<string, Set<string>>>();
  const all = new Set<string>();
  const add = (table: string, column: string, words: readonly string[]) => {
    const columns = written.get(table) ?? new Map<string, Set<string>>();
    const known = columns.get(column) ?? new Set<string>();
    for (const word of words) if (WORD.test(word)) known.add(word);
    written.set(table, columns.set(column, known));
  };

  walk(program, (node) => {
    if (node.type === "Literal" && typeof node["value"] === "string" && WORD.test(node["value"])) {
      all.add(node["value"]);
    }
    const call = readCall(node);
    if (call === null) return;
    const [first, second] = call.arguments;
    if (call.method === "from") {
      const table = textOf(first);
      if (table !== null && first?.type === "Literal") tables.add(table);
    }
    const table = tableOf(call.object);
    if (table === null || first === undefined) return;
    if (WRITES.has(call.method)) {
      for (const [column, words] of columnsIn(first, declared)) add(table, column, words);
    } else if (COMPARES.has(call.method)) {
      const column = textOf(first);
      if (column !== null) add(table, column, textsIn(second));
    }
  });
  return { tables, written, all };
}

/** `object.method(…)`. */
interface MethodCall {
  readonly method: string;
  readonly object: unknown;
  readonly arguments: readonly AstNode[];
}

/** Reads one; null of anything else. */
export function readCall(node: AstNode): MethodCall | null {
  if (node.type !== "CallExpression" || !isNode(node["callee"])) return null;
  const { callee } = node;
  if (callee.type !== "MemberExpression" || callee["computed"] === true) return null;
  const method = textOf(callee["property"]);
  if (method === null) return null;
  return { method, object: callee["object"], arguments: node["arguments"] as AstNode[] };
}

/** The table that a chain of calls begins with. */
function tableOf(chain: unknown): string | null {
  let node = chain;
  while (isNode(node)) {
    const call = readCall(node);
    if (call?.method === "from") return textOf(call.arguments[0]);
    // `(db.from("x") as any).update(…)`, `db.from("x").select().eq(…)`
    node = call !== null ? call.object : node["expression"] ?? node["argument"];
  }
  return null;
}

/** What each variable is set to, wherever that is; what a property is set to later, by its name. */
function readDeclared(program: unknown): ReadonlyMap<string, readonly unknown[]> {
  const declared = new Map<string, unknown[]>();
  const add = (name: string | null, value: unknown) => {
    if (name !== null) declared.set(name, [...declared.get(name) ?? [], value]);
  };
  walk(program, (node) => {
    if (node.type === "VariableDeclarator") add(textOf(node["id"]), node["init"]);
    if (node.type !== "AssignmentExpression" || !isNode(node["left"])) return;
    const { left } = node;
    if (left.type === "Identifier") add(textOf(left), node["right"]);
    else if (left.type === "MemberExpression" && isNode(left["object"])) {
      const owner = textOf(left["object"]);
      const property = textOf(left["property"]);
      if (owner !== null && property !== null) add(`${owner}.${property}`, node["right"]);
    }
  });
  return declared;
}

function* columnsIn(
  written: AstNode,
  declared: ReadonlyMap<string, readonly unknown[]>,
): Generator<readonly [column: string, words: readonly string[]]> {
  if (written.type === "Identifier") {
    const name = String(written["name"]);
    for (const value of declared.get(name) ?? []) {
      if (isNode(value) && value.type !== "Identifier") yield* columnsIn(value, declared);
    }
    for (const [property, values] of declared) {
      if (!property.startsWith(`${name}.`)) continue;
      yield [property.slice(name.length + 1), values.flatMap((value) => wordsOf(value, declared))];
    }
    return;
  }
  const objects = written.type === "ArrayExpression"
    ? (written["elements"] as unknown[]).filter(isNode)
    : [written];
  for (const object of objects) {
    for (const property of (object["properties"] ?? []) as AstNode[]) {
      const column = textOf(property["key"]);
      if (column !== null) yield [column, wordsOf(property["value"], declared)];
    }
  }
}

/** The texts of an expression, and of the variables in it, one step far. */
function wordsOf(value: unknown, declared: ReadonlyMap<string, readonly unknown[]>): string[] {
  const words = [...textsIn(value)];
  walk(value, (node) => {
    if (node.type !== "Identifier") return;
    for (const set of declared.get(String(node["name"])) ?? []) words.push(...textsIn(set));
  });
  return words;
}
