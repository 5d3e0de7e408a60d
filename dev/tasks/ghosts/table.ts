/**
 * The cases as a table: written into the docs, read back, compared.
 *
 * @module
 */

import type { CaseReport } from "./case-report.ts";
import { alignTable, readBetween, type Row, writeBetween } from "./markdown.ts";

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

/** The tables' names in the docs. */
const NAMES = { plain: "ghosts", agent: "ghosts-agent", versions: "ghosts-versions" } as const;

/** Which table: without a restart agent, with one, or what is different on other versions. */
export type TableName = keyof typeof NAMES;

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

/** The table, as it is written into the docs. */
export function formatTable(rows: readonly Row[]): string {
  const isOfVersions = /^\d/.test(rows[0]?.[0] ?? "");
  const head = isOfVersions
    ? ["Evolution", ...HEAD]
    : [...HEAD, "process"].slice(0, rows[0]?.length ?? HEAD.length);
  return alignTable([head, ...rows]);
}

/** The rows of a table of a document. @throws {Error} Where it has no such table. */
export function readRows(document: string, table: TableName = "plain"): readonly Row[] {
  const [, , ...rows] = readBetween(document, NAMES[table]).split("\n").map((line) =>
    line.split("|").slice(1, -1).map((cell) => cell.trim())
  );
  return rows;
}

/** Puts a table of rows into a document, in the place of the old one. */
export function writeTable(
  document: string,
  rows: readonly Row[],
  table: TableName = "plain",
): string {
  return writeBetween(document, NAMES[table], formatTable(rows));
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
