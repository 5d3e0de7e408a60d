/**
 * Virtual time for a real database. SQL asks `now()`, and the server's clock cannot be moved, so the
 * rows age instead: when ten minutes of virtual time have passed, every timestamp in the tables is
 * set ten minutes back, and whatever was due in ten minutes is due.
 *
 * @module
 */

import type postgres from "postgres";
import { createGivenInstants, type GivenInstants } from "./given-instants.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** Keeps a database's rows as old as a virtual clock says. */
export interface Ageing {
  /**
   * Makes up for the time that has passed since the last call. One at a time; callers that come
   * meanwhile wait. Counts as real work, so no time passes during it.
   */
  flush(): Promise<void>;
  /**
   * Wraps the fetch that reaches the database's API: the rows are aged before each request, and
   * with them the instants that an earlier answer gave and the request hands back. All of it, until
   * the answer's last byte, counts as real work.
   */
  wrapFetch(inner: typeof fetch): typeof fetch;
}

/** Statuses whose responses cannot have a body. */
const BODYLESS = [101, 204, 205, 304];

/**
 * Every timestamp of the project's tables. Instants that the gateway's clock gave are compared with
 * each other only, so they keep their value: their comment says "gateway clock".
 */
const COLUMNS = `
  select format('%I.%I', n.nspname, c.relname) as "table", quote_ident(a.attname) as "column"
  from pg_catalog.pg_attribute a
  join pg_catalog.pg_class c on c.oid = a.attrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where n.nspname in ('public', 'private') and c.relkind = 'r'
    and a.atttypid = 'pg_catalog.timestamptz'::pg_catalog.regtype
    and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    and coalesce(pg_catalog.col_description(c.oid, a.attnum), '') not like '%gateway clock%'
  order by 1, 2`;

/**
 * Ties a database to a virtual clock, from this moment on.
 *
 * @param sql A connection as `postgres`. The tables are looked at once, at the first flush with
 * something to do: migrate before.
 * @param clock Whose time passes.
 */
export function createAgeing(sql: postgres.Sql, clock: VirtualClock): Ageing {
  let pendingMs = 0;
  let agedMs = 0;
  const given = createGivenInstants(() => agedMs);
  let turn: Promise<void> = Promise.resolve();
  let tables: ReadonlyMap<string, readonly string[]> | undefined;
  clock.onAdvance((ms) => pendingMs += ms);

  const age = async () => {
    if (pendingMs === 0) return;
    const aged = tables ??= await findColumns(sql);
    const ms = pendingMs;
    pendingMs = 0;
    try {
      await sql.begin(async (transaction) => {
        await transaction.unsafe(ageingSql(aged, ms)).simple();
      });
      agedMs += ms;
    } catch (error) {
      pendingMs += ms;
      throw error;
    }
  };
  const flush = () => {
    const mine = turn.then(age);
    turn = mine.catch(() => {});
    return clock.track(mine);
  };
  return {
    flush,
    wrapFetch: (inner) => (input, init) =>
      clock.track((async () => {
        await flush();
        return await readWhole(await inner(input, handBack(init, given)), given);
      })()),
  };
}

async function findColumns(sql: postgres.Sql): Promise<ReadonlyMap<string, readonly string[]>> {
  const tables = new Map<string, string[]>();
  for (const { table, column } of await sql.unsafe<{ table: string; column: string }[]>(COLUMNS)) {
    tables.set(table, [...tables.get(table) ?? [], column]);
  }
  return tables;
}

/** Triggers stay silent: nobody wrote to these rows. A lock that does not come is a mistake. */
function ageingSql(tables: ReadonlyMap<string, readonly string[]>, ms: number): string {
  const by = `interval '${ms} milliseconds'`;
  const updates = [...tables].map(([table, columns]) => {
    const changes = columns.map((column) => `${column} = ${column} - ${by}`).join(", ");
    const any = columns.map((column) => `${column} is not null`).join(" or ");
    return `update ${table} set ${changes} where ${any};`;
  });
  return [
    "set local session_replication_role = replica;",
    "set local lock_timeout = '10s';",
    ...updates,
  ].join("\n");
}

/** Only bodies in memory are looked at. */
function handBack(init: RequestInit | undefined, given: GivenInstants): RequestInit | undefined {
  const body = init?.body;
  if (!(body instanceof ArrayBuffer)) return init;
  const text = new TextDecoder().decode(body);
  return { ...init, body: given.takeBack(text) };
}

async function readWhole(response: Response, given: GivenInstants): Promise<Response> {
  const { status, statusText, headers } = response;
  const body = await response.arrayBuffer();
  given.give(new TextDecoder().decode(body));
  return new Response(BODYLESS.includes(status) ? null : body, { status, statusText, headers });
}
