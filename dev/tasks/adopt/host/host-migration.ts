/**
 * The migration of an adopted project: the product's own `*_time.sql` and `*_ghost_repair.sql`, and in
 * the place of `*_session.sql` what was written for the host's table. Pure.
 *
 * @module
 */

import type { Host, Ladder } from "./host.ts";
import { writeLadderSession } from "./host-ladder.ts";
import { writeLadderDoor } from "./ladder-door.ts";
import { writeHostSession } from "./host-session.ts";

/** The product's migrations that are taken. */
export interface ProductSql {
  readonly time: string;
  readonly ghostRepair: string;
  /** Of the ladder, in the order of their dependence. */
  readonly ladder: readonly string[];
}

/** What the product's SQL names, and what stands for it in a project: nothing of theirs is in the way. */
const NAMES: readonly (readonly [from: RegExp, to: string])[] = [
  [/\bpublic\.whatsapp_instances\b/g, "ghost_repair.numbers"],
  [/\bpublic\.instance_events(_id_seq)?\b/g, "ghost_repair.events$1"],
  [/\bpublic\.ghost_repairs\b/g, "ghost_repair.repairs"],
  [/\bprivate\.instance_credentials\b/g, "ghost_repair.credentials"],
  [/\bprivate\.gateways\b/g, "ghost_repair.gateways"],
  // Nobody reads them over the API.
  [/^-- A signed-in user sees no .*\ngrant select on ghost_repair\..*\n/gm, ""],
];

/** Of 0.1.0, and no more. */
const GONE = ["finish_ghost_repair"];

/** Functions of `public` that a text makes. */
export function publicFunctionsIn(sql: string): readonly string[] {
  return [...sql.matchAll(/^create or replace function public\.(\w+)\(/gm)].map(([, name]) =>
    name!
  );
}

/** Where an older version's answers had other columns, they cannot be replaced, only made anew. */
function dropOlder(names: readonly string[]): string {
  return `-- Functions of an older version, whatever their arguments were.
do $$
declare
  v_old record;
begin
  for v_old in
    select p.oid::regprocedure as signature from pg_catalog.pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.proname in (
      ${names.map((name) => `'${name}'`).join(",\n      ")})
  loop
    execute format('drop function %s', v_old.signature);
  end loop;
end $$;`;
}

/** The patch alone has no ladder: its repair need not remember where the gateway is. */
const door = (hasLadder: boolean) =>
  `-- Which number a send went through, and how its socket is to be asked; null where there is none. What
-- is told of numbers is kept for ninety days.
create or replace function public.ghost_repair_number(p_instance_name text, p_api_url text)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid;
begin
  v_id := ghost_repair.number_of(h) from ghost_repair.find_host(p_instance_name, p_api_url) h
  where h is not null;
  if v_id is null then
    return null;
  end if;
  delete from ghost_repair.events e where e.id = any (array(
    select old.id from ghost_repair.events old
    where old.created_at < ghost_repair.now() - interval '90 days'
    order by old.created_at limit 100));
  return (
    select jsonb_build_object('id', v_id, 'confirm_at_ms', to_jsonb(s.confirm_at_ms),
      'ladder', ${hasLadder})
    from ghost_repair.settings s);
end $$;
revoke all on function public.ghost_repair_number(text, text) from public, anon, authenticated;
grant execute on function public.ghost_repair_number(text, text) to service_role;
`;

/**
 * Writes the migration; the same host and product give the same text.
 *
 * @param ladder Null: the patch alone.
 */
export function writeHostMigration(
  host: Host,
  product: ProductSql,
  ladder: Ladder | null = null,
): string {
  const ours = (text: string) => NAMES.reduce((sql, [from, to]) => sql.replaceAll(from, to), text);
  const made = [
    writeHostSession(host),
    ...ladder === null ? [] : [writeLadderSession(host, ladder)],
    ours(product.ghostRepair),
    ...ladder === null ? [] : [...product.ladder.map(ours), writeLadderDoor(host, ladder)],
    door(ladder !== null),
  ];
  const parts = [
    `-- The repair of ghost sessions, written by \`task adopt\` for ${host.schema}.${host.table}.
-- May be applied any number of times. Taken back by \`task adopt --undo\`.
`,
    product.time,
    dropOlder([...new Set([...made.flatMap(publicFunctionsIn), ...GONE])]),
    ...made,
  ];
  return parts.map((part) => part.trim()).join("\n\n") + "\n";
}
