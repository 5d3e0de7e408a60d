/**
 * The cases as a table of Markdown: written into the docs, read back, compared.
 *
 * @module
 */

import type { CaseReport } from "./case-report.ts";

/** Where the written table is. */
export const DOCUMENT = new URL("../../../docs/ghosts.md", import.meta.url);

/** The head of the table; with an agent there is one column more, and of versions one before. */
const HEAD = [
  "kind",
  "policy",
  "ends",
  "after",
  "new QR",
  "then needs",
  "logout",
  "connect",
  "restart",
  "probes",
] as const;

/** What stands around a table in the docs. */
const MARKS = {
  plain: ["<!-- ghosts:begin -->", "<!-- ghosts:end -->"],
  agent: ["<!-- ghosts-agent:begin -->", "<!-- ghosts-agent:end -->"],
  versions: ["<!-- ghosts-versions:begin -->", "<!-- ghosts-versions:end -->"],
} as const;

/** Which table: without a restart agent, with one, or what is different on other versions. */
export type TableName = keyof typeof MARKS;

/** A row as its cells. */
export type Row = readonly string[];

/** A case as a row. */
export function toRow(report: CaseReport, table: TableName = "plain"): Row {
  const { calls } = report;
  return [
    report.kind,
    report.policy,
    report.end.replaceAll("_", " "),
    `${Math.round(report.minutes)} min`,
    report.pairingKept ? "no" : "yes",
    report.help,
    ...[calls.logout, calls.connect, calls.restart, calls.probe].map(String),
    ...(table === "agent" ? [String(report.processRestarts)] : []),
  ];
}

/** The table, aligned as `deno fmt` aligns it. */
export function formatTable(rows: readonly Row[]): string {
  const isOfVersions = /^\d/.test(rows[0]?.[0] ?? "");
  const head = isOfVersions
    ? ["Evolution", ...HEAD]
    : [...HEAD, "process"].slice(0, rows[0]?.length ?? HEAD.length);
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0))
  );
  const line = (cells: Row) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}

/**
 * The rows of a table of {@linkcode formatTable} in a document.
 *
 * @throws {Error} Where the document has no such table.
 */
export function readRows(document: string, table: TableName = "plain"): readonly Row[] {
  const [, , ...rows] = between(document, table).trim().split("\n").map((line) =>
    line.split("|").slice(1, -1).map((cell) => cell.trim())
  );
  return rows;
}

/** Puts a table into a document, in the place of the old one. */
export function writeTable(
  document: string,
  rows: readonly Row[],
  table: TableName = "plain",
): string {
  // What was between may be as little as an empty line, of which there are many.
  const [begin, end] = MARKS[table];
  return document.replace(
    `${begin}${between(document, table)}${end}`,
    () => `${begin}\n\n${formatTable(rows)}\n\n${end}`,
  );
}

/** What a version's rows have that is not in the plain table, the version before each. */
export function differentRows(
  plain: readonly Row[],
  versions: Readonly<Record<string, readonly Row[]>>,
): readonly Row[] {
  return Object.entries(versions).flatMap(([version, rows]) =>
    rows.filter((row) => findRow(plain, row)?.join() !== row.join())
      .map((row) => [version, ...row])
  );
}

/** The whole table of a version: the plain one, with what is different there in its place. */
export function rowsOfVersion(document: string, version: string): readonly Row[] {
  const other = readRows(document, "versions")
    .flatMap(([of, ...row]) => of === version ? [row] : []);
  return readRows(document).map((row) => findRow(other, row) ?? row);
}

/** The row of a case in a document. Null: the document does not have it. */
export function findRow(rows: readonly Row[], [kind, policy]: Row): Row | null {
  return rows.find((row) => row[0] === kind && row[1] === policy) ?? null;
}

/** What is different, one sentence for each row; none: nothing. */
export function differences(written: readonly Row[], played: readonly Row[]): string[] {
  const missing = played.filter((row) => findRow(written, row) === null);
  const gone = written.filter((row) => findRow(played, row) === null);
  const changed = played.flatMap((row) => {
    const before = findRow(written, row);
    return before === null || before.join() === row.join() ? [] : [{ before, row }];
  });
  return [
    ...missing.map((row) => `not in the docs: ${row.join(" | ")}`),
    ...gone.map((row) => `in the docs alone: ${row.join(" | ")}`),
    ...changed.map(({ before, row }) =>
      `the docs say ${before.join(" | ")}\n  played:      ${row.join(" | ")}`
    ),
  ];
}

function between(document: string, table: TableName): string {
  const [begin, end] = MARKS[table];
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from < 0 || to < from) throw new Error(`there is no table between ${begin} and ${end}`);
  return document.slice(from + begin.length, to);
}
