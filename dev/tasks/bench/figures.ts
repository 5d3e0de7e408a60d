/**
 * What a benchmark hands over, and whether it is good enough.
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
  readonly unit: "ms" | "s" | "×" | "KB" | "MB" | "/s" | "rows" | "";
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

/** Whether a figure misses its target. */
export function isMissed({ value, atMost }: Figure): boolean {
  return atMost !== undefined && !(value <= atMost);
}

/** Every figure and floor by its name, in one object. */
export function toJson(findings: readonly Findings[]): Record<string, number | readonly string[]> {
  const values: Record<string, number | readonly string[]> = {};
  for (const { key, value, floor } of findings.flatMap(({ figures }) => figures)) {
    values[key] = round(value);
    if (floor !== undefined) values[floor.key] = round(floor.value);
  }
  return { ...values, faults: faultsOf(findings) };
}

/** Three digits that matter, and never fewer than the whole number. */
export function round(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}
