/**
 * Times, and what many of them say.
 *
 * @module
 */

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
  floor: (round: number) => Promise<readonly number[]>,
  measured: (round: number) => Promise<readonly number[]>,
): Promise<Pair> {
  const pair = { floor: [] as number[], measured: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    pair.floor.push(...await floor(round));
    pair.measured.push(...await measured(round));
  }
  return pair;
}

/**
 * The nearest-rank percentile.
 *
 * @param share 0.5 is the median.
 * @throws {RangeError} When there are no samples.
 */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new RangeError("no samples");
  return value;
}
