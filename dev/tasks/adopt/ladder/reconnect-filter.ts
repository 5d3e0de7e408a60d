/**
 * The one filter in a project's own auto-reconnect: while the ladder is at work on a number, nobody
 * believes the registry about it. Pure.
 *
 * @module
 */

import { parseSync } from "oxc-parser";
import type { Host } from "../host/host.ts";
import { FILTER } from "../host/ladder-door.ts";
import { identifier } from "../host/host-sql.ts";
import { quoteOf } from "../import-line.ts";
import type { SourceFile } from "../project/read-functions.ts";
import { type AstNode, isNode, textOf, textsIn, walk } from "../project/syntax.ts";
import { readCall } from "../project/words-of-tables.ts";
import { Refusal } from "../refusal.ts";

/** A query that lists the numbers which are to be connected. */
interface ReconnectQuery {
  readonly path: string;
  /** The table or view, as the code names it. */
  readonly table: string;
  /** Where its `.select(…)` ends. */
  readonly end: number;
}

const CONNECT = /\/?instance\/connect\b/;
const SINGLE: ReadonlySet<string> = new Set(["single", "maybeSingle"]);
const WRITES: ReadonlySet<string> = new Set(["update", "insert", "upsert", "delete"]);
const ADDED = new RegExp(`\\.eq\\((["'])${FILTER}\\1, false\\)`, "g");

/**
 * Finds them: in files that call the gateway's connect, every list of the numbers that asks for those
 * which are not connected.
 *
 * @throws {Refusal} Where there is none.
 */
export function findReconnectQueries(
  files: Iterable<SourceFile>,
  host: Host,
): readonly ReconnectQuery[] {
  const found = [...files].filter(({ text, isRead }) => isRead && CONNECT.test(text))
    .flatMap((file) => queriesOf(file, host));
  if (found.length > 0) return found;
  throw new Refusal(
    `--ladder needs the query by which your auto-reconnect lists the numbers (.from("${host.table}").select(…) of those that are ${host.disconnected}, in a function that calls /instance/connect), and there is none that can be read`,
  );
}

function queriesOf({ path, text }: SourceFile, host: Host): readonly ReconnectQuery[] {
  const queries: ReconnectQuery[] = [];
  const inner = new Set<unknown>();
  walk(parseSync(path, text).program, (node) => {
    // Parents come first: a chain is read once, from its last call.
    if (inner.has(node)) return;
    const calls = chainOf(node, inner);
    const [from] = calls.slice(-1);
    const select = calls.find(({ method }) => method === "select");
    if (from?.method !== "from" || select === undefined) return;
    const table = textOf(from.arguments[0]) ?? "";
    const columns = host.aliases.get(table);
    if (
      columns === undefined || calls.some(({ method }) => SINGLE.has(method) || WRITES.has(method))
    ) {
      return;
    }
    const statuses = [...columns].filter(([, own]) =>
      own === host.status || own === host.connectedFlag
    ).map(([alias]) => alias);
    const asks = calls.some((call) => asksForDead(call, statuses, host));
    if (asks) queries.push({ path, table, end: select.end });
  });
  return queries;
}

/** Whether a filter leaves those that are not connected: lists of the others are not to be touched. */
function asksForDead(
  { method, arguments: [first, ...rest] }: Call,
  statuses: readonly string[],
  { connected, disconnected }: Host,
): boolean {
  const [column = ""] = textsIn(first);
  const words = textsIn(rest);
  const isNone = (node: unknown) =>
    isNode(node) && node.type === "Literal" && !node["value"] && node["value"] !== "";
  if (method === "or") {
    // `status.eq.disconnected,is_connected.is.null`
    return column.split(",").some((part) => {
      const [, name = "", how, word = ""] = /^(\w+)\.(eq|is|neq|in)\.(.*)$/.exec(part) ?? [];
      if (!statuses.includes(name)) return false;
      return how === "neq"
        ? connected.includes(word)
        : word === "null" || word.includes(disconnected);
    });
  }
  if (!statuses.includes(column)) return false;
  const turned = method === "neq" || method === "not";
  if (turned) return words.some((word) => connected.includes(word)) || isTrue(rest.at(-1));
  return ["eq", "in", "is"].includes(method) &&
    (words.includes(disconnected) || isNone(rest.at(-1)));
}

const isTrue = (node: unknown) => isNode(node) && node.type === "Literal" && node["value"] === true;

interface Call {
  readonly method: string;
  readonly arguments: readonly AstNode[];
  readonly end: number;
}

/** The calls of a chain, its last one first. */
function chainOf(node: AstNode, inner: Set<unknown>): readonly Call[] {
  const calls: Call[] = [];
  let at: unknown = node;
  while (isNode(at)) {
    const call = readCall(at);
    if (call !== null) calls.push({ ...call, end: Number(at["end"]) });
    else if (calls.length === 0 || !/^TS|Parenthesized/.test(at.type)) break;
    inner.add(at);
    at = call === null ? at["expression"] : call.object;
  }
  return calls;
}

/** The text with the filter in these queries of it; those that have it stay as they are. */
export function addFilters(
  { path, text }: SourceFile,
  queries: readonly ReconnectQuery[],
): string {
  const quote = quoteOf(text);
  const filter = `.eq(${quote}${FILTER}${quote}, false)`;
  return queries.filter((query) => query.path === path).toSorted((a, b) => b.end - a.end)
    .reduce(
      (rest, { end }) =>
        new RegExp(`^${ADDED.source}`).test(rest.slice(end))
          ? rest
          : `${rest.slice(0, end)}${filter}${rest.slice(end)}`,
      text,
    );
}

/** The text without it, to the byte as it was. */
export function removeFilters(text: string): string {
  return text.replaceAll(ADDED, "");
}

/** Tables and views that are asked, as SQL has their names. */
export function filteredRelations(
  queries: readonly ReconnectQuery[],
  host: Host,
): readonly { readonly relation: string; readonly idColumn: string }[] {
  return [...new Set(queries.map(({ table }) => table))].map((table) => {
    const [idColumn] = [...host.aliases.get(table)!].find(([, own]) => own === host.id.column) ??
      [];
    if (idColumn === undefined) {
      throw new Refusal(
        `--ladder: ${table} does not show the numbers' ids, so none can be left out`,
      );
    }
    const schema = table === host.table ? host.schema : "public";
    return { relation: `${identifier(schema)}.${identifier(table)}`, idColumn };
  });
}
