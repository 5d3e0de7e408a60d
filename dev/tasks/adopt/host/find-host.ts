/**
 * Which table holds a project's numbers, and what its columns and words mean. Pure.
 *
 * @module
 */

import type { SourceFile } from "../project/read-functions.ts";
import type { Schema } from "../project/read-migrations.ts";
import type { Table } from "../project/read-tables.ts";
import { Refusal } from "../refusal.ts";
import { findWords } from "./find-words.ts";
import type { Host, Told } from "./host.ts";

const NAMES = [
  ...["instance_name", "evolution_instance_name", "evolution_instance", "session_name"],
  ...["instance_key", "instance", "session", "evolution_name", "name"],
];
const STATUSES = [
  ...["status", "connection_status", "instance_status", "state", "connection_state"],
  ...["session_status", "is_connected", "connected"],
];
const CONNECTED_FLAGS = ["is_connected", "connected"];
const PAIRING_FLAGS = [
  "awaiting_qr",
  "waiting_qr",
  "is_pairing",
  "pairing",
  "needs_qr",
  "qr_pending",
];
const MANUAL_FLAGS = [
  ...[
    "manual_disconnect",
    "manually_disconnected",
    "disconnected_manually",
    "is_manual_disconnect",
  ],
  ...["disconnected_by_user", "user_disconnected"],
];
const ADDRESSES = [
  ...["api_url", "evolution_api_url", "evolution_url", "base_url", "server_url", "instance_url"],
  ...["url"],
];
const SUBJECT = /whats|instance|evolution|wa_|_wa\b|session|connection|channel|number|phone/i;

/**
 * Finds the table and reads its columns.
 *
 * @throws {Refusal} Where there is no such table, more than one, or something cannot be known.
 */
export function findHost(
  schema: Schema,
  files: Iterable<SourceFile>,
  told: Told,
): Host {
  const sources = [...files];
  const names: SentNames = {
    properties: new Set(sources.flatMap((file) => file.nameProperties)),
    texts: new Set(sources.flatMap((file) => file.nameTexts)),
  };
  const named = new Set(sources.flatMap(({ words }) => [...words.tables]));
  const { table, aliases } = told.table === undefined
    ? infer(schema, named, names, told)
    : lookUp(schema, told.table);
  const where = `${table.schema}.${table.name}`;

  const [id, ...more] = table.key;
  const idColumn = id === undefined ? undefined : table.columns.get(id);
  if (id === undefined || idColumn === undefined || more.length > 0) {
    throw new Refusal(`${where} has no primary key of one column`);
  }
  const name = told.name ?? nameColumn(table, aliases, names);
  const status = told.status ?? first(table, STATUSES);
  for (const [option, column] of [["name", name], ["status", status]] as const) {
    if (column === undefined) {
      throw new Refusal(
        `no column of ${where} is known as a number's ${option}: say --${option} <column>`,
      );
    }
    const missing = columnsIn(column).find((each) => !table.columns.has(each));
    if (missing !== undefined) throw new Refusal(`${where} has no column ${missing}`);
  }
  const flag = (names: readonly string[]) =>
    names.find((each) => table.columns.get(each)?.type === "bool") ?? null;
  return {
    schema: table.schema,
    table: table.name,
    id: { column: id, type: idColumn.type },
    name: name!,
    status: status!,
    ...findWords(schema, table, status!, aliases, sources, told),
    connectedFlag: flag(CONNECTED_FLAGS.filter((each) => each !== status)),
    pairingFlag: flag(PAIRING_FLAGS),
    manualFlag: flag(MANUAL_FLAGS),
    address: first(table, ADDRESSES) ?? null,
    deletedAt: table.columns.has("deleted_at") ? "deleted_at" : null,
    aliases,
  };
}

/** A table, and what a view or the table itself calls its columns. */
interface Found {
  readonly table: Table;
  /** By the names that the code uses: table or view, then column → the table's own column. */
  readonly aliases: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

function found(schema: Schema, table: Table): Found {
  const full = `${table.schema}.${table.name}`;
  const own = new Map([...table.columns.keys()].map((column) => [column, column]));
  const views = [...schema.views.values()].filter(({ from }) => from === full)
    .map(({ name, columns }) => [name, columns] as const);
  return { table, aliases: new Map([[table.name, own], ...views]) };
}

/** Tables that were made in the dashboard. */
const PULL = " (what was made elsewhere comes in by: npx -y supabase@3.1.0 db pull)";

function lookUp(schema: Schema, told: string): Found {
  const full = told.includes(".") ? told : `public.${told}`;
  const view = schema.views.get(full);
  if (view !== undefined) return found(schema, behind(schema, full));
  const table = schema.tables.get(full);
  if (table === undefined) throw new Refusal(`no migration makes a table ${full}${PULL}`);
  return found(schema, table);
}

/** The table behind a view. */
function behind(schema: Schema, full: string): Table {
  const view = schema.views.get(full);
  const table = schema.tables.get(view?.from ?? "");
  if (table !== undefined) return table;
  throw new Refusal(
    `${full} is a view over more than one table, so it has no rows of its own to lock: say --table <the numbers' table>`,
  );
}

function infer(
  schema: Schema,
  named: ReadonlySet<string>,
  names: SentNames,
  told: Told,
): Found {
  const scored = [...schema.tables.values()].map((table) => {
    const candidate = found(schema, table);
    const name = told.name ?? nameColumn(table, candidate.aliases, names);
    const status = told.status ?? first(table, STATUSES);
    const usable = name !== undefined &&
      columnsIn(name).every((each) => table.columns.has(each)) && status !== undefined &&
      table.columns.has(status);
    const subject = [...candidate.aliases.keys()].some((each) => SUBJECT.test(each));
    // Much has a name and a status; a number also has a gateway, or a name of its own.
    const isGeneric = name === "name" && told.name === undefined &&
      first(table, ADDRESSES) === undefined;
    const score = (subject ? 2 : 0) +
      ([...candidate.aliases.keys()].some((each) => named.has(each)) ? 2 : 0) +
      (name !== undefined && name !== "name" ? 3 : 0) +
      (first(table, ADDRESSES) === undefined ? 0 : 1);
    return { candidate, score: usable && !isGeneric ? score : 0 };
  }).filter(({ score }) => score >= 4).toSorted((a, b) => b.score - a.score);
  const [best, second] = scored;
  if (best === undefined) {
    const views = [...schema.views].find(([full, { from, columns }]) =>
      from === null && SUBJECT.test(full) && NAMES.some((name) => columns.has(name))
    );
    if (views !== undefined) behind(schema, views[0]);
    const unread = schema.unread.length === 0
      ? ""
      : ` (not all of ${schema.unread.join(", ")} could be read)`;
    throw new Refusal(
      `no table of the migrations holds numbers with a name and a status${unread}: say --table <table>, --name <column>, --status <column>${PULL}`,
    );
  }
  if (second?.score === best.score) {
    const names = [best, second].map(({ candidate: { table } }) => `${table.schema}.${table.name}`);
    throw new Refusal(`${names.join(" and ")} could both hold the numbers: say --table <table>`);
  }
  return best.candidate;
}

/** What stands in the paths of the sends where a number's name is. */
interface SentNames {
  readonly properties: ReadonlySet<string>;
  readonly texts: ReadonlySet<string>;
}

/** The columns of a name: it is one, or has them in braces. */
function columnsIn(name: string): readonly string[] {
  const inBraces = [...name.matchAll(/\{(\w+)\}/g)].map(([, column]) => column!);
  return inBraces.length === 0 ? [name] : inBraces;
}

function nameColumn(
  table: Table,
  aliases: Found["aliases"],
  { properties, texts }: SentNames,
): string | undefined {
  // What stands in a send's path is what the gateway calls it.
  for (const columns of aliases.values()) {
    for (const property of properties) {
      const column = columns.get(property);
      if (column !== undefined && column !== "id" && table.columns.has(column)) return column;
    }
  }
  const known = first(table, NAMES);
  if (known !== undefined && known !== "name") return known;
  for (const columns of aliases.values()) {
    for (const text of texts) {
      if (!columnsIn(text).every((each) => table.columns.has(columns.get(each) ?? ""))) continue;
      return text.replaceAll(/\{(\w+)\}/g, (_, each) => `{${columns.get(each)}}`);
    }
  }
  return known;
}

function first(table: Table, names: readonly string[]): string | undefined {
  return names.find((name) => table.columns.has(name));
}
