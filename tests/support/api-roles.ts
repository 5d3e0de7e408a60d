/**
 * The database as the API's callers meet it: another role, and a token's claims.
 *
 * @module
 */

import postgres from "postgres";

/** The roles that PostgREST becomes. */
export const API_ROLES = ["anon", "authenticated", "service_role"] as const;
/** See {@linkcode API_ROLES}. */
export type ApiRole = (typeof API_ROLES)[number];

/** Who asks. */
interface Caller {
  readonly role: ApiRole;
  /** The token's `sub`, for signed-in users. */
  readonly userId?: string;
}

/** Runs statements as PostgREST would for this caller, and takes everything back. */
export async function as<T>(
  sql: postgres.Sql,
  { role, userId }: Caller,
  run: (transaction: postgres.TransactionSql) => Promise<T>,
): Promise<T> {
  let answer: { readonly value: T } | undefined;
  const undo = new Error("undo");
  await sql.begin(async (transaction) => {
    const claims = JSON.stringify({ role, ...(userId && { sub: userId }) });
    await transaction`select set_config('request.jwt.claims', ${claims}, true)`;
    await transaction`set local role ${transaction(role)}`;
    answer = { value: await run(transaction) };
    throw undo;
  }).catch((error) => {
    if (error !== undo) throw error;
  });
  if (!answer) throw new Error("nothing was asked");
  return answer.value;
}

/** The SQLSTATE that a statement ends with, or null where it succeeds. */
export async function refusal(
  sql: postgres.Sql,
  caller: Caller,
  statement: string,
): Promise<string | null> {
  try {
    await as(sql, caller, (transaction) => transaction.unsafe(statement));
    return null;
  } catch (error) {
    if (error instanceof postgres.PostgresError) return error.code;
    throw error;
  }
}
