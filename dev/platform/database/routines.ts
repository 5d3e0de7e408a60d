/**
 * The functions of schema `public` as the catalogue has them, and how one is called by the names of
 * its arguments, as over the API.
 *
 * @module
 */

import type postgres from "postgres";
import { z } from "zod";

const routine = z.object({
  name: z.string(),
  inputs: z.array(z.string()),
  types: z.array(z.string()),
  defaults: z.number(),
  isSet: z.boolean(),
  returns: z.string(),
  isStable: z.boolean(),
});

/** A function, or one of several with its name. */
export type Routine = z.infer<typeof routine>;

/** Reads those of a name; all of them where it is null. */
export async function readRoutines(
  sql: postgres.Sql,
  name: string | null,
): Promise<readonly Routine[]> {
  const rows = await sql`
    select p.proname as name, coalesce(p.proargnames[1:p.pronargs], '{}') as inputs,
      array(select format_type(a.type, null) from unnest(p.proargtypes) with ordinality a (type, place)
        order by a.place) as types,
      p.pronargdefaults::int as defaults, p.proretset as "isSet",
      p.prorettype::regtype::text as returns, p.provolatile <> 'v' as "isStable"
    from pg_catalog.pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.prokind = 'f'
      and p.proname = coalesce(${name}, p.proname)
    order by p.oid`;
  return z.array(routine).parse([...rows]);
}

/** The one that takes these arguments: all that it needs, and none that it does not know. */
export function chooseRoutine(
  found: readonly Routine[],
  given: readonly string[],
): Routine | undefined {
  return found.find(({ inputs, defaults }) =>
    given.every((each) => inputs.includes(each)) &&
    inputs.slice(0, inputs.length - defaults).every((each) => given.includes(each))
  );
}

/**
 * Calls it with the arguments of one JSON object, `$1`, each read as its own type; the answer is
 * JSON, as `body`.
 */
export function callOf({ name, inputs, types, isSet }: Routine, given: readonly string[]): string {
  const quoted = (word: string) => `"${word.replaceAll('"', '""')}"`;
  const columns = given.map((each) => `${quoted(each)} ${types[inputs.indexOf(each)]}`);
  const named = given.map((each) => `${quoted(each)} => a.${quoted(each)}`);
  const call = `public.${quoted(name)}(${named})`;
  const from = given.length === 0
    ? "(select $1::text::json) a"
    : `json_to_record($1::text::json) as a (${columns})`;
  return isSet
    ? `select coalesce(json_agg(f), '[]')::text as body from ${from}, lateral ${call} f`
    : `select to_json(f)::text as body from ${from}, lateral ${call} f`;
}
