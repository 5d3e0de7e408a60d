/**
 * The ladder's SQL, called as the functions call it.
 *
 * @module
 */

import type postgres from "postgres";
import { addInstances, type CompanyDatabase, only } from "./database.ts";

/** One row that `lease_due_repairs` hands out. */
export interface RepairLease extends postgres.Row {
  readonly repair_id: string;
  readonly instance_id: string;
  readonly token: string;
}

/** Leases repairs whose next step is due; `tickStarted` is text, to keep its microseconds. */
export async function leaseRepairs(
  sql: postgres.ISql,
  limit = 1000,
  tickStarted: string | null = null,
): Promise<RepairLease[]> {
  return [
    ...await sql<RepairLease[]>`
      select *, tick_started::text as tick from public.lease_due_repairs(${limit},
        ${tickStarted}::text::timestamptz)`,
  ];
}

/** Asks whether to make a changing call now. */
export async function beginStep(
  sql: postgres.ISql,
  { repair_id, token }: Pick<RepairLease, "repair_id" | "token">,
  step: string,
): Promise<boolean> {
  const { granted } = await only(sql<{ granted: boolean }[]>`
    select public.begin_repair_step(${repair_id}, ${token}, ${step}) as granted`);
  return granted;
}

/** Says what a tick found out. */
export async function recordStep(
  sql: postgres.ISql,
  { repair_id, token }: Pick<RepairLease, "repair_id" | "token">,
  result: postgres.JSONValue,
): Promise<boolean> {
  const { was } = await only(sql<{ was: boolean }[]>`
    select public.record_repair_step(${repair_id}, ${token}, ${sql.json(result)}) as was`);
  return was;
}

/** Numbers of the company that are disconnected and under repair. */
export async function openRepairs(db: CompanyDatabase, count: number): Promise<string[]> {
  const ids = await addInstances(db.sql, db.company, count, { status: "disconnected" });
  await db.sql`
    insert into public.ghost_repairs (instance_id, organization_id)
    select id, ${db.company.organizationId} from unnest(${ids}::uuid[]) id`;
  return ids;
}
