/**
 * What is measured, as `read_metrics` says it, and its totals alone.
 *
 * @module
 */

import type postgres from "postgres";
import { callSql } from "../../support/database.ts";

type Labels = Readonly<Record<string, string>>;

interface Sample {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

/** Everything that is measured now. */
export function measured(sql: postgres.ISql): Promise<readonly Sample[]> {
  return callSql<Sample[]>(sql, "read_metrics");
}

/** A total, of all that has these labels; 0 where there is none. */
export async function totalOf(
  sql: postgres.ISql,
  name: string,
  labels: Labels = {},
): Promise<number> {
  const [row] = await sql<{ value: number }[]>`
    select coalesce(sum(t.value), 0)::float8 as value from ghost_repair.current_totals t
    where t.name = ${`ghost_repair_${name}`} and t.labels @> ${sql.json(labels)}`;
  return row!.value;
}

/** How much a total grew while something was done. */
export async function growth(
  sql: postgres.ISql,
  name: string,
  labels: Labels,
  run: () => Promise<unknown>,
): Promise<number> {
  const before = await totalOf(sql, name, labels);
  await run();
  return await totalOf(sql, name, labels) - before;
}
