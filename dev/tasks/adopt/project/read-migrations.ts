/**
 * What tables, columns, words and views a project's migrations leave behind. Pure: the statements are
 * read by PostgreSQL's own parser, and nothing is run.
 *
 * Only what adoption asks for is followed. Statements inside `do` blocks are read, too, as if they
 * were carried out: most of them add what is not there yet.
 *
 * @module
 */

import { loadModule, type Node, parseSync, type RangeVar, type TypeName } from "libpg-query";
import { readStatements } from "./sql-statements.ts";

/** A column. */
interface Column {
  /** `uuid`, `int8`, `text`, …, or the name of an enum with its schema. */
  type: string;
  /** As a literal, where it is one. */
  default: string | null;
}

/** A table as the migrations leave it. */
export interface Table {
  readonly schema: string;
  readonly name: string;
  readonly columns: Map<string, Column>;
  /** Empty: none. */
  key: readonly string[];
  /** Words that a constraint allows in a column, by the constraint's name. */
  readonly checks: Map<string, { readonly column: string; readonly words: readonly string[] }>;
}

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
  readonly functions: Set<string>;
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
    functions: new Set(),
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
  if ("CreateStmt" in node) return createTable(schema, node);
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
  } else if ("CreateFunctionStmt" in node) {
    schema.functions.add(qualified(strings(node.CreateFunctionStmt.funcname ?? [])));
  }
}

function createTable(schema: Schema, node: Extract<Node, { CreateStmt: unknown }>): void {
  const { relation, tableElts = [], if_not_exists } = node.CreateStmt;
  if (relation === undefined) return;
  const full = fullName(relation);
  if (if_not_exists === true && schema.tables.has(full)) return;
  const table: Table = {
    schema: relation.schemaname ?? "public",
    name: relation.relname ?? "",
    columns: new Map(),
    key: [],
    checks: new Map(),
  };
  schema.tables.set(full, table);
  for (const element of tableElts) {
    if ("ColumnDef" in element) addColumn(table, element.ColumnDef);
    else if ("Constraint" in element) addConstraint(table, element.Constraint);
  }
}

type ColumnDef = Extract<Node, { ColumnDef: unknown }>["ColumnDef"];
type Constraint = Extract<Node, { Constraint: unknown }>["Constraint"];
type AlterTableCmd = Extract<Node, { AlterTableCmd: unknown }>["AlterTableCmd"];

function addColumn(table: Table, { colname = "", typeName, constraints = [] }: ColumnDef): void {
  if (table.columns.has(colname)) return;
  const column: Column = { type: nameOfType(typeName), default: null };
  table.columns.set(colname, column);
  for (const node of constraints) {
    if (!("Constraint" in node)) continue;
    const { contype, raw_expr } = node.Constraint;
    if (contype === "CONSTR_DEFAULT") column.default = constantsOf(raw_expr)[0] ?? null;
    else addConstraint(table, node.Constraint, colname);
  }
}

function addConstraint(table: Table, constraint: Constraint, column?: string): void {
  const { contype, conname, keys = [], raw_expr } = constraint;
  if (contype === "CONSTR_PRIMARY") table.key = column === undefined ? strings(keys) : [column];
  if (contype !== "CONSTR_CHECK") return;
  const [only, ...more] = [...new Set(columnsOf(raw_expr))];
  const words = constantsOf(raw_expr);
  if (only === undefined || more.length > 0 || words.length === 0) return;
  // As PostgreSQL names what has no name.
  table.checks.set(conname ?? `${table.name}_${only}_check`, { column: only, words });
}

function alter(table: Table, command: AlterTableCmd): void {
  const { subtype, name = "", def } = command;
  const column = table.columns.get(name);
  switch (subtype) {
    case "AT_AddColumn":
      if (def && "ColumnDef" in def) addColumn(table, def.ColumnDef);
      break;
    case "AT_DropColumn":
      table.columns.delete(name);
      break;
    case "AT_ColumnDefault":
      if (column) column.default = constantsOf(def)[0] ?? null;
      break;
    case "AT_AlterColumnType":
      if (column && def && "ColumnDef" in def) column.type = nameOfType(def.ColumnDef.typeName);
      break;
    case "AT_AddConstraint":
      if (def && "Constraint" in def) addConstraint(table, def.Constraint);
      break;
    case "AT_DropConstraint":
      table.checks.delete(name);
      break;
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
    const names = "List" in object
      ? strings(object.List.items ?? [])
      : "ObjectWithArgs" in object
      ? strings(object.ObjectWithArgs.objname ?? [])
      : [];
    if (kind === "OBJECT_TABLE") schema.tables.delete(qualified(names));
    else if (kind === "OBJECT_VIEW") schema.views.delete(qualified(names));
    else if (kind === "OBJECT_FUNCTION") schema.functions.delete(qualified(names));
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

function find<T>(named: Map<string, T>, relation: RangeVar | undefined): T | undefined {
  return relation && named.get(fullName(relation));
}

const fullName = ({ schemaname, relname = "" }: RangeVar) => qualified([schemaname ?? "", relname]);

function qualified(names: readonly string[]): string {
  return `${names.at(-2) || "public"}.${names.at(-1) ?? ""}`;
}

function nameOfType(type: TypeName | undefined): string {
  const names = strings(type?.names ?? []);
  const isArray = (type?.arrayBounds?.length ?? 0) > 0;
  const name = names.length === 1 || names[0] === "pg_catalog" ? names.at(-1)! : qualified(names);
  return isArray ? `${name}[]` : SERIAL[name] ?? name;
}

/** What a column of these really is. */
const SERIAL: Readonly<Record<string, string>> = {
  serial: "int4",
  serial4: "int4",
  bigserial: "int8",
  serial8: "int8",
  smallserial: "int2",
};

function strings(nodes: readonly Node[]): string[] {
  return nodes.flatMap((node) => "String" in node ? [node.String.sval ?? ""] : []);
}

/** Every text constant of an expression, in its order. */
function constantsOf(expression: unknown): string[] {
  return collect(expression, (node) => {
    const constant = node["A_Const"] as { sval?: { sval?: string } } | undefined;
    return constant?.sval === undefined ? undefined : constant.sval.sval ?? "";
  });
}

function columnsOf(expression: unknown): string[] {
  return collect(expression, (node) => {
    const reference = node["ColumnRef"] as { fields?: Node[] } | undefined;
    return reference && strings(reference.fields ?? []).at(-1);
  });
}

function collect(
  value: unknown,
  pick: (node: Readonly<Record<string, unknown>>) => string | undefined,
): string[] {
  if (Array.isArray(value)) return value.flatMap((each) => collect(each, pick));
  if (typeof value !== "object" || value === null) return [];
  const picked = pick(value as Readonly<Record<string, unknown>>);
  return picked === undefined
    ? Object.values(value).flatMap((each) => collect(each, pick))
    : [picked];
}
