/**
 * Virtual time for a real database: its clock is put ahead by what has passed on a virtual one.
 *
 * @module
 */

import type postgres from "postgres";
import { advanceDatabase } from "../platform/database/database-clock.ts";
import type { VirtualClock } from "./virtual-clock.ts";

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

/** Settles when a piece of real work is done, or waits for something that only time will end. */
export type UntilStuck = (work: Promise<unknown>) => Promise<unknown>;

/**
 * Ties a database to a virtual clock, from this moment on.
 *
 * @param untilStuck How long time stands still for a request; until it is done, unless told.
 */
export function createDatabaseTime(
  sql: postgres.Sql,
  clock: VirtualClock,
  untilStuck: UntilStuck = (work) => work,
): DatabaseTime {
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
    wrapFetch: (inner) => (input, init) => {
      const work = (async () => {
        await flush();
        const { status, statusText, headers, body } = await readWhole(await inner(input, init));
        return new Response(BODYLESS.includes(status) ? null : body, {
          status,
          statusText,
          headers,
        });
      })();
      clock.track(untilStuck(work)).catch(() => {});
      return work;
    },
  };
}

async function readWhole(response: Response) {
  const { status, statusText, headers } = response;
  return { status, statusText, headers, body: await response.arrayBuffer() };
}
