/**
 * Tables as statements make and change them. Pure.
 *
 * @module
 */

import type { Node } from "libpg-query";
import { columnsOf, constantsOf, fullName, nameOfType, strings } from "./sql-syntax.ts";

/** A column. */
interface Column {
  /** `uuid`, `int8`, `text`, …, or the name of an enum with its schema. */
  type: string;
  /** As a literal, where it is one. */
  default: string | null;
  /** What it refers to; an empty column: the table's key. */
  references: { readonly table: string; readonly column: string } | null;
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

/** Makes the table that a statement makes. */
export function createTable(
  tables: Map<string, Table>,
  node: Extract<Node, { CreateStmt: unknown }>,
): void {
  const { relation, tableElts = [], if_not_exists } = node.CreateStmt;
  if (relation === undefined) return;
  const full = fullName(relation);
  if (if_not_exists === true && tables.has(full)) return;
  const table: Table = {
    schema: relation.schemaname ?? "public",
    name: relation.relname ?? "",
    columns: new Map(),
    key: [],
    checks: new Map(),
  };
  tables.set(full, table);
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
  const column: Column = { type: nameOfType(typeName), default: null, references: null };
  table.columns.set(colname, column);
  for (const node of constraints) {
    if (!("Constraint" in node)) continue;
    const { contype, raw_expr } = node.Constraint;
    if (contype === "CONSTR_DEFAULT") column.default = constantsOf(raw_expr)[0] ?? null;
    else addConstraint(table, node.Constraint, colname);
  }
}

function addConstraint(table: Table, constraint: Constraint, column?: string): void {
  const { contype, conname, keys = [], raw_expr, pktable, fk_attrs = [], pk_attrs = [] } =
    constraint;
  if (contype === "CONSTR_PRIMARY") table.key = column === undefined ? strings(keys) : [column];
  const from = table.columns.get(column ?? strings(fk_attrs)[0] ?? "");
  if (contype === "CONSTR_FOREIGN" && pktable !== undefined && from !== undefined) {
    from.references = { table: fullName(pktable), column: strings(pk_attrs)[0] ?? "" };
  }
  if (contype !== "CONSTR_CHECK") return;
  const [only, ...more] = [...new Set(columnsOf(raw_expr))];
  const words = constantsOf(raw_expr);
  if (only === undefined || more.length > 0 || words.length === 0) return;
  // As PostgreSQL names what has no name.
  table.checks.set(conname ?? `${table.name}_${only}_check`, { column: only, words });
}

/** Changes a table as one part of a statement says. */
export function alter(table: Table, command: AlterTableCmd): void {
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
