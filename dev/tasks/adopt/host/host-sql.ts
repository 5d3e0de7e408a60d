/**
 * A host's table as parts of SQL statements, whose alias it has there is `h`. Pure.
 *
 * @module
 */

import type { Host } from "./host.ts";

/** Types that a cast may name as they are. */
const ID_TYPES: Readonly<Record<string, string>> = {
  int2: "smallint",
  int4: "integer",
  int8: "bigint",
  varchar: "text",
  bpchar: "text",
};

/** A name as SQL has it. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text as SQL has it. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** What statements are made of. */
interface HostSql {
  /** With its schema. */
  readonly table: string;
  /** As a type that a cast may name. */
  readonly idType: string;
  readonly id: string;
  /** What the gateway calls the number. */
  readonly name: string;
  /** A condition: not deleted; empty where rows are never marked so. */
  readonly alive: string;
  /** Conditions on a row of this alias. */
  readonly isConnected: (row: string) => string;
  readonly isPairing: (row: string) => string;
  readonly isManual: (row: string) => string;
  /** The gateway's address in the row, or null. */
  readonly address: string;
}

/** A column of the row. */
export function columnOf(row: string, name: string): string {
  return `${row}.${identifier(name)}`;
}

/** Makes them. */
export function hostSql(host: Host): HostSql {
  const isAny = (row: string, words: readonly string[]) =>
    host.isFlag
      ? `${columnOf(row, host.status)} is true`
      : `${columnOf(row, host.status)}::text in (${words.map(literal).join(", ")})`;
  const isSet = (row: string, flag: string | null) =>
    flag === null ? [] : [`${columnOf(row, flag)} is true`];
  const either = (conditions: readonly string[]) =>
    conditions.length === 0 ? "false" : conditions.join(" or ");
  return {
    table: `${identifier(host.schema)}.${identifier(host.table)}`,
    idType: ID_TYPES[host.id.type] ?? host.id.type,
    id: columnOf("h", host.id.column),
    name: nameSql(host.name),
    alive: host.deletedAt === null ? "" : ` and ${columnOf("h", host.deletedAt)} is null`,
    isConnected: (row) => isAny(row, host.connected),
    isPairing: (row) =>
      either([
        ...host.pairing.length > 0 ? [isAny(row, host.pairing)] : [],
        ...isSet(row, host.pairingFlag),
      ]),
    isManual: (row) => either(isSet(row, host.manualFlag)),
    address: host.address === null ? "null" : `${columnOf("h", host.address)}::text`,
  };
}

/** A column, or `shop-{id}`: a text with columns in it. */
function nameSql(name: string): string {
  const parts = name.split(/\{(\w+)\}/);
  if (parts.length === 1) return columnOf("h", name);
  const texts = parts.map((part, index) =>
    index % 2 === 1 ? `${columnOf("h", part)}::text` : part === "" ? [] : literal(part)
  );
  return `(${texts.flat().join(" || ")})`;
}
