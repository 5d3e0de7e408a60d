/**
 * The database's share of a faster world. What it waits for (the next step of a repair, the two
 * minutes between two logouts) becomes due sooner because those instants move back. What people
 * read (events, messages) keeps its time, and so do leases, which belong to a tick that is running.
 *
 * @module
 */

import type postgres from "postgres";

/** Instants that something waits for, by table. */
const WAITED_FOR: Readonly<Record<string, readonly string[]>> = {
  "public.whatsapp_instances": ["last_disconnected_at", "last_reconnect_attempt_at"],
  "public.ghost_repairs": [
    "next_step_at",
    "waiting_since",
    "opened_at",
    "connect_called_at",
    "restart_called_at",
    "logout_called_at",
  ],
  "ghost_repair.claims": ["claimed_at", "expires_at", "finished_at"],
  "ghost_repair.connecting_signals": ["last_at"],
};

/** Closed repairs are history. */
const ONLY: Readonly<Record<string, string>> = { "public.ghost_repairs": "closed_at is null" };

/**
 * Moves what is waited for back.
 *
 * @param sql A connection as `postgres`.
 * @param ms By how much, in milliseconds.
 */
export async function hurryDatabase(sql: postgres.Sql, ms: number): Promise<void> {
  const by = `interval '${Math.round(ms)} milliseconds'`;
  for (const [table, columns] of Object.entries(WAITED_FOR)) {
    const changes = columns.map((column) => `${column} = ${column} - ${by}`).join(", ");
    // One table at a time: whoever holds rows of two of them is never waited for in a circle.
    await sql.begin(async (transaction) => {
      await transaction.unsafe([
        // Nobody wrote to these rows: triggers stay silent.
        "set local session_replication_role = replica;",
        `update ${table} set ${changes} where ${ONLY[table] ?? "true"};`,
      ].join("\n")).simple();
    });
  }
}
