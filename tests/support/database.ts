/**
 * Tests that ask the database alone: in a clone of the template, or in one that was cleared for them.
 *
 * @module
 */

import postgres from "postgres";
import { clearDatabase } from "../../dev/platform/database/clear.ts";
import { advanceDatabase } from "../../dev/platform/database/database-clock.ts";
import type { PostgresServer } from "../../dev/platform/database/postgres.ts";
import { connected } from "../../dev/platform/database/sql-file.ts";
import { TEMPLATE } from "../../dev/platform/database/template.ts";
import { type CompanyOptions, seedCompany, type SeededCompany } from "../../dev/platform/seed.ts";
import { closeCrowd } from "./crowd.ts";
import { closeServerAfterAll, serverTest, testServer } from "./server.ts";

closeServerAfterAll();

/** Tables are small here: planning for each value would be half the work. */
const SMALL_TABLES = { plan_cache_mode: "force_generic_plan" };

/** A database of a test's own. */
export interface TestDatabase {
  readonly server: PostgresServer;
  readonly name: string;
  /** As role `postgres`, which is no superuser. */
  readonly url: string;
  /** Connections to {@linkcode url}. */
  readonly sql: postgres.Sql;
}

/** A database with one company in it. */
export interface CompanyDatabase extends TestDatabase {
  readonly company: SeededCompany;
  /** The company's number, connected. */
  readonly instanceId: string;
}

/** Registers a test that gets a fresh clone of the template, or an empty database. */
export function databaseTest(
  name: string,
  run: (database: TestDatabase) => Promise<void>,
  { template }: { readonly template?: string | null } = { template: TEMPLATE },
): void {
  serverTest(name, async () => {
    const database = await openDatabase(template);
    try {
      await run(database);
    } finally {
      await closeDatabase(database);
    }
  });
}

/** A database for as long as somebody wants it; `settings` are those of its sessions. */
export async function openDatabase(
  template?: string | null,
  { settings = {}, connections = 4 }: {
    readonly settings?: Readonly<Record<string, string>>;
    readonly connections?: number;
  } = {},
): Promise<TestDatabase> {
  const server = await testServer();
  const name = `test_${crypto.randomUUID().replaceAll("-", "")}`;
  await server.createDatabase(
    name,
    template ? { template, settings: { ...SMALL_TABLES, ...settings } } : {},
  );
  const url = server.url(name);
  return { server, name, url, sql: postgres(url, { max: connections, onnotice: () => {} }) };
}

/** Closes what was opened to it, and drops it. */
export async function closeDatabase({ server, name, url, sql }: TestDatabase): Promise<void> {
  await closeCrowd(url);
  await sql.end({ timeout: 2 });
  await server.dropDatabase(name);
}

let free: TestDatabase | undefined;

/** Whoever changes the schema of a database that others will use is told so. */
const GUARD = `
  create function public.schema_is_shared() returns event_trigger language plpgsql as $$
  begin
    raise 'the next test is given this database too: use ownCompanyTest';
  end $$;
  create event trigger schema_is_shared on ddl_command_start execute function public.schema_is_shared()`;

async function openShared(): Promise<TestDatabase> {
  const database = await openDatabase(TEMPLATE);
  // What puts its clock ahead belongs to the schema.
  await advanceDatabase(database.sql, 0);
  const { adminUrl } = database.server;
  await connected(`${adminUrl}/${database.name}`, (admin) => admin.unsafe(GUARD).simple());
  return database;
}

// Before the server's own end, which was registered earlier: the last that is registered goes first.
Deno.test.afterAll(async () => {
  if (free !== undefined) await closeDatabase(free);
  free = undefined;
});

/**
 * Registers a test that finds one company and nothing else in the database. It may not change the
 * schema: the next one is given the same database and its connections, cleared. After a test that
 * failed it is not used again.
 */
export function companyTest(name: string, run: (database: CompanyDatabase) => Promise<void>): void {
  serverTest(name, async () => {
    const database = free ?? await openShared();
    const isUsed = free !== undefined;
    free = undefined;
    try {
      if (isUsed) await clearDatabase(database.sql);
      await runWithCompany(database, run);
      free = database;
    } finally {
      if (free === undefined) await closeDatabase(database);
    }
  });
}

/** Registers a test that finds one company in a database of its own, whose schema it may change. */
export function ownCompanyTest(
  name: string,
  run: (database: CompanyDatabase) => Promise<void>,
): void {
  databaseTest(name, (database) => runWithCompany(database, run));
}

async function runWithCompany(
  database: TestDatabase,
  run: (database: CompanyDatabase) => Promise<void>,
): Promise<void> {
  const company = await addCompany(database.sql, "atendimento");
  await run({ ...database, company, instanceId: company.instanceId });
}

/** Another company, named after its instance. */
export function addCompany(
  sql: postgres.Sql,
  instanceName: string,
  options: Partial<CompanyOptions> = {},
): Promise<SeededCompany> {
  return seedCompany(sql, {
    instanceName,
    phone: "5511900000001",
    email: `${instanceName}@example.test`,
    apiUrl: "http://evolution.test",
    apiKey: "evolution-key",
    ...options,
  });
}

/**
 * More numbers of a company, with a gateway, all in one state.
 *
 * @param state Columns and values that differ from a connected number.
 * @returns Their ids, in the order of their names.
 */
export async function addInstances(
  sql: postgres.Sql,
  company: SeededCompany,
  count: number,
  state: Readonly<Record<string, string | number | boolean | Date | null>> = {},
): Promise<string[]> {
  const prefix = crypto.randomUUID();
  const rows = Array.from({ length: count }, (_, index) => ({
    id: crypto.randomUUID(),
    organization_id: company.organizationId,
    instance_name: `${prefix}-${String(index).padStart(4, "0")}`,
    status: "connected",
    ...state,
  }));
  await sql`insert into public.whatsapp_instances ${sql(rows)}`;
  await sql`
    insert into private.instance_credentials (instance_id, api_url, api_key, webhook_secret)
    select id, 'http://evolution.test', 'evolution-key', 'webhook-secret'
    from unnest(${rows.map((row) => row.id)}::uuid[]) id`;
  return rows.map((row) => row.id);
}

/** The only row of a query. */
export async function only<T extends object>(rows: PromiseLike<Iterable<T>>): Promise<T> {
  const [row, ...more] = await rows;
  if (!row || more.length > 0) throw new Error(`one row expected, got ${row ? "more" : "none"}`);
  return row;
}

/** What one of the project's functions answers, called as the functions call it. */
export async function callSql<T = string>(
  sql: postgres.ISql,
  name: string,
  ...told: readonly (Date | postgres.JSONValue)[]
): Promise<T> {
  const holes = told.map((_, index) => `$${index + 1}`);
  const values = told.map((value) =>
    value === null || value instanceof Date || typeof value !== "object" ? value : sql.json(value)
  );
  const { answer } = await only(
    sql.unsafe<{ answer: T }[]>(
      `select ${name.includes(".") ? name : `public.${name}`}(${holes}) as answer`,
      values,
    ),
  );
  return answer;
}
