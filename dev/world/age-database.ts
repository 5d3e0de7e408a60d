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

/**
 * After this many rewritten rows their old versions are removed: the server's own vacuum comes by
 * once a minute, and a busy simulation writes a million of them in that time.
 */
const REWRITTEN_ROWS = 20_000;

/** Statuses whose responses cannot have a body. */
const BODYLESS = [101, 204, 205, 304];

/**
 * Every timestamp of the project's tables. Instants that the gateway's clock gave are compared with
 * each other only, so they keep their value: their comment says "gateway clock".
 */
const TABLES = `
  select format('%I.%I', n.nspname, c.relname) as name,
    array_agg(quote_ident(a.attname) order by a.attnum) as columns
  from pg_catalog.pg_attribute a
  join pg_catalog.pg_class c on c.oid = a.attrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where n.nspname in ('public', 'private') and c.relkind = 'r'
    and a.atttypid = 'pg_catalog.timestamptz'::pg_catalog.regtype
    and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    and coalesce(pg_catalog.col_description(c.oid, a.attnum), '') not like '%gateway clock%'
  group by 1 order by 1`;

interface Table {
  readonly name: string;
  readonly columns: readonly string[];
}

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
  let tables: readonly Table[] | undefined;
  const rewritten = new Map<string, number>();
  clock.onAdvance((ms) => pendingMs += ms);

  const age = async () => {
    if (pendingMs === 0) return;
    tables ??= await prepareOnce(sql);
    const ms = pendingMs;
    pendingMs = 0;
    let rows: readonly number[];
    try {
      rows = await ageBy(sql, ms);
      agedMs += ms;
    } catch (error) {
      pendingMs += ms;
      throw error;
    }
    for (const [index, { name }] of tables.entries()) {
      const sum = (rewritten.get(name) ?? 0) + (rows[index] ?? 0);
      rewritten.set(name, sum < REWRITTEN_ROWS ? sum : 0);
      if (sum >= REWRITTEN_ROWS) await sql.unsafe(`vacuum ${name}`);
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

const prepared = new WeakMap<postgres.Sql, Promise<readonly Table[]>>();

function prepareOnce(sql: postgres.Sql): Promise<readonly Table[]> {
  const before = prepared.get(sql);
  if (before !== undefined) return before;
  const preparing = prepare(sql);
  prepared.set(sql, preparing);
  preparing.catch(() => prepared.delete(sql));
  return preparing;
}

/** Makes the function that ages the tables: a session plans its statements once. */
async function prepare(sql: postgres.Sql): Promise<readonly Table[]> {
  const tables = await sql.unsafe<Table[]>(TABLES);
  const updates = tables.map(({ name, columns }) => {
    const changes = columns.map((column) => `${column} = ${column} - p_by`).join(", ");
    const any = columns.map((column) => `${column} is not null`).join(" or ");
    return `update ${name} set ${changes} where ${any};
      get diagnostics v_rows = row_count;
      v_all := v_all || v_rows;`;
  });
  await sql.unsafe(`
    create schema if not exists virtual_time;
    create or replace function virtual_time.age(p_by interval) returns int[]
    language plpgsql set search_path = '' as $$
    declare
      v_rows int;
      v_all int[] := '{}';
    begin
      -- Triggers stay silent: nobody wrote to these rows. A lock that does not come is a mistake.
      perform pg_catalog.set_config('session_replication_role', 'replica', true);
      perform pg_catalog.set_config('lock_timeout', '10s', true);
      ${updates.join("\n      ")}
      return v_all;
    end $$`).simple();
  return tables;
}

/** @returns Rows by table, in the order of {@linkcode TABLES}. */
async function ageBy(sql: postgres.Sql, ms: number): Promise<readonly number[]> {
  const [row] = await sql<{ rows: number[] }[]>`
    select virtual_time.age(${`${ms} milliseconds`}::interval) as rows`;
  return row?.rows ?? [];
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
