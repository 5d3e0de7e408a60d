/**
 * What the functions of a release may call and read: the API's signatures and columns, as the migrations
 * make them. Functions are deployed after the migrations, and may be taken back: what a release called
 * has to go on as long as that release may run.
 *
 * @module
 */

import type postgres from "postgres";
import { z } from "zod";

const argument = z.object({ name: z.string(), type: z.string(), optional: z.boolean() });

/** See {@linkcode readContract}. */
export const apiContract = z.object({
  /** By name: what is passed, and what comes back: a type, or the columns of a table by name. */
  functions: z.record(
    z.string(),
    z.object({
      arguments: z.array(argument),
      returns: z.union([z.string(), z.record(z.string(), z.string())]),
    }),
  ),
  /** Tables and views that can be read, by name: their columns' types. */
  relations: z.record(z.string(), z.record(z.string(), z.string())),
});

/** See {@linkcode apiContract}. */
export type ApiContract = z.infer<typeof apiContract>;

/** Reads schema `public` of a migrated database: everything that a role of the API may use. */
export async function readContract(sql: postgres.ISql): Promise<ApiContract> {
  const functions = await sql<
    {
      name: string;
      names: string[];
      types: string[];
      modes: string[];
      defaults: number;
      returns: string;
    }[]
  >`
    select p.proname as name, coalesce(p.proargnames, '{}') as names,
      array(select format_type(t, null) from unnest(coalesce(p.proallargtypes, p.proargtypes::oid[]))
        with ordinality u (t, n) order by n) as types,
      coalesce(p.proargmodes::text[], array_fill('i'::text, array[p.pronargs])) as modes,
      p.pronargdefaults as defaults,
      case when p.proretset then 'setof ' else '' end || format_type(p.prorettype, null) as returns
    from pg_catalog.pg_proc p
    where p.pronamespace = 'public'::regnamespace
      and has_function_privilege('service_role', p.oid, 'execute')
    order by p.proname`;
  const columns = await sql<{ relation: string; name: string; type: string }[]>`
    select c.relname as relation, a.attname as name, format_type(a.atttypid, null) as type
    from pg_catalog.pg_class c join pg_catalog.pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v')
      and a.attnum > 0 and not a.attisdropped
      and has_table_privilege('authenticated', c.oid, 'select')
    order by c.relname, a.attname`;
  const relations: Record<string, Record<string, string>> = {};
  for (const { relation, name, type } of columns) (relations[relation] ??= {})[name] = type;
  return {
    functions: Object.fromEntries(
      functions.map(({ name, names, types, modes, defaults, returns }) => {
        const all = types.map((type, at) => ({
          name: names[at] ?? "",
          type,
          mode: modes[at] ?? "i",
        }));
        const passed = all.filter(({ mode }) => mode === "i");
        const table = all.filter(({ mode }) => mode === "t" || mode === "o");
        return [name, {
          arguments: passed.map(({ name, type }, at) => ({
            name,
            type,
            optional: at >= passed.length - defaults,
          })),
          returns: table.length === 0
            ? returns
            : Object.fromEntries(table.map(({ name, type }) => [name, type])),
        }];
      }),
    ),
    relations,
  };
}

/**
 * What of a contract a newer database does not keep: a caller of before would fail, or read what it does
 * not know. More functions, columns and optional arguments break nobody.
 *
 * @returns A sentence for each; none where it is kept.
 */
export function findBroken(before: ApiContract, now: ApiContract): readonly string[] {
  return [
    ...Object.entries(before.functions).flatMap(([name, was]) => {
      const is = now.functions[name];
      if (is === undefined) return [`function ${name} is gone`];
      const known = new Map(was.arguments.map((each) => [each.name, each]));
      return [
        ...was.arguments.flatMap((each) => {
          const found = is.arguments.find((other) => other.name === each.name);
          if (found === undefined) return [`${name}: argument ${each.name} is gone`];
          if (found.type !== each.type) return [`${name}: ${each.name} is ${found.type} now`];
          return each.optional && !found.optional ? [`${name}: ${each.name} has to be passed`] : [];
        }),
        ...is.arguments.filter((each) => !known.has(each.name) && !each.optional)
          .map((each) => `${name}: ${each.name} has to be passed`),
        ...findChanged(name, was.returns, is.returns),
      ];
    }),
    ...Object.entries(before.relations).flatMap(([name, columns]) => {
      const is = now.relations[name];
      return is === undefined ? [`relation ${name} is gone`] : findChanged(name, columns, is);
    }),
  ];
}

type Returned = ApiContract["functions"][string]["returns"];

function findChanged(name: string, was: Returned, is: Returned): readonly string[] {
  if (typeof was === "string" || typeof is === "string") {
    return was === is ? [] : [`${name} returns something else`];
  }
  return Object.entries(was).filter(([column, type]) => is[column] !== type)
    .map(([column]) => `${name}: column ${column} is ${is[column] ?? "gone"}`);
}
