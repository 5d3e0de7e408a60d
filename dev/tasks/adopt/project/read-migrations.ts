/**
 * What tables, columns, words and views a project's migrations leave behind. Pure: the statements are
 * read by PostgreSQL's own parser, and nothing is run.
 *
 * Only what adoption asks for is followed. Statements inside `do` blocks are read, too, as if they
 * were carried out: most of them add what is not there yet.
 *
 * @module
 */

import { loadModule, type Node, parseSync } from "libpg-query";
import { alter, createTable, type Table } from "./read-tables.ts";
import { readStatements } from "./sql-statements.ts";
import { find, fullName, qualified, strings } from "./sql-syntax.ts";

/** A view. */
interface View {
  readonly schema: string;
  readonly name: string;
  /** The one table that it reads, `schema.name`; null where there are several, or it is computed. */
  readonly from: string | null;
  /** Its columns as that table names them, where they are taken over as they are. */
  readonly columns: ReadonlyMap<string, string>;
}

/** What is there after the last migration; the keys are `schema.name`. */
export interface Schema {
  readonly tables: Map<string, Table>;
  readonly views: Map<string, View>;
  readonly enums: Map<string, string[]>;
  /** Migrations that PostgreSQL's parser did not take. */
  readonly unread: string[];
}

/**
 * Reads the migrations.
 *
 * @param files Their texts by name, in any order.
 */
export async function readMigrations(files: ReadonlyMap<string, string>): Promise<Schema> {
  await loadModule();
  const schema: Schema = {
    tables: new Map(),
    views: new Map(),
    enums: new Map(),
    unread: [],
  };
  for (const [name, text] of [...files].toSorted(([a], [b]) => a < b ? -1 : 1)) {
    const { statements, isWhole } = readStatements(text, parseSync);
    if (!isWhole) schema.unread.push(name);
    for (const statement of statements) apply(schema, statement);
  }
  return schema;
}

function apply(schema: Schema, node: Node): void {
  if ("CreateStmt" in node) return createTable(schema.tables, node);
  if ("AlterTableStmt" in node) {
    const table = find(schema.tables, node.AlterTableStmt.relation);
    for (const command of table ? node.AlterTableStmt.cmds ?? [] : []) {
      if ("AlterTableCmd" in command) alter(table!, command.AlterTableCmd);
    }
  } else if ("RenameStmt" in node) rename(schema, node.RenameStmt);
  else if ("DropStmt" in node) drop(schema, node.DropStmt.objects ?? [], node.DropStmt.removeType);
  else if ("ViewStmt" in node) createView(schema, node.ViewStmt);
  else if ("CreateEnumStmt" in node) {
    const { typeName = [], vals = [] } = node.CreateEnumStmt;
    schema.enums.set(qualified(strings(typeName)), strings(vals));
  } else if ("AlterEnumStmt" in node) {
    const { typeName = [], newVal, oldVal } = node.AlterEnumStmt;
    const words = schema.enums.get(qualified(strings(typeName)));
    if (words === undefined || newVal === undefined) return;
    if (oldVal === undefined) words.push(newVal);
    else words.splice(words.indexOf(oldVal), 1, newVal);
  }
}

function rename(
  schema: Schema,
  { renameType, relation, subname, newname = "" }: Extract<
    Node,
    { RenameStmt: unknown }
  >["RenameStmt"],
): void {
  const table = find(schema.tables, relation);
  if (table === undefined) return;
  if (renameType === "OBJECT_TABLE") {
    schema.tables.delete(`${table.schema}.${table.name}`);
    schema.tables.set(`${table.schema}.${newname}`, { ...table, name: newname });
  } else if (renameType === "OBJECT_COLUMN" && subname !== undefined) {
    const column = table.columns.get(subname);
    if (column === undefined) return;
    table.columns.delete(subname);
    table.columns.set(newname, column);
    table.key = table.key.map((name) => name === subname ? newname : name);
    for (const [name, check] of table.checks) {
      if (check.column === subname) table.checks.set(name, { ...check, column: newname });
    }
  }
}

function drop(schema: Schema, objects: readonly Node[], kind: string | undefined): void {
  for (const object of objects) {
    const names = "List" in object ? strings(object.List.items ?? []) : [];
    if (kind === "OBJECT_TABLE") schema.tables.delete(qualified(names));
    else if (kind === "OBJECT_VIEW") schema.views.delete(qualified(names));
  }
}

function createView(
  schema: Schema,
  { view, query }: Extract<Node, { ViewStmt: unknown }>["ViewStmt"],
): void {
  if (view === undefined) return;
  const select = query && "SelectStmt" in query ? query.SelectStmt : {};
  const { fromClause = [], targetList = [], groupClause, distinctClause, op } = select;
  const [from, ...more] = fromClause;
  const simple = from !== undefined && more.length === 0 && "RangeVar" in from && !groupClause &&
    !distinctClause && (op ?? "SETOP_NONE") === "SETOP_NONE";
  const columns = new Map<string, string>();
  for (const target of targetList) {
    if (!("ResTarget" in target) || !target.ResTarget.val) continue;
    const { name, val } = target.ResTarget;
    if (!("ColumnRef" in val)) continue;
    const fields = val.ColumnRef.fields ?? [];
    const column = strings(fields).at(-1);
    if (fields.some((field) => "A_Star" in field) && simple) {
      const table = find(schema.tables, from.RangeVar);
      for (const each of table?.columns.keys() ?? []) columns.set(each, each);
    } else if (column !== undefined) columns.set(name ?? column, column);
  }
  schema.views.set(fullName(view), {
    schema: view.schemaname ?? "public",
    name: view.relname ?? "",
    from: simple ? fullName(from.RangeVar) : null,
    columns,
  });
}
