import assert from "node:assert/strict";
import { faultsOf, type Figure } from "../../dev/tasks/bench/figures.ts";
import { percentile } from "../../dev/tasks/bench/measure.ts";
import { readBetween } from "../../dev/tasks/ghosts/markdown.ts";
import { FACTS, formatFacts } from "../../dev/tasks/ghosts/version-facts.ts";
import {
  differences,
  differentRows,
  DOCUMENT,
  formatTable,
  readRows,
  rowsOfVersion,
  writeTable,
} from "../../dev/tasks/ghosts/table.ts";

Deno.test("the docs say of each version what the product takes it for", async () => {
  assert.equal(readBetween(await Deno.readTextFile(DOCUMENT), FACTS), formatFacts());
});

const figure: Figure = { key: "ack_p50_ms", label: "ack", value: 8.1234, unit: "ms" };

/** Value and target of a figure, and why it is not good enough. */
const JUDGED: readonly (readonly [value: number, atMost: number, faults: readonly string[]])[] = [
  [8.1234, 8.1234, []],
  [8.1234, 8, ["ack: 8.12 ms, at most 8 ms is the target"]],
  // What could not be measured.
  [NaN, 8, ["ack: NaN ms, at most 8 ms is the target"]],
];

Deno.test("a figure above its target is a fault, and so is what no figure can say", () => {
  for (const [value, atMost, faults] of JUDGED) {
    const figures = [figure, { ...figure, value, atMost }];
    assert.deepEqual(faultsOf([{ figures, faults: ["reads all"] }]), [...faults, "reads all"]);
  }
});

Deno.test("percentiles are samples, by rank", () => {
  const samples = [5, 1, 4, 2, 3];
  assert.deepEqual([0, 50, 95, 100].map((percent) => percentile(samples, percent)), [1, 3, 5, 5]);
  assert.throws(() => percentile([], 50), RangeError);
});

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

Deno.test("of a version the rows that differ are written, and the others are the plain ones", () => {
  const empty = `${EMPTY}<!-- ghosts-versions:begin -->\n\n<!-- ghosts-versions:end -->\n`;
  const plain = [row("A1", "healed"), row("A2", "healed")];
  const old = [row("A1", "healed"), row("A2", "awaiting qr")];
  const rows = differentRows(plain, { "2.3.6": old, "2.3.0": plain });
  assert.deepEqual(rows, [["2.3.6", ...row("A2", "awaiting qr")]]);
  const document = writeTable(writeTable(empty, plain), rows, "versions");
  assert.match(document, /\| Evolution \| kind/);
  assert.deepEqual(rowsOfVersion(document, "2.3.6"), old);
  assert.deepEqual(rowsOfVersion(document, "2.3.0"), plain);
});

Deno.test("rows that are other, missing or left over are named", () => {
  const written = [row("A1", "healed"), row("A2", "healed"), row("Z9", "healed")];
  assert.deepEqual(differences(written, written), []);
  const played = [row("A1", "awaiting qr"), row("A2", "healed"), row("B1", "healed")];
  const named = differences(written, played);
  assert.equal(named.length, 3);
  assert.match(
    named.join("\n"),
    /not in the docs: B1[^]*in the docs alone: Z9[^]*say A1 .* healed[^]*played: +A1 .* awaiting qr/,
  );
});
