/**
 * Tries every hot path and says where a whole large table is read.
 *
 * @module
 */

import type postgres from "postgres";
import { time } from "../measure.ts";
import { connectExplained, largeTables, type Scan } from "./explain.ts";
import { type Facts, findFacts } from "./facts.ts";
import { HOT_PATHS, type HotPath } from "./hot-paths.ts";

/** Below this a whole table is read as fast as an index. */
const LARGE_TABLE_ROWS = 1_000;

/** What works no list off has no reason to look at more, in a database of any size. */
const ROWS_WITHOUT_LIST = 1_000;

/** What works off a list looks at its entries and some rows for each. */
const ROWS_WITH_LIST = 50_000;

/** PostgreSQL settles on a plan for all parameters at a statement's sixth run in a session. */
const RUNS = 7;

/** What a path did. */
export interface Examined {
  readonly path: HotPath;
  /** Rows looked at in the last run; a small table that is read as a whole is not counted. */
  readonly rowsRead: number;
  /** How many tables and indexes were looked into in the last run. */
  readonly scans: number;
  /** Where a whole large table was read. */
  readonly wholeTables: readonly Scan[];
}

/**
 * Runs each path several times, each time in a transaction that is rolled back.
 *
 * @param databaseUrl A filled database, as superuser.
 * @param paths All of them unless told.
 */
export async function examine(
  databaseUrl: string,
  paths: readonly HotPath[] = HOT_PATHS,
): Promise<readonly Examined[]> {
  const connection = await connectExplained(databaseUrl);
  try {
    const facts = await findFacts(connection.sql);
    const large = await largeTables(connection.sql, LARGE_TABLE_ROWS);
    const examined: Examined[] = [];
    for (const path of paths) {
      let scans: readonly Scan[] = [];
      const wholeTables: Scan[] = [];
      for (let run = 0; run < RUNS; run++) {
        connection.takeScans();
        await tryPath(connection.sql, path, facts);
        scans = connection.takeScans();
        wholeTables.push(...scans.filter((scan) => isWhole(scan) && large.has(scan.relation)));
      }
      const rowsRead = scans
        .filter((scan) => !isWhole(scan) || large.has(scan.relation))
        .reduce((sum, scan) => sum + scan.rowsRead, 0);
      examined.push({ path, rowsRead, scans: scans.length, wholeTables: distinct(wholeTables) });
    }
    return examined;
  } finally {
    await connection.end();
  }
}

/** A sentence for each table that was read as a whole, and each path that reads too much. */
export function planFaults(examined: readonly Examined[]): readonly string[] {
  return examined.flatMap(({ path: { name, batch }, rowsRead, wholeTables }) => [
    ...wholeTables.map(({ relation, statement }) =>
      `${name} reads all of ${relation}: ${statement.replace(/\s+/g, " ").trim().slice(0, 160)}`
    ),
    ...(rowsRead <= (batch ? ROWS_WITH_LIST : ROWS_WITHOUT_LIST)
      ? []
      : [`${name} looks at ${rowsRead} rows`]),
  ]);
}

class RolledBack extends Error {
  override readonly name = "RolledBack";
}

/** Runs a path and undoes it. @returns How long it took, in milliseconds, without the undoing. */
export async function tryPath(sql: postgres.Sql, path: HotPath, facts: Facts): Promise<number> {
  let ms = 0;
  await sql.begin(async (transaction) => {
    ms = await time(() => path.run(transaction, facts));
    throw new RolledBack();
  }).catch((error: unknown) => {
    if (!(error instanceof RolledBack)) throw error;
  });
  return ms;
}

function isWhole({ node }: Scan): boolean {
  return node === "Seq Scan";
}

function distinct(scans: readonly Scan[]): readonly Scan[] {
  return [...new Map(scans.map((scan) => [scan.relation + scan.statement, scan])).values()];
}
