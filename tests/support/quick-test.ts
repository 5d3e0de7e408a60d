/**
 * Tests that ask the database alone, on one connection: those of a file share a database, and each
 * takes back what it wrote. A test that needs several connections is a `companyTest`.
 *
 * @module
 */

import type postgres from "postgres";
import { advanceDatabase } from "../../dev/platform/database/database-clock.ts";
import type { SeededCompany } from "../../dev/platform/seed.ts";
import { TEMPLATE } from "../../dev/platform/database/template.ts";
import {
  addCompany,
  closeDatabase,
  type CompanyDatabase,
  openDatabase,
  type TestDatabase,
} from "./database.ts";
import { serverTest } from "./server.ts";

interface Shared extends TestDatabase {
  readonly company: SeededCompany;
}

let opening: Promise<Shared> | undefined;

/**
 * Time goes from statement to statement, though all of them are in one transaction. What it is ahead by
 * is told to the one connection, so that the planner sees through the function as it does in a project.
 */
const CLOCK = `
  create or replace function ghost_repair.now() returns timestamptz
  language sql stable parallel safe as $$
    select pg_catalog.statement_timestamp()
      + pg_catalog.current_setting('virtual_time.ahead')::interval
  $$;
  create function virtual_time.tell() returns trigger language plpgsql as $$
  begin
    perform pg_catalog.set_config('virtual_time.ahead', new.ahead::text, false);
    return null;
  end $$;
  create trigger tell after update on virtual_time.clock
    for each row execute function virtual_time.tell()`;

async function open(): Promise<Shared> {
  const settings = { "virtual_time.ahead": "0" };
  const database = await openDatabase(TEMPLATE, { settings, connections: 1 });
  const { sql } = database;
  const company = await addCompany(sql, "atendimento");
  await advanceDatabase(sql, 0);
  await sql.unsafe(CLOCK).simple();
  return { ...database, company };
}

// Before the server's own end, which was registered earlier: the last that is registered goes first.
Deno.test.afterAll(async () => {
  if (opening !== undefined) await closeDatabase(await opening);
});

/** Registers a test that finds one company in the database. */
export function quickTest(name: string, run: (database: CompanyDatabase) => Promise<void>): void {
  serverTest(name, async () => {
    const { sql, company, ...shared } = await (opening ??= open());
    const { instanceId } = company;
    await undone(sql, (transaction) => run({ ...shared, sql: transaction, company, instanceId }));
  });
}

/** Runs something of which nothing is kept. */
export async function undone(
  sql: postgres.Sql,
  run: (sql: postgres.Sql) => Promise<unknown>,
): Promise<void> {
  const undo = new Error("undo");
  await sql.begin(async (transaction) => {
    await run(nesting(transaction));
    throw undo;
  }).catch((error) => {
    if (error !== undo) throw error;
  });
}

/** A transaction that can be used as a connection: what begins in it is a savepoint of it. */
function nesting(transaction: postgres.TransactionSql): postgres.Sql {
  const begin = (run: (inner: postgres.TransactionSql) => Promise<unknown>) =>
    transaction.savepoint((inner) => run(nesting(inner) as unknown as postgres.TransactionSql));
  return Object.assign(transaction, { begin }) as unknown as postgres.Sql;
}
