/**
 * The migration of an adopted project: the product's own `*_time.sql` and `*_ghost_repair.sql`, and in
 * the place of `*_session.sql` what was written for the host's table. Pure.
 *
 * @module
 */

import type { Host } from "./host.ts";
import { writeHostSession } from "./host-session.ts";

/** The product's migrations that are taken. */
export interface ProductSql {
  readonly time: string;
  readonly ghostRepair: string;
}

/** What the product's SQL names, and what stands for it in a project: nothing of theirs is in the way. */
const NAMES: readonly (readonly [from: RegExp, to: string])[] = [
  [/\bpublic\.whatsapp_instances\b/g, "ghost_repair.numbers"],
  [/\bpublic\.instance_events(_id_seq)?\b/g, "ghost_repair.events$1"],
  // Nobody reads them over the API.
  [/^-- A signed-in user sees no event .*\ngrant select on ghost_repair\.events .*\n/gm, ""],
];

/** Verbs of 0.1.0 whose answers had other columns: those cannot be replaced, only made anew. */
const BEFORE = `-- Functions of an older version of the patch, whatever their arguments were.
do $$
declare
  v_old record;
begin
  for v_old in
    select p.oid::regprocedure as signature from pg_catalog.pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.proname in (
      'claim_ghost_repair', 'confirm_ghost_repair', 'release_ghost_repair', 'record_ghost_logout',
      'record_ghost_verification', 'finish_ghost_repair', 'ghost_repair_number')
  loop
    execute format('drop function %s', v_old.signature);
  end loop;
end $$;
`;

const DOOR =
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
  delete from ghost_repair.events e where e.id in (
    select old.id from ghost_repair.events old
    where old.created_at < ghost_repair.now() - interval '90 days'
    order by old.created_at limit 100);
  return (
    select jsonb_build_object('id', v_id, 'confirm_at_ms', to_jsonb(s.confirm_at_ms))
    from ghost_repair.settings s);
end $$;
revoke all on function public.ghost_repair_number(text, text) from public, anon, authenticated;
grant execute on function public.ghost_repair_number(text, text) to service_role;
`;

/** Writes the migration; the same host and product give the same text. */
export function writeHostMigration(host: Host, product: ProductSql): string {
  const parts = [
    `-- The repair of ghost sessions, written by \`task adopt\` for ${host.schema}.${host.table}.
-- May be applied any number of times. Taken back by \`task adopt --undo\`.
`,
    product.time,
    BEFORE,
    writeHostSession(host),
    NAMES.reduce((sql, [from, to]) => sql.replaceAll(from, to), product.ghostRepair),
    DOOR,
  ];
  return parts.map((part) => part.trim()).join("\n\n") + "\n";
}
