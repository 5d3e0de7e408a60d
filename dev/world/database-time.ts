/**
 * Virtual time for a real database. The product's SQL asks `ghost_repair.now()` and nothing else; here
 * that function adds what has passed on a virtual clock. Nothing else of the database is changed.
 *
 * @module
 */

import type postgres from "postgres";
import type { VirtualClock } from "./virtual-clock.ts";

const INSTALL = `
  create schema if not exists virtual_time;
  create table if not exists virtual_time.clock (ahead interval not null);
  insert into virtual_time.clock
    select '0' where not exists (select from virtual_time.clock);
  create or replace function ghost_repair.now() returns timestamptz
  language sql stable parallel safe security definer set search_path = '' as $$
    select pg_catalog.now() + c.ahead from virtual_time.clock c
  $$;`;

/**
 * Puts a database's clock ahead, by more at each call.
 *
 * @param sql A connection as `postgres`, to a migrated database.
 * @param ms By how much, in milliseconds.
 */
export async function advanceDatabase(sql: postgres.Sql, ms: number): Promise<void> {
  const advance = () =>
    sql`update virtual_time.clock set ahead = ahead + ${`${ms} milliseconds`}::interval`;
  try {
    await advance();
  } catch (error) {
    // 3F000, 42P01: it was never put ahead before.
    if (!["3F000", "42P01"].includes((error as { code?: string }).code ?? "")) throw error;
    await sql.unsafe(INSTALL).simple();
    await advance();
  }
}

/** Keeps a database's clock as far as a virtual one. */
export interface DatabaseTime {
  /** Makes up for the time that has passed since the last call; counts as real work. */
  flush(): Promise<void>;
  /**
   * Wraps the fetch that reaches the database's API: the clock is put ahead before each request. All
   * of it, until the answer's last byte, counts as real work.
   */
  wrapFetch(inner: typeof fetch): typeof fetch;
}

/** Statuses whose responses cannot have a body. */
const BODYLESS = [101, 204, 205, 304];

/** Ties a database to a virtual clock, from this moment on. */
export function createDatabaseTime(sql: postgres.Sql, clock: VirtualClock): DatabaseTime {
  let pendingMs = 0;
  let turn: Promise<void> = Promise.resolve();
  clock.onAdvance((ms) => pendingMs += ms);
  const catchUp = async () => {
    const ms = pendingMs;
    if (ms === 0) return;
    pendingMs = 0;
    try {
      await advanceDatabase(sql, ms);
    } catch (error) {
      pendingMs += ms;
      throw error;
    }
  };
  const flush = () => {
    const mine = turn.then(catchUp);
    turn = mine.catch(() => {});
    return clock.track(mine);
  };
  return {
    flush,
    wrapFetch: (inner) => (input, init) =>
      clock.track((async () => {
        await flush();
        const { status, statusText, headers, body } = await readWhole(await inner(input, init));
        return new Response(BODYLESS.includes(status) ? null : body, {
          status,
          statusText,
          headers,
        });
      })()),
  };
}

async function readWhole(response: Response) {
  const { status, statusText, headers } = response;
  return { status, statusText, headers, body: await response.arrayBuffer() };
}
