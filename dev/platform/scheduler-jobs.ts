/**
 * What pg_cron does every minute on a hosted project.
 *
 * @module
 */

import type postgres from "postgres";
import type { TickerJob } from "./ticker.ts";

/** The functions that the scheduler calls. */
export const SCHEDULED_FUNCTIONS = [
  "auto-reconnect-instances",
  "advance-ghost-repairs",
  "release-held-messages",
] as const;

/** What the scheduler does in the database itself. */
export async function runScheduledSql(sql: postgres.Sql): Promise<void> {
  await sql`select public.sweep()`;
}

/** Whom the scheduler calls. */
export interface SchedulerCall {
  readonly url: string;
  readonly cronSecret: string;
  readonly sql: postgres.Sql;
}

/** The jobs of one tick. */
export function schedulerJobs({ url, cronSecret, sql }: SchedulerCall): readonly TickerJob[] {
  const functions = SCHEDULED_FUNCTIONS.map((name) => ({
    name,
    run: async () => {
      const response = await fetch(`${url}/functions/v1/${name}`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-cron-secret": cronSecret },
        body: "{}",
      });
      const said: unknown = await response.json().catch(() => null);
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
      return said;
    },
  }));
  const sweep = { name: "sweep", run: () => runScheduledSql(sql) };
  return [...functions, sweep];
}
