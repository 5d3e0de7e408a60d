/**
 * Tests that ask the database alone, each in a clone of the template.
 *
 * @module
 */

import type postgres from "postgres";
import type { PostgresServer } from "../../dev/platform/database/postgres.ts";
import { connected } from "../../dev/platform/database/sql-file.ts";
import { TEMPLATE } from "../../dev/platform/database/template.ts";
import { type CompanyOptions, seedCompany, type SeededCompany } from "../../dev/platform/seed.ts";
import { closeServerAfterAll, testServer } from "./server.ts";

closeServerAfterAll();

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
  // The server outlives the test, so what it holds open is not a leak of the test's.
  Deno.test({ name, sanitizeOps: false, sanitizeResources: false }, async () => {
    const server = await testServer();
    const database = `test_${crypto.randomUUID().replaceAll("-", "")}`;
    await server.createDatabase(database, template ? { template } : {});
    const url = server.url(database);
    try {
      await connected(url, (sql) => run({ server, name: database, url, sql }), 4);
    } finally {
      await server.dropDatabase(database);
    }
  });
}

/** Registers a test that gets a fresh database with one company in it. */
export function companyTest(name: string, run: (database: CompanyDatabase) => Promise<void>): void {
  databaseTest(name, async (database) => {
    const company = await addCompany(database.sql, "atendimento");
    await run({ ...database, company, instanceId: company.instanceId });
  });
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
