/**
 * Tables of Markdown that are written into a document, each between two comments that name it.
 *
 * @module
 */

/** A row as its cells. */
export type Row = readonly string[];

/** A table of Markdown, its head first, aligned as `deno fmt` aligns it. */
export function alignTable(rows: readonly Row[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(3, ...rows.map((row) => row[column]?.length ?? 0))
  );
  const line = (cells: Row) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  const [head = "", ...body] = rows.map(line);
  return [head, line(widths.map((width) => "-".repeat(width))), ...body].join("\n");
}

/**
 * The table of a name as it stands in a document.
 *
 * @throws {Error} Where the document has no such table.
 */
export function readBetween(document: string, name: string): string {
  const { from, to } = placeOf(document, name);
  return document.slice(from, to).trim();
}

/**
 * Puts a table into a document, in the place of the old one.
 *
 * @throws {Error} Where the document has no such table.
 */
export function writeBetween(document: string, name: string, table: string): string {
  const { from, to } = placeOf(document, name);
  return `${document.slice(0, from)}\n\n${table}\n\n${document.slice(to)}`;
}

function placeOf(document: string, name: string) {
  const begin = `<!-- ${name}:begin -->`;
  const from = document.indexOf(begin) + begin.length;
  const to = document.indexOf(`<!-- ${name}:end -->`);
  if (from < begin.length || to < from) throw new Error(`the document has no table ${name}`);
  return { from, to };
}
