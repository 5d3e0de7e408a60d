/**
 * What `deno task simulate` may be told.
 *
 * @module
 */

import { parseArgs } from "node:util";

/** The options. */
export interface Options {
  readonly runs: number;
  /** The first run's; each next run's is one more. */
  readonly seed: number;
  /** Runs at once. */
  readonly jobs: number;
  /** Only these actions of the seed's plan, by their numbers. Null: all. */
  readonly only: readonly number[] | null;
}

/**
 * Reads the command line: `--runs 200 --seed 1 --jobs 2 --only 3,7,12`.
 *
 * @throws {TypeError} For what is none of these, or no number.
 */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      runs: { type: "string", default: "1" },
      seed: { type: "string", default: "1" },
      jobs: { type: "string", default: "2" },
      only: { type: "string" },
    },
  });
  return {
    runs: readNumber("runs", values.runs),
    seed: readNumber("seed", values.seed),
    jobs: Math.max(1, readNumber("jobs", values.jobs)),
    only: values.only === undefined
      ? null
      : values.only.split(",").filter((part) => part !== "").map((part) =>
        readNumber("only", part)
      ),
  };
}

function readNumber(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0) {
    throw new TypeError(`--${name} must be a whole number: it is "${text}"`);
  }
  return number;
}
