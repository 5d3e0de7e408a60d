/**
 * Batches that are chosen where a plan may choose them again for each row, so that more than one is
 * changed.
 *
 * @module
 */

import type postgres from "postgres";

const AGAIN =
  /\b(?:in|using|from) \(\s*select\b[^;]*?\blimit\b[^;()]*(?:\([^()]*\)[^;()]*)?skip locked\)/;
const IN = /\bin \(\s*select\b(?:(?!\bselect\b)[^;])*?\blimit\b/;

/** Whether a function's source chooses so. */
export function choosesAgain(source: string): boolean {
  return AGAIN.test(source) || IN.test(source);
}

/** The names of a database's functions that choose so, and how many have a limit at all. */
export async function findChoosingAgain(sql: postgres.ISql) {
  const functions = await sql<{ name: string; source: string }[]>`
    select p.oid::regprocedure::text as name, p.prosrc as source from pg_proc p
    where p.pronamespace in ('public'::regnamespace, 'ghost_repair'::regnamespace)`;
  return {
    again: functions.filter(({ source }) => choosesAgain(source)).map(({ name }) => name),
    limited: functions.filter(({ source }) => /\blimit\b/.test(source)).length,
  };
}
