/**
 * Which words a project's status column has, and what they mean. Pure.
 *
 * @module
 */

import type { StatusWords, Told } from "./host.ts";
import type { SourceFile } from "../project/read-functions.ts";
import type { Schema } from "../project/read-migrations.ts";
import type { Table } from "../project/read-tables.ts";
import { Refusal } from "../refusal.ts";

const CONNECTED = [
  "connected",
  "open",
  "online",
  "conectado",
  "conectada",
  "active",
  "ativo",
  "ready",
];
const DISCONNECTED = [
  ...["disconnected", "close", "closed", "offline", "desconectado", "desconectada", "inactive"],
  ...["inativo"],
];
const PAIRING = [
  ...["awaiting_qr", "awaiting_qrcode", "awaiting_scan", "waiting_qr", "waiting_qrcode", "pairing"],
  ...[
    "waiting_scan",
    "qr",
    "qrcode",
    "qr_code",
    "qr_pending",
    "pending_qr",
    "scan_qr",
    "aguardando_qr",
  ],
  ...["aguardando_qrcode", "needs_qr"],
];

/** What the gateway says: these stand in every webhook, whatever the column's own words are. */
const GATEWAYS: ReadonlySet<string> = new Set(["open", "close", "closed"]);

/**
 * Finds the words: those that the column allows, or else those that the code writes and asks for, or
 * else those that stand anywhere in it.
 *
 * @param aliases What views call the table's columns, by view.
 * @throws {Refusal} Where none is known, or one would have to be guessed.
 */
export function findWords(
  schema: Schema,
  table: Table,
  status: string,
  aliases: ReadonlyMap<string, ReadonlyMap<string, string>>,
  files: readonly SourceFile[],
  told: Told,
): StatusWords {
  const column = table.columns.get(status)!;
  if (column.type === "bool") {
    return { isFlag: true, connected: ["true"], disconnected: "false", pairing: [] };
  }
  const allowed = allowedWords(schema, table, status);
  const written = new Set<string>();
  for (const { words } of files) {
    for (const [name, columns] of aliases) {
      for (const [alias, own] of columns) {
        if (own !== status) continue;
        for (const word of words.written.get(name)?.get(alias) ?? []) written.add(word);
      }
    }
  }
  // Where the code says what it writes, a word that stands elsewhere is not this column's.
  const isSilent = written.size === 0;
  if (column.default !== null) written.add(column.default);
  const anywhere = new Set(isSilent ? files.flatMap(({ words }) => [...words.all]) : [])
    .difference(GATEWAYS);
  const search = (known: readonly string[]) => {
    for (const words of allowed === null ? [written, anywhere] : [allowed]) {
      const matching = known.flatMap((each) =>
        [...words].filter((word) => word.toLowerCase() === each)
      );
      if (matching.length > 0) return matching;
    }
    return [];
  };
  const where = `${table.schema}.${table.name}.${status}`;
  const connected = told.connected ?? search(CONNECTED);
  const disconnected = told.disconnected === undefined ? search(DISCONNECTED) : [told.disconnected];
  const [word, ...others] = disconnected;
  if (connected.length === 0) {
    throw new Refusal(
      `which word of ${where} means connected is not known: say --connected <word>`,
    );
  }
  if (word === undefined) {
    throw new Refusal(
      `which word of ${where} means disconnected is not known: say --disconnected <word>`,
    );
  }
  const spelling = others.find((other) => other.toLowerCase() === word.toLowerCase());
  if (spelling !== undefined) {
    throw new Refusal(
      `${where} is written as ${word} and as ${spelling}: say --disconnected <word>`,
    );
  }
  const pairing = told.pairing ?? search(PAIRING);
  for (const each of [...connected, word, ...pairing]) {
    if (allowed === null || allowed.has(each)) continue;
    throw new Refusal(`${where} does not allow "${each}", only ${[...allowed].join(", ")}`);
  }
  return { isFlag: false, connected, disconnected: word, pairing };
}

/** Null: any word. */
function allowedWords(schema: Schema, table: Table, status: string): ReadonlySet<string> | null {
  const { type } = table.columns.get(status)!;
  const values = schema.enums.get(type.includes(".") ? type : `public.${type}`);
  if (values !== undefined) return new Set(values);
  const checks = [...table.checks.values()].filter(({ column }) => column === status);
  if (checks.length === 0) return null;
  return new Set(
    checks[0]!.words.filter((word) => checks.every(({ words }) => words.includes(word))),
  );
}
