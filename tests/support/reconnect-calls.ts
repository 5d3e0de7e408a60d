/**
 * The reconnection's SQL, called as the functions call it.
 *
 * @module
 */

import type postgres from "postgres";
import { callSql, only } from "./database.ts";

/** One row that `lease_due_reconnects` hands out. */
export interface Lease {
  readonly instance_id: string;
  readonly token: string;
  readonly instance_name: string;
  readonly api_url: string;
  readonly api_key: string;
  readonly tick_started: string;
}

/** Leases due rows; `tickStarted` is text, because a Date would lose its microseconds. */
export async function lease(
  sql: postgres.ISql,
  limit = 1000,
  tickStarted: string | null = null,
  seconds = 120,
): Promise<Lease[]> {
  return [
    ...await sql<Lease[]>`
      select instance_id, token, instance_name, api_url, api_key, tick_started::text
      from public.lease_due_reconnects(${limit}, ${tickStarted}::text::timestamptz, ${seconds})`,
  ];
}

/** Leases the only due row. */
export function leaseOne(sql: postgres.ISql, tickStarted: string | null = null): Promise<Lease> {
  return only(lease(sql, 2, tickStarted));
}

/** Asks whether to connect now. */
export function begin(sql: postgres.ISql, id: string, token: string): Promise<boolean> {
  return callSql(sql, "begin_reconnect_attempt", id, token);
}

/** Says what was found out about a leased row. */
export function record(
  sql: postgres.ISql,
  { instance_id, token }: Pick<Lease, "instance_id" | "token">,
  outcome: postgres.JSONValue,
): Promise<boolean> {
  return callSql<{ recorded: boolean } | null>(
    sql,
    "record_connect",
    ...[instance_id, token, "tick", outcome],
  ).then((written) => written?.recorded ?? false);
}
