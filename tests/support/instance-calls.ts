/**
 * The SQL of a person's actions with a number, called as the functions call it.
 *
 * @module
 */

import assert from "node:assert/strict";
import type postgres from "postgres";
import { type CompanyDatabase, only } from "./database.ts";

/** What such a function answers. */
export type Answer = Readonly<Record<string, unknown>>;

/** Asks for the company's owner, about the company's number. */
export async function ask(db: CompanyDatabase, fn: string, ...args: string[]): Promise<Answer> {
  const all = [db.company.userId, db.instanceId, ...args];
  const places = all.map((_, index) => `$${index + 1}`).join(", ");
  return await tell(db.sql, `public.${fn}(${places})`, all);
}

/** Calls a function and returns what it answers, as JSON. */
export async function tell(
  sql: postgres.ISql,
  call: string,
  args: readonly string[],
): Promise<Answer> {
  const { answer } = await only(
    sql.unsafe<{ answer: Answer }[]>(`select to_jsonb(${call}) as answer`, [...args]),
  );
  return answer;
}

/** The token of an answer that granted one. */
export function tokenOf(answer: Answer): string {
  assert.equal(answer["result"], "claimed", JSON.stringify(answer));
  return String(answer["token"]);
}

/** Says what a person's connect found out, a QR where it is one. */
export function recordConnect(db: CompanyDatabase, token: string, result: string): Promise<Answer> {
  return tell(db.sql, "public.record_connect($1, $2, 'user', $3::text::jsonb)", [
    db.instanceId,
    token,
    JSON.stringify({ result, qr: { code: "2@x" } }),
  ]);
}

/** Writes every number's row. */
export function setState({ sql }: CompanyDatabase, state: string): PromiseLike<unknown> {
  return sql.unsafe(`update public.whatsapp_instances set ${state}`);
}

/** See {@linkcode setState}. */
export const DISCONNECTED = "status = 'disconnected', disconnected_since = ghost_repair.now()";
