/**
 * How the hot paths grow with the database: the same path in a small and in a large one, in turns,
 * and the plans of the large one.
 *
 * @module
 */

import type postgres from "postgres";
import type { PostgresServer } from "../../../platform/database/postgres.ts";
import type { Figure, Findings } from "../figures.ts";
import { percentile } from "../measure.ts";
import { examine, planFaults, tryPath } from "./examine.ts";
import { findFacts } from "./facts.ts";
import { createFilled, type DatabaseSize } from "./fill.ts";
import { HOT_PATHS, type HotPath } from "./hot-paths.ts";

const SMALL: DatabaseSize = { instances: 100, messages: 1_000 };
const ROUNDS = 7;

/** Measures on a server that has the template; the databases stay until the server ends. */
export async function measureGrowth(
  server: PostgresServer,
  large: DatabaseSize,
): Promise<Findings> {
  const small = await createFilled(server, "bench_small", SMALL);
  const big = await createFilled(server, "bench_large", large);
  try {
    const examined = await examine(`${server.adminUrl}/bench_large`);
    const times = await timePaths(small, big);
    return {
      figures: HOT_PATHS.flatMap(({ name }, index) => {
        const key = `path_${name.replace(/\W+/g, "_").replace(/_$/, "")}`;
        return [{
          key: `${key}_ms`,
          label: `${name} (${examined[index]!.rowsRead} rows read)`,
          value: times[index]!.big,
          unit: "ms",
          floor: {
            key: `${key}_small_ms`,
            value: times[index]!.small,
            what: "in the small database",
          },
        }] satisfies Figure[];
      }),
      faults: planFaults(examined),
    };
  } finally {
    await small.end({ timeout: 2 });
    await big.end({ timeout: 2 });
  }
}

async function timePaths(small: postgres.Sql, big: postgres.Sql) {
  const [smallFacts, bigFacts] = [await findFacts(small), await findFacts(big)];
  const run = async (path: HotPath) => {
    const samples = { small: [] as number[], big: [] as number[] };
    for (let round = 0; round <= ROUNDS; round++) {
      const pair = [
        await tryPath(small, path, smallFacts),
        await tryPath(big, path, bigFacts),
      ] as const;
      // The first one of a session also plans.
      if (round === 0) continue;
      samples.small.push(pair[0]);
      samples.big.push(pair[1]);
    }
    return { small: percentile(samples.small, 0.5), big: percentile(samples.big, 0.5) };
  };
  const times = [];
  for (const path of HOT_PATHS) times.push(await run(path));
  return times;
}
