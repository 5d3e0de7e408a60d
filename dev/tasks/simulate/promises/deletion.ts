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
  readonly #detached = new Map<string, number>();

  /** @param sql The database. */
  constructor(private readonly sql: postgres.Sql) {}

  /** After a sweep: what is wrong with it; null: nothing. */
  async afterSweep(): Promise<string | null> {
    const rows = await this.sql<{ id: string; n: number }[]>`
      select organization_id as id, count(*)::int as n from public.messages
      where whatsapp_instance_id is null and content = 'long ago' group by 1`;
    let wrong: string | null = null;
    for (const { id, n } of rows) {
      const detached = n - (this.#detached.get(id) ?? 0);
      if (detached > HISTORY_BATCH) wrong = `one sweep detached ${detached} messages of a number`;
      this.#detached.set(id, n);
    }
    return wrong;
  }
}
