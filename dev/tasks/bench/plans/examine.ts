/**
 * Tries every hot path and says where a whole large table is read. `auto_explain` reports the plan of
 * every statement, also of those in functions that functions call.
 *
 * @module
 */

import postgres from "postgres";
import { z } from "zod";
import { time } from "../measure.ts";
import { type Facts, findFacts } from "./fill.ts";
import { HOT_PATHS, type HotPath } from "./hot-paths.ts";

/** Below this a whole table is read as fast as an index. */
const LARGE_TABLE_ROWS = 1_000;

/** What works no list off has no reason to look at more, in a database of any size. */
const ROWS_WITHOUT_LIST = 1_000;

/** What works off a list looks at its entries and some rows for each. */
const ROWS_WITH_LIST = 50_000;

/** PostgreSQL settles on a plan for all parameters at a statement's sixth run in a session. */
const RUNS = 7;

/** A table or an index was read. */
interface Scan {
  /** `Seq Scan`, `Index Scan`, … */
  readonly node: string;
  readonly relation: string;
  /** Rows looked at, also those that did not fit; all loops together. */
  readonly rowsRead: number;
  /** The statement's text. */
  readonly statement: string;
}

/** What a path did. */
interface Examined {
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
    const large = await findLargeTables(connection.sql);
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

const planNode = z.object({
  "Node Type": z.string(),
  "Relation Name": z.string().optional(),
  "Actual Rows": z.number().optional(),
  "Actual Loops": z.number().optional(),
  "Rows Removed by Filter": z.number().optional(),
  "Rows Removed by Index Recheck": z.number().optional(),
  get Plans() {
    return z.array(planNode).optional();
  },
});
const reported = z.object({ "Query Text": z.string().default(""), Plan: planNode });

/** Connects as superuser, which loading `auto_explain` needs. */
async function connectExplained(databaseUrl: string) {
  let scans: Scan[] = [];
  const sql = postgres(databaseUrl, {
    max: 1,
    onnotice: ({ message }) => {
      const json = /^duration: [^\n]*plan:\n([\s\S]*)$/.exec(message ?? "")?.[1];
      if (json === undefined) return;
      const { Plan, "Query Text": statement } = reported.parse(JSON.parse(json));
      collect(Plan, statement, scans);
    },
  });
  await sql.unsafe(`
    load 'auto_explain';
    set auto_explain.log_min_duration = 0;
    set auto_explain.log_nested_statements = on;
    set auto_explain.log_analyze = on;
    set auto_explain.log_timing = off;
    set auto_explain.log_format = json;
    set auto_explain.log_level = notice;
  `).simple();
  return {
    sql,
    /** What was read since the last call of this. */
    takeScans: (): readonly Scan[] => {
      const taken = scans;
      scans = [];
      return taken;
    },
    end: () => sql.end({ timeout: 2 }),
  };
}

/** Rows are the average of a node's loops. */
function collect(node: z.infer<typeof planNode>, statement: string, scans: Scan[]): void {
  const relation = node["Relation Name"];
  const loops = node["Actual Loops"] ?? 0;
  // What a statement had no need of was not read.
  if (relation !== undefined && loops > 0 && node["Node Type"].endsWith("Scan")) {
    const each = (node["Actual Rows"] ?? 0) + (node["Rows Removed by Filter"] ?? 0) +
      (node["Rows Removed by Index Recheck"] ?? 0);
    const rowsRead = Math.round(each * loops);
    scans.push({ node: node["Node Type"], relation, rowsRead, statement });
  }
  for (const child of node.Plans ?? []) collect(child, statement, scans);
}

/** By the statistics. */
async function findLargeTables(sql: postgres.Sql): Promise<ReadonlySet<string>> {
  const rows = await sql<{ relname: string }[]>`
    select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and n.nspname in ('public', 'private', 'auth', 'ghost_repair')
      and c.reltuples >= ${LARGE_TABLE_ROWS}`;
  return new Set(rows.map((row) => row.relname));
}
