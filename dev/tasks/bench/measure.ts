/**
 * Times, and what many of them say.
 *
 * @module
 */

import type { Figure } from "./figures.ts";

/** A measurement and its floor, taken in turns: what else the machine does meets both. */
export interface Pair {
  /** Milliseconds each. */
  readonly floor: readonly number[];
  /** Milliseconds each. */
  readonly measured: readonly number[];
}

/** Runs something. @returns How long it took, in milliseconds. */
export async function time(run: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await run();
  return performance.now() - started;
}

/**
 * Takes floor and measurement in turns.
 *
 * @param rounds How often each.
 * @param floor Gives the times of one round, in milliseconds.
 * @param measured See `floor`.
 */
export async function alternate(
  rounds: number,
  floor: () => Promise<readonly number[]>,
  measured: () => Promise<readonly number[]>,
): Promise<Pair> {
  const pair = { floor: [] as number[], measured: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    pair.floor.push(...await floor());
    pair.measured.push(...await measured());
  }
  return pair;
}

/**
 * The nearest-rank percentile.
 *
 * @param percent 50 is the median.
 * @throws {RangeError} When there are no samples.
 */
export function percentile(samples: readonly number[], percent: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(percent / 100 * sorted.length) - 1)];
  if (value === undefined) throw new RangeError("no samples");
  return value;
}

/** The percentile in the middle. */
export function median(samples: readonly number[]): number {
  return percentile(samples, 50);
}

/** How many times the floor a measurement takes, by their medians. */
export function ratioOf({ measured, floor }: Pair): number {
  return median(measured) / median(floor);
}

/** The median of a measurement beside that of its floor: `<key>`, `<floorKey>`. */
export function medianFigure(
  pair: Pair,
  { floorKey, what, ...figure }: Omit<Figure, "value" | "floor" | "atMost"> & {
    readonly floorKey: string;
    readonly what: string;
  },
): Figure {
  const floor = { key: floorKey, value: median(pair.floor), what };
  return { ...figure, value: median(pair.measured), floor };
}

/** Some percentiles of a measurement beside its floor's: `<name>_p50_ms`, `<name>_floor_p50_ms`. */
export function percentileFigures(
  pair: Pair,
  percents: readonly number[],
  { name, label, what }: { readonly name: string; readonly label: string; readonly what: string },
): Figure[] {
  return percents.map((percent) => ({
    key: `${name}_p${percent}_ms`,
    label: `${label}, p${percent}`,
    value: percentile(pair.measured, percent),
    unit: "ms",
    floor: {
      key: `${name}_floor_p${percent}_ms`,
      value: percentile(pair.floor, percent),
      what,
    },
  }));
}
