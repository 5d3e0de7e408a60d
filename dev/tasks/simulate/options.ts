/**
 * What `deno task simulate` may be told.
 *
 * @module
 */

import { type Command, wholeNumber } from "../../process/command-line.ts";

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

/** The command line: `--runs 200 --seed 1 --jobs 2 --only 3,7,12`. */
export const SIMULATE: Command<Options> = {
  task: "simulate",
  about: "Seeded histories under faults, and what must hold in all of them; see docs/proof.md.",
  options: {
    runs: { takes: "<number>", default: "1", about: "how many histories" },
    seed: {
      takes: "<number>",
      default: "1",
      about: "the first one's; each next one's is one more",
    },
    jobs: { takes: "<number>", default: "2", about: "how many at once" },
    only: { takes: "<number,…>", about: "only these actions of the plan, by their numbers" },
  },
  read: ({ value }) => ({
    runs: wholeNumber("runs", value("runs"), 1),
    seed: wholeNumber("seed", value("seed"), 0),
    jobs: wholeNumber("jobs", value("jobs"), 1),
    only: value("only")?.split(",").filter((part) => part !== "")
      .map((part) => wholeNumber("only", part, 0)) ?? null,
  }),
};
