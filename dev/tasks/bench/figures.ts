/**
 * What a benchmark hands over, whether it is good enough, and how it is shown.
 *
 * @module
 */

/** One line of the report. */
export interface Figure {
  /** The name in the JSON; stable. */
  readonly key: string;
  /** For people. */
  readonly label: string;
  readonly value: number;
  readonly unit: "ms" | "s" | "×" | "KB" | "MB" | "/s" | "";
  /** The same unit; measured in the same run. */
  readonly floor?: { readonly key: string; readonly value: number; readonly what: string };
  /** The value may be at most this. */
  readonly atMost?: number;
}

/** Figures that a run is judged by, and faults that no figure can say. */
export interface Findings {
  readonly figures: readonly Figure[];
  /** Each one a reason to fail. */
  readonly faults?: readonly string[];
}

/** Why a run is not good enough; empty where it is. */
export function faultsOf(findings: readonly Findings[]): readonly string[] {
  return findings.flatMap(({ figures, faults = [] }) => [
    ...figures.filter(isMissed).map(({ label, value, unit, atMost }) =>
      `${label}: ${round(value)} ${unit}, at most ${atMost} ${unit} is the target`
    ),
    ...faults,
  ]);
}

/** Whether a figure misses its target; what could not be measured does. */
export function isMissed({ value, atMost }: Figure): boolean {
  return atMost !== undefined && !(value <= atMost);
}

/** Every figure and floor by its name, in one object. */
export function toJson(findings: readonly Findings[]): Record<string, number | readonly string[]> {
  const values: Record<string, number> = {};
  for (const { key, value, floor } of findings.flatMap(({ figures }) => figures)) {
    values[key] = round(value);
    if (floor !== undefined) values[floor.key] = round(floor.value);
  }
  return { ...values, faults: faultsOf(findings) };
}

/** Draws a section for people: what, how much, against what, and whether that is good enough. */
export function drawSection(title: string, { figures, faults = [] }: Findings): string {
  const rows = figures.map(cellsOf);
  const width = (column: number) => Math.max(0, ...rows.map((row) => row[column]!.length));
  const lines = rows.map(([label, ...cells]) =>
    ["", label!.padEnd(width(0)), ...cells.map((cell, at) => cell.padStart(width(at + 1)))]
      .join("  ").trimEnd()
  );
  const what = [...new Set(figures.flatMap(({ floor }) => floor ? [floor.what] : []))];
  const floors = what.length === 0 ? "" : ` (floor: ${what.join("; ")})`;
  return [`${title}${floors}`, ...lines, ...faults.map((fault) => `  FAULT ${fault}`), ""]
    .join("\n");
}

function cellsOf(figure: Figure): readonly string[] {
  const { label, value, unit, floor, atMost } = figure;
  const measure = (amount: number) => `${round(amount)} ${unit}`.trim();
  return [
    label,
    measure(value),
    floor === undefined ? "" : `floor ${measure(floor.value)}`,
    floor === undefined || floor.value === 0 ? "" : `${round(value / floor.value)} ×`,
    atMost === undefined ? "" : isMissed(figure) ? `MISSED (≤ ${atMost})` : `ok (≤ ${atMost})`,
  ];
}

/** Three digits that matter, and never fewer than the whole number. */
function round(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}
