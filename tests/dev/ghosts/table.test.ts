import assert from "node:assert/strict";
import { differences, formatTable, readRows, writeTable } from "../../../dev/tasks/ghosts/table.ts";

const row = (kind: string, end: string) =>
  [kind, "keep-pairing", end, "2 min", "no", "nothing", "0", "1", "0", "5"] as const;
const EMPTY = "# Ghosts\n<!-- ghosts:begin -->\nold\n<!-- ghosts:end -->\nmore\n";

Deno.test("a table that was written is read back as it was, and nothing around it changes", () => {
  const rows = [row("A1", "healed"), row("A2", "needs operator")];
  const document = writeTable(EMPTY, rows);
  assert.deepEqual(readRows(document), rows);
  assert.match(document, /^# Ghosts\n<!-- ghosts:begin -->\n\n\| kind/);
  assert.match(document, /\|\n\n<!-- ghosts:end -->\nmore\n$/);
  assert.equal(new Set(formatTable(rows).split("\n").map((line) => line.length)).size, 1);
});

Deno.test("rows that are other, missing or left over are named", () => {
  const written = [row("A1", "healed"), row("A2", "needs operator"), row("Z9", "healed")];
  assert.deepEqual(differences(written, written), []);
  const named = differences(written, [
    row("A1", "awaiting qr"),
    row("A2", "needs operator"),
    row("B1", "healed"),
  ]);
  assert.equal(named.length, 3);
  assert.match(
    named.join("\n"),
    /not in the docs: B1[^]*in the docs alone: Z9[^]*say A1 .* healed[^]*played: +A1 .* awaiting qr/,
  );
});

Deno.test("a document without the markers is an error", () => {
  assert.throws(() => readRows("# Ghosts"), /ghosts:begin/);
});
