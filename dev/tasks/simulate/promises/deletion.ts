/**
 * A deletion's promise: what a number leaves goes in batches, so that no minute of the scheduler takes
 * longer because a number was used for long.
 *
 * @module
 */

import type postgres from "postgres";

/** A batch in the runs in which a number with a long history is deleted. */
export const HISTORY_BATCH = 500;

/** Counts what each sweep detaches. */
export class Deletions {
  #detached = 0;

  /** @param sql The database. */
  constructor(private readonly sql: postgres.Sql) {}

  /** After a sweep: what is wrong with it; null: nothing. */
  async afterSweep(): Promise<string | null> {
    const [row] = await this.sql<{ n: number }[]>`select count(*)::int as n from public.messages
      where whatsapp_instance_id is null and content = 'long ago'`;
    const before = this.#detached;
    this.#detached = row?.n ?? 0;
    const detached = this.#detached - before;
    return detached > HISTORY_BATCH ? `one sweep detached ${detached} messages` : null;
  }
}
