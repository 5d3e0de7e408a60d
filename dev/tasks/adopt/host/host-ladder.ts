/**
 * What the ladder needs of a host's table, as SQL: the rest of what `*_session.sql` is for
 * `whatsapp_instances`; where a number's gateway is; and what calls the ladder. Pure.
 *
 * @module
 */

import type { Host, Ladder } from "./host.ts";
import { columnOf, hostSql, identifier, literal } from "./host-sql.ts";

/** Writes what stands before the ladder's own statements. */
export function writeLadderSession(host: Host, ladder: Ladder): string {
  const { table, id, name, alive, isConnected, isPairing, isManual } = hostSql(host);
  const key = keySql(host, ladder);
  const { connectedFlag, pairingFlag, manualFlag } = host;
  const open = [
    `${identifier(host.status)} = ${host.isFlag ? "true" : literal(host.connected[0]!)}`,
    ...connectedFlag === null ? [] : [`${identifier(connectedFlag)} = true`],
  ].join(", ");
  const isOpen = [
    isConnected("h"),
    ...connectedFlag === null ? [] : [`${columnOf("h", connectedFlag)} is true`],
  ].join(" or ");
  const withdraws = [isManual("new"), isPairing("new")].filter((each) => each !== "false");
  const watched = [host.status, pairingFlag, manualFlag].filter((each) => each !== null);
  const here = atGateway(host, "v_gateway");

  return `-- Where a number's gateway is: as the last send that failed had it. Nobody else may read it.
create table if not exists ghost_repair.credentials (
  instance_id uuid primary key references ghost_repair.numbers (id) on delete cascade,
  api_url text not null,
  -- A secret; null where it stands elsewhere.
  api_key text
);
create index if not exists credentials_gateway on ghost_repair.credentials (api_url);
alter table ghost_repair.credentials enable row level security;
revoke all on ghost_repair.credentials from public, anon, authenticated, service_role;

-- What a person disconnected stays so.
create or replace function ghost_repair.write_connected(p_instance_id uuid) returns void
language sql security definer set search_path = '' as $$
  update ${table} h set ${open}
  from ghost_repair.numbers n
  where n.id = p_instance_id and ${id} = n.host_id and not (${isManual("h")});
  update ghost_repair.numbers n set disconnected_since = null where n.id = p_instance_id;
$$;

-- A logout is about to be made: the limit reads this column, whoever makes it.
create or replace function ghost_repair.note_logout(p_instance_id uuid) returns void
language sql security definer set search_path = '' as $$
  update ghost_repair.numbers n set last_disconnected_at = ghost_repair.now()
  where n.id = p_instance_id
$$;

-- The session was reported open; what the row says stays.
create or replace function ghost_repair.note_open(p_instance_id uuid) returns void
language sql security definer set search_path = '' as $$
  update ghost_repair.numbers n set connection_epoch = n.connection_epoch + 1
  where n.id = p_instance_id
$$;

-- Where a number's gateway is and how it is called there.
create or replace function ghost_repair.read_address(p_instance_id uuid)
returns table (
  instance_name text, display_name text, phone_number text, api_url text, api_key text
)
language sql stable security definer set search_path = '' as $$
  select ${name}::text, null::text, null::text, c.api_url, ${key.read}
  from ghost_repair.numbers n join ${table} h on ${id} = n.host_id
  left join ghost_repair.credentials c on c.instance_id = n.id${key.join}
  where n.id = p_instance_id
$$;

-- Of the numbers that fail, whether at least \`p_least\` are at this one's gateway, and half of all that
-- are there; numbers disconnected by hand do not count.
create or replace function ghost_repair.fails_as_a_gateway(
  p_instance_id uuid, p_failing uuid[], p_least int
) returns boolean
language plpgsql stable security definer set search_path = '' as $$
declare
  v_gateway text := (
    select c.api_url from ghost_repair.credentials c where c.instance_id = p_instance_id);
  v_failing int;
  v_numbers int;
begin
  select count(*) into v_failing
  from ghost_repair.credentials c
  join ghost_repair.numbers n on n.id = c.instance_id
  join ${table} h on ${id} = n.host_id and not (${isManual("h")})
  where c.instance_id = any (p_failing) and c.api_url = v_gateway;
  if v_failing < p_least then
    return false;
  end if;
  select count(*) into v_numbers from (
    select from ${table} h where not (${isManual("h")})${alive} and ${here}
    limit v_failing * 2 + 1) counted;
  return v_failing * 2 >= v_numbers;
end $$;

-- Whether no other number is connected at this one's gateway.
create or replace function ghost_repair.is_alone_at_gateway(p_instance_id uuid) returns boolean
language plpgsql stable security definer set search_path = '' as $$
declare
  v_gateway text := (
    select c.api_url from ghost_repair.credentials c where c.instance_id = p_instance_id);
begin
  return not exists (
    select from ${table} h where (${isOpen})${alive} and ${here}
      and ${id} <> (select n.host_id from ghost_repair.numbers n where n.id = p_instance_id));
end $$;
${
    withdraws.length === 0 ? "" : `
-- Disconnected by hand, or waiting for a scan: there is nothing left to repair, whoever wrote it.
create or replace function ghost_repair.tell_session_withdrawn() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform ghost_repair.session_withdrawn(n.id,
    case when ${isManual("new")} then 'manual' else 'awaiting_qr' end)
  from ghost_repair.numbers n where n.host_id = ${columnOf("new", host.id.column)};
  return null;
end $$;
create or replace trigger ghost_repair_withdrawn
  after update of ${watched.map(identifier).join(", ")} on ${table}
  for each row when (${withdraws.join(" or ")})
  execute function ghost_repair.tell_session_withdrawn();
`
  }`;
}

/** Whether a row is at a gateway; a table that does not say counts as one gateway. */
function atGateway(host: Host, gateway: string): string {
  const { address } = hostSql(host);
  return host.address === null ? "true" : `ghost_repair.same_gateway(${address}, ${gateway})`;
}

/** How the key is read, what is joined for it, and which part of a send's key is remembered. */
function keySql(host: Host, { key }: Ladder): Record<"read" | "join" | "remembered", string> {
  const { table, id } = hostSql(host);
  switch (key.from) {
    case "send":
      return { read: "coalesce(c.api_key, '')", join: "", remembered: "p_send ->> 'api_key'" };
    case "environment":
      return { read: "''", join: "", remembered: "null" };
    case "column": {
      const own = `nullif(${columnOf("h", key.column)}::text, '')`;
      const row = `(select ${own} from ghost_repair.numbers n
      join ${table} h on ${id} = n.host_id where n.id = p_id)`;
      return {
        read: `coalesce(${own}, c.api_key, '')`,
        join: "",
        // A row without a key: what its sends have is all there is.
        remembered: `case when ${row} is null then p_send ->> 'api_key' end`,
      };
    }
    case "table": {
      const join = `\n  left join ${key.table} k on ${columnOf("k", key.theirs)} = ${
        columnOf("h", key.ours)
      }`;
      const read = `coalesce(nullif(${columnOf("k", key.column)}::text, ''), '')`;
      return { read, join, remembered: "null" };
    }
  }
}

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
  delete from ghost_repair.repairs r where r.id in (
    select old.id from ghost_repair.repairs old
    where old.closed_at < ghost_repair.now() - interval '90 days' limit 100);
  delete from ghost_repair.leases l where (l.kind, l.subject) in (
    select old.kind, old.subject from ghost_repair.leases old
    where old.expires_at < ghost_repair.now() - interval '1 day' limit 100);
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
