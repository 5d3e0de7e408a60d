/**
 * The report for people.
 *
 * @module
 */

import { type Figure, type Findings, isMissed, round } from "./figures.ts";

/** A section of the report. */
export interface Section {
  readonly title: string;
  readonly findings: Findings;
}

/** Draws a section: what, how much, against what, and whether that is good enough. */
export function drawSection({ title, findings }: Section): string {
  const rows = findings.figures.map(cells);
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(0, ...rows.map((row) => row[column]?.length ?? 0))
  );
  const lines = rows.map(([label, value, floor, ratio, verdict]) =>
    `  ${label.padEnd(widths[0]!)}  ${value.padStart(widths[1]!)}  ${
      floor.padStart(widths[2]!)
    }  ` +
    `${ratio.padStart(widths[3]!)}  ${verdict}`.trimEnd()
  );
  const what = [...new Set(findings.figures.flatMap(({ floor }) => floor ? [floor.what] : []))];
  const floors = what.length === 0 ? "" : ` (floor: ${what.join("; ")})`;
  const faults = (findings.faults ?? []).map((fault) => `  FAULT ${fault}`);
  return [`${title}${floors}`, ...lines, ...faults, ""].join("\n");
}

function cells(figure: Figure): readonly [string, string, string, string, string] {
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
