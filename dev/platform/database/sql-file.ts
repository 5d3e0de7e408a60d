/**
 * Runs a file of SQL statements.
 *
 * @module
 */

import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import postgres from "postgres";

/** A statement of a file failed. */
export class SqlFileError extends Error {
  override readonly name = "SqlFileError";
  /**
   * @param file The file's name.
   * @param line The line of the failing statement's fault, from 1; undefined where PostgreSQL gave none.
   * @param cause What PostgreSQL said.
   */
  constructor(
    readonly file: string,
    readonly line: number | undefined,
    override readonly cause: Error,
  ) {
    super(`${file}${line === undefined ? "" : `:${line}`}: ${cause.message}`);
  }
}

/**
 * Connects, and disconnects whatever happens.
 *
 * @param databaseUrl Where.
 * @param use What to do meanwhile.
 * @param max How many connections there may be at once.
 * @returns What `use` returned.
 */
export async function connected<T>(
  databaseUrl: string,
  use: (sql: postgres.Sql) => Promise<T>,
  max = 1,
): Promise<T> {
  const sql = postgres(databaseUrl, { max, onnotice: () => {} });
  try {
    return await use(sql);
  } finally {
    await sql.end({ timeout: 2 });
  }
}

/**
 * Connects, runs every statement of the file in one transaction, and disconnects.
 *
 * @param databaseUrl Where.
 * @param file Which file.
 * @throws {SqlFileError} When a statement failed; nothing of the file remains then.
 */
export async function runSqlFile(databaseUrl: string, file: URL): Promise<void> {
  const text = await Deno.readTextFile(file);
  const name = basename(fileURLToPath(file));
  await connected(databaseUrl, (sql) => sql.begin((tx) => runStatements(tx, name, text)));
}

/**
 * Runs every statement of a text on a connection.
 *
 * @param sql The connection or transaction.
 * @param file What to call the text in an error.
 * @param text The statements.
 * @throws {SqlFileError} When a statement failed.
 */
export async function runStatements(
  sql: postgres.ISql,
  file: string,
  text: string,
): Promise<void> {
  try {
    await sql.unsafe(text).simple();
  } catch (error) {
    if (!(error instanceof postgres.PostgresError)) throw error;
    const position = Number(error.position);
    const line = position > 0 ? text.slice(0, position).split("\n").length : undefined;
    throw new SqlFileError(file, line, error);
  }
}
