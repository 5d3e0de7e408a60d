/**
 * Many real connections that do something at the same moment.
 *
 * @module
 */

import postgres from "postgres";

/** Where a crowd meets: a test's database. */
interface Place {
  readonly name: string;
  readonly url: string;
  readonly sql: postgres.Sql;
}

/** How many connections a crowd may have: one that is opened costs more than all that it then does. */
const MOST = 24;

/** How often to look whether all of them wait; each look is a query, so no time is slept away. */
const LOOKS = 50_000;

/** By the database's address. They stay open, since a connection has to plan every statement once. */
const pools = new Map<string, postgres.Sql>();

/** Hands over `count` connections to a database. */
export async function withConnections<T>(
  { url }: Place,
  count: number,
  run: (connections: readonly postgres.ReservedSql[]) => Promise<T>,
): Promise<T> {
  if (count > MOST) throw new RangeError(`${count} connections, ${MOST} at most`);
  const pool = pools.get(url) ?? postgres(url, { max: MOST, onnotice: () => {} });
  pools.set(url, pool);
  const connections = await Promise.all(Array.from({ length: count }, () => pool.reserve()));
  const result = await run(connections);
  await Promise.all(connections.map((connection) => connection`reset all`));
  for (const connection of connections) connection.release();
  return result;
}

/** Closes what crowds opened to a database. */
export async function closeCrowd(url: string): Promise<void> {
  const pool = pools.get(url);
  pools.delete(url);
  await pool?.end({ timeout: 2 });
}

/**
 * Runs a call on each of `count` connections so that all of them stand before the same lock, seen
 * in `pg_stat_activity`, when the first may go on.
 *
 * @param lock Takes what every call needs; it is let go when all of them wait.
 * @returns What each call returned, in the order of the connections.
 */
export function allAtOnce<T>(
  database: Place,
  count: number,
  lock: (transaction: postgres.TransactionSql) => Promise<unknown>,
  call: (sql: postgres.ReservedSql, index: number) => Promise<T>,
): Promise<T[]> {
  return withConnections(database, count, async (connections) => {
    let calls: Promise<T[]> | undefined;
    await database.sql.begin(async (transaction) => {
      await lock(transaction);
      calls = Promise.all(connections.map(call));
      // Awaited below; here it must only not count as unhandled.
      calls.catch(() => {});
      await untilWaiting(database, count);
    });
    return await calls!;
  });
}

/** Returns when `count` backends of the database wait for a lock. */
export async function untilWaiting(database: Place, count: number): Promise<void> {
  let waiting = 0;
  for (let look = 0; look < LOOKS; look++) {
    const [row] = await database.sql<{ n: number }[]>`
      select count(*)::int as n from pg_catalog.pg_stat_activity
      where datname = ${database.name} and wait_event_type = 'Lock'`;
    waiting = row?.n ?? 0;
    if (waiting >= count) return;
  }
  throw new Error(`${count} connections were to wait for a lock, ${waiting} do`);
}

/** Each of the workers takes the next of the items as soon as it is free. */
export async function inTurns<W, T, R>(
  items: readonly T[],
  workers: readonly W[],
  run: (worker: W, item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const rest = items.entries();
  await Promise.all(workers.map(async (worker) => {
    for (const [index, item] of rest) results.push(await run(worker, item, index));
  }));
  return results;
}

/** Splits connections into pairs that meet. */
export function inPairs<W>(workers: readonly W[]): (readonly [W, W])[] {
  const half = workers.length / 2;
  return workers.slice(0, half).map((worker, n) => [worker, workers[half + n]!] as const);
}
