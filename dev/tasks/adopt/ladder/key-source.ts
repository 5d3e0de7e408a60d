/**
 * Where the ladder has a gateway's key from, as a person says it. Pure.
 *
 * @module
 */

import type { Host, KeySource } from "../host/host.ts";
import { identifier } from "../host/host-sql.ts";
import type { Schema } from "../project/read-migrations.ts";
import type { Table } from "../project/read-tables.ts";
import { Refusal } from "../refusal.ts";

/**
 * Reads it: `env:NAME`, a column of the numbers' table, `table.column` of another one. Nothing, or `send`:
 * the key of the send that failed, which is the right one wherever the project has it from.
 *
 * @throws {Refusal} Where there is no such column, or nothing joins both tables.
 */
export function findKeySource(schema: Schema, host: Host, told = "send"): KeySource {
  if (told === "send") return { from: "send" };
  const variable = /^env:(\w+)$/.exec(told)?.[1];
  if (variable !== undefined) return { from: "environment", variable };
  const own = schema.tables.get(`${host.schema}.${host.table}`)!;
  const [column = "", table, where = "public"] = told.split(".").toReversed();
  const refused = (why: string) => new Refusal(`--key-from ${told}: ${why}`);
  if (table === undefined) {
    if (!own.columns.has(column)) throw refused(`${host.schema}.${host.table} has no such column`);
    return { from: "column", column };
  }
  const other = schema.tables.get(`${where}.${table}`);
  if (other?.columns.has(column) !== true) throw refused("no migration makes such a column");
  const joined = referenceOf(own, other) ?? flipped(referenceOf(other, own));
  if (joined === null) {
    throw refused(`no foreign key joins ${where}.${table} and ${host.schema}.${host.table}`);
  }
  const { from, to } = joined;
  return {
    from: "table",
    table: `${identifier(where)}.${identifier(table)}`,
    column,
    theirs: to,
    ours: from,
  };
}

type Joined = { readonly from: string; readonly to: string } | null;

/** Columns by which the one refers to the other. */
function referenceOf(one: Table, other: Table): Joined {
  for (const [from, { references }] of one.columns) {
    if (references?.table !== `${other.schema}.${other.name}`) continue;
    const to = references.column || other.key[0];
    if (to !== undefined) return { from, to };
  }
  return null;
}

const flipped = (joined: Joined): Joined => joined && { from: joined.to, to: joined.from };
