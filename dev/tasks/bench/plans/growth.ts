/**
 * How the hot paths grow with the database: the same path in a small and in a large one, in turns,
 * and the plans of the large one; of others as large, with their numbers behind one gateway and behind
 * a thousand, the plans alone.
 *
 * @module
 */

import type { PostgresServer } from "../../../platform/database/postgres.ts";
import type { Findings } from "../figures.ts";
import { alternate, medianFigure } from "../measure.ts";
import { examine, planFaults, tryPath } from "./examine.ts";
import { createFilled, type DatabaseSize, findFacts } from "./fill.ts";
import { HOT_PATHS } from "./hot-paths.ts";
import { HEARS } from "./work-paths.ts";

const SMALL: DatabaseSize = { instances: 100, messages: 1_000 };
const ROUNDS = 7;

/** Their numbers are behind so many gateways; messages are of no matter there. */
const OTHERS = [1, 1_000].map((gateways) => ({ gateways, messages: 100_000 }));

/** Measures on a server that has the template; the databases stay until the server ends. */
export async function measureGrowth(
  server: PostgresServer,
  large: DatabaseSize,
): Promise<Findings> {
  const small = await createFilled(server, "bench_small", SMALL);
  const big = await createFilled(server, "bench_large", large);
  try {
    const examined = await examine(`${server.adminUrl}/bench_large`);
    const facts = { small: await findFacts(small), big: await findFacts(big) };
    const figures = [];
    for (const { path, rowsRead } of examined) {
      const inSmall = async () => [await tryPath(small, path, facts.small)];
      const inBig = async () => [await tryPath(big, path, facts.big)];
      // The first one of a session also plans.
      await alternate(1, inSmall, inBig);
      const key = `path_${path.name.replace(/\W+/g, "_").replace(/_$/, "")}`;
      figures.push(medianFigure(await alternate(ROUNDS, inSmall, inBig), {
        key: `${key}_ms`,
        floorKey: `${key}_small_ms`,
        label: `${path.name} (${rowsRead} rows read)`,
        unit: "ms",
        what: "in the small database",
      }));
    }
    const faults = [...planFaults(examined)];
    for (const other of OTHERS) {
      const name = `bench_${other.gateways}`;
      const sql = await createFilled(server, name, { ...large, ...other });
      const paths = other.gateways > 1 ? HOT_PATHS : HOT_PATHS.filter(({ name }) => name !== HEARS);
      const found = planFaults(await examine(`${server.adminUrl}/${name}`, paths));
      faults.push(...found.map((fault) => `behind ${other.gateways}: ${fault}`));
      await sql.end({ timeout: 2 });
      await server.dropDatabase(name);
    }
    return { figures, faults };
  } finally {
    await small.end({ timeout: 2 });
    await big.end({ timeout: 2 });
  }
}
