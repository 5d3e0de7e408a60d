/**
 * How an adopted ladder is called, as SQL: what its project's functions tell the database, and the job
 * that calls the ladder's own function. Pure.
 *
 * @module
 */

import type { Host, Ladder } from "./host.ts";
import { atGateway, keySql } from "./host-ladder.ts";
import { hostSql, identifier, literal } from "./host-sql.ts";

/** Writes what stands after the ladder's own statements. */
export function writeLadderDoor(host: Host, ladder: Ladder): string {
  const { remembered } = keySql(host, ladder);
  const variable = ladder.key.from === "environment" ? literal(ladder.key.variable) : "null";
  const filters = ladder.filters.map(({ relation, idColumn }) =>
    `-- What the query of their auto-reconnect leaves out: a number that the ladder is at work on.
create or replace function public.${FILTER}(p_row ${relation}) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select from ghost_repair.numbers n
    where n.host_id = p_row.${identifier(idColumn)} and ghost_repair.has_open_repair(n.id))
$$;
revoke all on function public.${FILTER}(${relation}) from public, anon, authenticated;
grant execute on function public.${FILTER}(${relation}) to service_role;
`
  );
  return `${filters.join("\n")}
-- How the database calls the ladder's function: the address comes with the first send that fails, the
-- secret is the database's own.
create table if not exists ghost_repair.scheduler (
  only_row boolean primary key default true check (only_row),
  secret text not null default replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''),
  project_url text,
  public_key text
);
insert into ghost_repair.scheduler (only_row) values (true) on conflict do nothing;
alter table ghost_repair.scheduler enable row level security;
revoke all on ghost_repair.scheduler from public, anon, authenticated, service_role;

-- A send failed: where its gateway is, and where this project is. What is over is kept for ninety days.
create or replace function public.ghost_repair_remember(p_id uuid, p_send jsonb, p_project jsonb)
returns void
language sql security definer set search_path = '' as $$
  insert into ghost_repair.credentials as c (instance_id, api_url, api_key)
  values (p_id, p_send ->> 'api_url', ${remembered})
  on conflict (instance_id) do update set api_url = excluded.api_url, api_key = excluded.api_key
  where (c.api_url, c.api_key) is distinct from (excluded.api_url, excluded.api_key);
  update ghost_repair.scheduler s set
    project_url = p_project ->> 'url', public_key = p_project ->> 'public_key'
  where (s.project_url, s.public_key)
    is distinct from (p_project ->> 'url', p_project ->> 'public_key');
  delete from ghost_repair.repairs r where r.id = any (array(
    select old.id from ghost_repair.repairs old
    where old.closed_at < ghost_repair.now() - interval '90 days' limit 100));
  delete from ghost_repair.leases l where l.ctid = any (array(
    select old.ctid from ghost_repair.leases old
    where old.expires_at < ghost_repair.now() - interval '1 day' limit 100));
$$;

-- Whether who calls the ladder's function is this database, which variable of it holds the key, and
-- whether anything calls it.
create or replace function public.ghost_repair_tick(p_secret text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_scheduled boolean := false;
begin
  if to_regclass('cron.job') is not null then
    execute $q$select exists (
      select from cron.job j where j.jobname = 'ghost-repair-ladder')$q$ into v_scheduled;
  end if;
  return (
    select jsonb_build_object('allowed', s.secret = p_secret, 'key_variable', ${variable}::text,
      'scheduled', v_scheduled)
    from ghost_repair.scheduler s);
end $$;

-- A webhook of the gateway, as the project's own function was told, perhaps before it looked who sent
-- it: so nothing is marked by it. A number that never failed is at the gateway where others of its
-- address did.
create or replace function public.ghost_repair_webhook(
  p_instance_name text, p_server_url text, p_state text default null
) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid;
begin
  v_id := ghost_repair.number_of(h) from ghost_repair.find_host(p_instance_name, p_server_url) h
  where h is not null;
  if v_id is null then
    return;
  end if;
  if not exists (select from ghost_repair.credentials c where c.instance_id = v_id) then
    insert into ghost_repair.credentials (instance_id, api_url, api_key)
    select v_id, c.api_url, c.api_key
    from ghost_repair.credentials c, ${hostSql(host).table} h, ghost_repair.numbers n
    where n.id = v_id and ${hostSql(host).id} = n.host_id and ${atGateway(host, "c.api_url")}
    limit 1
    on conflict do nothing;
  end if;
  perform ghost_repair.webhook_delivered(v_id);
  if p_state = 'connecting' then
    perform ghost_repair.note_connecting(v_id);
  elsif p_state = 'open' then
    perform ghost_repair.hasten_repair(v_id);
  end if;
end $$;

revoke all on function public.ghost_repair_remember(uuid, jsonb, jsonb),
  public.ghost_repair_tick(text),
  public.ghost_repair_webhook(text, text, text) from public, anon, authenticated;
grant execute on function public.ghost_repair_remember(uuid, jsonb, jsonb),
  public.ghost_repair_tick(text),
  public.ghost_repair_webhook(text, text, text) to service_role;

-- Calls the ladder's function where a step is due. Returns whether it was called.
create or replace function ghost_repair.call_ladder() returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_scheduler ghost_repair.scheduler := (select s from ghost_repair.scheduler s);
begin
  perform ghost_repair.take_up_abandoned_repairs();
  if v_scheduler.project_url is null or not (
    exists (select from ghost_repair.due_repairs d where not ghost_repair.is_leased('repair', d.id))
    or exists (select from ghost_repair.blocked_repairs)
    or exists (select from ghost_repair.due_gateway_versions)) then
    return false;
  end if;
  -- Executed as text: pg_net may be missing where this function is created.
  execute 'select net.http_post(url := $1, body := $2, headers := $3, timeout_milliseconds := $4)'
    using v_scheduler.project_url || '/functions/v1/advance-ghost-repairs', '{}'::jsonb,
      jsonb_strip_nulls(jsonb_build_object('content-type', 'application/json',
        'x-cron-secret', v_scheduler.secret, 'apikey', v_scheduler.public_key,
        -- A legacy key is a token, which the platform wants where the function's setting says so.
        'authorization', case when v_scheduler.public_key like 'eyJ%'
          then 'Bearer ' || v_scheduler.public_key end)), 55000;
  return true;
end $$;

do $$
declare
  v_seconds boolean;
begin
  if (select count(*) from pg_catalog.pg_available_extensions
    where name in ('pg_cron', 'pg_net')) < 2 then
    raise notice 'not scheduled: pg_cron or pg_net is not available here. From another scheduler: select ghost_repair.call_ladder()';
    return;
  end if;
  create extension if not exists pg_cron;
  create extension if not exists pg_net with schema extensions;
  -- Seconds are known from 1.5 on. Scheduling a name again replaces its job.
  select e.extversion ~ '^(1\\.([5-9]|\\d\\d)|[2-9]|\\d\\d)' into v_seconds
  from pg_catalog.pg_extension e where e.extname = 'pg_cron';
  perform cron.schedule('ghost-repair-ladder',
    case when v_seconds then '10 seconds' else '* * * * *' end,
    $job$select ghost_repair.call_ladder()$job$);
end $$;
notify pgrst, 'reload schema';
`;
}

/** What a query filters by: PostgREST takes a function of a row for a column of it. */
export const FILTER = "ghost_repair_open";
