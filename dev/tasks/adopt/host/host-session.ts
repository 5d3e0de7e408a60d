/**
 * The number's row of an adopted project, as SQL: what `*_session.sql` is for `whatsapp_instances`,
 * written for the host's own table. Pure.
 *
 * The host's table gets one trigger and nothing else: what the repair needs to know of a number is in
 * `ghost_repair.numbers`, made when a number is first met, so numbers that are added later need nothing.
 *
 * @module
 */

import type { Host } from "./host.ts";
import { columnOf, hostSql, identifier, literal } from "./host-sql.ts";

/** Writes the statements. */
export function writeHostSession(host: Host): string {
  const { table, idType, id, name, alive, address, isConnected, isPairing, isManual } = hostSql(
    host,
  );
  const { connectedFlag } = host;
  const dead = host.isFlag ? host.disconnected : literal(host.disconnected);
  const ownId = idType === "uuid" ? "v_host" : "gen_random_uuid()";
  const reported = [host.status, ...connectedFlag === null ? [] : [connectedFlag]];
  const reports = [
    isConnected("new"),
    ...connectedFlag === null ? [] : [`${columnOf("new", connectedFlag)} is true`],
  ].join(" or ");
  const flagged = connectedFlag === null ? "" : `, ${identifier(connectedFlag)} = false`;
  const trigger = identifier("ghost_repair_reported_open");

  return `-- The host's table is named in this part alone, and what is added to it is one trigger.

create table if not exists ghost_repair.numbers (
  -- What the repair calls the number${idType === "uuid" ? "; the host's own id" : ""}.
  id uuid primary key,
  host_id ${idType} not null unique references ${table} (${identifier(host.id.column)})
    on delete cascade,
  disconnected_since timestamptz,
  -- The rate limit reads this column, and the repair alone writes it.
  last_disconnected_at timestamptz,
  -- Raised by every report that the session is open; what was decided before changes nothing after.
  connection_epoch bigint not null default 0,
  -- When something last proved that the socket lives.
  last_alive_at timestamptz
);
alter table ghost_repair.numbers enable row level security;

create or replace function ghost_repair.raise_connection_epoch() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  update ghost_repair.numbers n set connection_epoch = n.connection_epoch + 1
  where n.host_id = new.${identifier(host.id.column)};
  return null;
end $$;

-- Fires whenever a statement names the column, also where the row already said so: a session that
-- came back during a logout is seen, whoever wrote the report.
create or replace trigger ${trigger}
  after update of ${reported.map(identifier).join(", ")} on ${table}
  for each row when (${reports})
  execute function ghost_repair.raise_connection_epoch();

-- What the repair knows of a number. All null: there is none.
do $$ begin
  if to_regtype('ghost_repair.session') is null then
    create type ghost_repair.session as (
      instance_id uuid,
      organization_id uuid,
      status text,
      manual_disconnect boolean,
      disconnected_since timestamptz,
      last_disconnected_at timestamptz,
      connection_epoch bigint
    );
  end if;
end $$;

create or replace function ghost_repair.read_session(p_instance_id uuid)
returns ghost_repair.session
language sql stable security definer set search_path = '' as $$
  select n.id, null::uuid,
    case
      when ${isPairing("h")} then 'awaiting_qr'
      when ${isConnected("h")} then 'connected'
      else 'disconnected'
    end,
    ${isManual("h")}, n.disconnected_since, n.last_disconnected_at, n.connection_epoch
  from ghost_repair.numbers n join ${table} h on ${id} = n.host_id
  where n.id = p_instance_id${alive}
$$;

-- The same, its row locked until the end of the transaction; the host's row first.
create or replace function ghost_repair.lock_session(p_instance_id uuid, p_skip boolean default false)
returns ghost_repair.session
language plpgsql security definer set search_path = '' as $$
declare
  v_host constant ${idType} := (
    select n.host_id from ghost_repair.numbers n where n.id = p_instance_id);
begin
  if p_skip then
    perform from ${table} h where ${id} = v_host for no key update skip locked;
  else
    perform from ${table} h where ${id} = v_host for no key update;
  end if;
  return case when found then ghost_repair.read_session(p_instance_id) end;
end $$;

create or replace function ghost_repair.write_disconnected(p_instance_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
begin
  update ghost_repair.numbers n set
    disconnected_since = ghost_repair.now(), last_disconnected_at = ghost_repair.now()
  where n.id = p_instance_id;
  update ${table} h set ${identifier(host.status)} = ${dead}${flagged}
  from ghost_repair.numbers n where n.id = p_instance_id and ${id} = n.host_id;
end $$;

-- An address, as far as it says which gateway it is: people write it in several ways.
create or replace function ghost_repair.same_gateway(p_one text, p_other text) returns boolean
language sql immutable set search_path = '' as $$
  select substring(lower(p_one) from '^\\s*(?:https?://)?(.*?)(?:/manager)?[/\\s]*$')
    = substring(lower(p_other) from '^\\s*(?:https?://)?(.*?)(?:/manager)?[/\\s]*$')
$$;

-- Which number a send went through. By its name, and where several have it by the gateway, too; none
-- where that is not one number.
create or replace function ghost_repair.find_host(p_instance_name text, p_api_url text)
returns ${idType}
language plpgsql stable security definer set search_path = '' as $$
declare
  v_found ${idType}[];
begin
  select array_agg(${id}) into v_found
  from ${table} h where ${name}::text = p_instance_name${alive};
  if cardinality(v_found) > 1 then
    select array_agg(${id}) into v_found
    from ${table} h where ${name}::text = p_instance_name${alive}
      and ghost_repair.same_gateway(${address}, p_api_url);
  end if;
  return case when cardinality(v_found) = 1 then v_found[1] end;
end $$;

-- Its id, made where it is met for the first time.
create or replace function ghost_repair.number_of(p_host ${idType}) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  v_host constant ${idType} := p_host;
begin
  insert into ghost_repair.numbers (id, host_id) values (${ownId}, v_host)
  on conflict (host_id) do nothing;
  return (select n.id from ghost_repair.numbers n where n.host_id = v_host);
end $$;
`;
}
