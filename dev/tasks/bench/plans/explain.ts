/**
 * How PostgreSQL runs what a SQL function does inside: `auto_explain` reports the plan of every
 * statement, also of those in functions that functions call.
 *
 * @module
 */

import postgres from "postgres";
import { z } from "zod";

/** A table or an index was read. */
export interface Scan {
  /** `Seq Scan`, `Index Scan`, … */
  readonly node: string;
  readonly relation: string;
  /** Rows looked at, also those that did not fit; all loops together. */
  readonly rowsRead: number;
  /** The statement's text. */
  readonly statement: string;
}

interface PlanNode {
  readonly "Node Type": string;
  readonly "Relation Name"?: string | undefined;
  readonly "Actual Rows"?: number | undefined;
  readonly "Actual Loops"?: number | undefined;
  readonly "Rows Removed by Filter"?: number | undefined;
  readonly "Rows Removed by Index Recheck"?: number | undefined;
  readonly Plans?: readonly PlanNode[] | undefined;
}

const planNode: z.ZodType<PlanNode> = z.object({
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

/** A connection whose statements are explained. */
export interface ExplainedConnection {
  readonly sql: postgres.Sql;
  /** What was read since the last call of this. */
  takeScans(): readonly Scan[];
  end(): Promise<void>;
}

/**
 * Connects as superuser, which loading `auto_explain` needs.
 *
 * @param databaseUrl With a superuser's name.
 */
export async function connectExplained(databaseUrl: string): Promise<ExplainedConnection> {
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
    takeScans: () => {
      const taken = scans;
      scans = [];
      return taken;
    },
    end: () => sql.end({ timeout: 2 }),
  };
}

/** Rows are the average of a node's loops. */
function collect(node: PlanNode, statement: string, scans: Scan[]): void {
  const relation = node["Relation Name"];
  if (relation !== undefined && node["Node Type"].endsWith("Scan")) {
    const each = (node["Actual Rows"] ?? 0) + (node["Rows Removed by Filter"] ?? 0) +
      (node["Rows Removed by Index Recheck"] ?? 0);
    const rowsRead = Math.round(each * (node["Actual Loops"] ?? 0));
    scans.push({ node: node["Node Type"], relation, rowsRead, statement });
  }
  for (const child of node.Plans ?? []) collect(child, statement, scans);
}

/**
 * Tables with so many rows, by the statistics.
 *
 * @param atLeast Below this a whole table is read as fast as an index.
 */
export async function largeTables(sql: postgres.Sql, atLeast: number): Promise<Set<string>> {
  const rows = await sql<{ relname: string }[]>`
    select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and n.nspname in ('public', 'private', 'auth')
      and c.reltuples >= ${atLeast}`;
  return new Set(rows.map((row) => row.relname));
}
