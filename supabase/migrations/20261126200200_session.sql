-- The number's row, as the repair reads, locks and writes it. Patch and ladder name the host's table
-- here and, as what their own rows belong to, in foreign keys; nowhere else. The patch needs
-- `public.whatsapp_instances (id uuid, status text)` and adds the columns that are missing; the
-- ladder also needs `instance_name`, `phone_number`, `reconnect_attempts_count` and
-- `private.instance_credentials`. May be applied any number of times.

alter table public.whatsapp_instances
  add column if not exists disconnected_since timestamptz,
  -- The rate limit reads this column. It is written where a session ends or is about to: by
  -- `write_disconnected` and `note_logout`, by a `close` webhook, and where a person disconnects or
  -- deletes; always with the time of the moment, and nothing clears it. `updated_at`, `status` and
  -- `disconnected_since` are rewritten by webhooks and triggers every second.
  add column if not exists last_disconnected_at timestamptz,
  add column if not exists manual_disconnect boolean not null default false,
  -- Raised by every report that the session is open; what was decided before changes nothing after.
  add column if not exists connection_epoch bigint not null default 0,
  -- When something last proved that the socket lives (`note_alive`).
  add column if not exists last_alive_at timestamptz;

create or replace function ghost_repair.raise_connection_epoch() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  -- A whole row that is written back from an older read must not lower it.
  new.connection_epoch := greatest(new.connection_epoch,
    old.connection_epoch + case when new.status = 'connected' then 1 else 0 end);
  return new;
end $$;

-- `update of status` fires whenever a statement names the column, also where the row already said
-- connected: a session that came back during a logout is seen, whoever wrote the report.
create or replace trigger whatsapp_instances_epoch
  before update of status, connection_epoch on public.whatsapp_instances
  for each row execute function ghost_repair.raise_connection_epoch();

-- Disconnected by hand, or waiting for a scan: there is nothing left to repair, whoever wrote it.
-- The place where the ladder joins in; without it nothing follows. Not `or replace`: applied again,
-- this file leaves a part that is installed in its place. `p_why`: manual | awaiting_qr.
do $hook$ begin
  create function ghost_repair.session_withdrawn(p_instance_id uuid, p_why text)
  returns void
  language sql security definer set search_path = '' as $$ select null::void $$;
exception when duplicate_function then null;
end $hook$;

create or replace function ghost_repair.tell_session_withdrawn() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if new.manual_disconnect then
    perform ghost_repair.session_withdrawn(new.id, 'manual');
  elsif new.status = 'awaiting_qr' and old.status is distinct from 'awaiting_qr' then
    perform ghost_repair.session_withdrawn(new.id, 'awaiting_qr');
  end if;
  return null;
end $$;
create or replace trigger whatsapp_instances_withdrawn
  after update of status, manual_disconnect on public.whatsapp_instances
  for each row execute function ghost_repair.tell_session_withdrawn();

-- What the repair knows of a number. All null: there is none.
do $$ begin
  if to_regtype('ghost_repair.session') is null then
    create type ghost_repair.session as (
      instance_id uuid,
      -- Null where the table does not say so with a column of this name and type.
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
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select row(i.id, substring(to_jsonb(i) ->> 'organization_id'
        from '^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$')::uuid,
      i.status, i.manual_disconnect, i.disconnected_since, i.last_disconnected_at,
      i.connection_epoch)::ghost_repair.session
    from public.whatsapp_instances i where i.id = p_instance_id);
end $$;

-- The same, its row locked until the end of the transaction: the first lock of whoever decides about
-- a number. The order is one for everybody: instance, then repair, claim or lease, then
-- conversation, then message. Where somebody else has the row it waits, or (`p_skip`) answers null.
create or replace function ghost_repair.lock_session(p_instance_id uuid, p_skip boolean default false)
returns ghost_repair.session
language plpgsql security definer set search_path = '' as $$
begin
  if p_skip then
    perform from public.whatsapp_instances i
    where i.id = p_instance_id for no key update skip locked;
  else
    perform from public.whatsapp_instances i where i.id = p_instance_id for no key update;
  end if;
  return case when found then ghost_repair.read_session(p_instance_id) end;
end $$;

create or replace function ghost_repair.write_disconnected(p_instance_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
begin
  update public.whatsapp_instances set
    status = 'disconnected',
    disconnected_since = case when status = 'disconnected'
      then coalesce(disconnected_since, ghost_repair.now()) else ghost_repair.now() end,
    last_disconnected_at = ghost_repair.now()
  where id = p_instance_id;
end $$;

-- Late bound: a project that takes the patch alone need not count attempts. What a person
-- disconnected stays so, whatever is reported.
create or replace function ghost_repair.write_connected(p_instance_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
begin
  update public.whatsapp_instances set
    status = 'connected', disconnected_since = null, reconnect_attempts_count = 0
  where id = p_instance_id and manual_disconnect is not true;
end $$;

-- A logout is about to be made: the limit reads this column, whoever makes it.
create or replace function ghost_repair.note_logout(p_instance_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
begin
  update public.whatsapp_instances set last_disconnected_at = ghost_repair.now()
  where id = p_instance_id;
end $$;

-- The session was reported open; what the row says stays.
create or replace function ghost_repair.note_open(p_instance_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
begin
  update public.whatsapp_instances set connection_epoch = connection_epoch + 1
  where id = p_instance_id;
end $$;

-- Where a number's gateway is and how it is called there. Late bound: the patch does not ask.
create or replace function ghost_repair.read_address(p_instance_id uuid)
returns table (
  instance_name text, display_name text, phone_number text, api_url text, api_key text
)
language plpgsql stable security definer set search_path = '' as $$
begin
  return query
  select i.instance_name, to_jsonb(i) ->> 'display_name', i.phone_number, k.api_url, k.api_key
  from public.whatsapp_instances i
  left join private.instance_credentials k on k.instance_id = i.id
  where i.id = p_instance_id;
end $$;

-- Of the numbers that fail, whether at least `p_least` are at this one's gateway, and half of all that
-- are there; numbers disconnected by hand do not count. A gateway's numbers are counted last, and
-- only as far as the answer needs: there may be a hundred thousand of them.
create or replace function ghost_repair.fails_as_a_gateway(
  p_instance_id uuid, p_failing uuid[], p_least int
) returns boolean
language plpgsql stable security definer set search_path = '' as $$
declare
  v_gateway text := (
    select k.api_url from private.instance_credentials k where k.instance_id = p_instance_id);
  v_failing int;
  v_numbers int;
begin
  select count(*) into v_failing
  from private.instance_credentials k
  join public.whatsapp_instances i on i.id = k.instance_id and i.manual_disconnect is not true
  where k.instance_id = any (p_failing) and k.api_url = v_gateway;
  if v_failing < p_least then
    return false;
  end if;
  select count(*) into v_numbers from (
    select from private.instance_credentials k
    -- From an address to itself: by the index of addresses, also where most numbers have one.
    where k.api_url >= v_gateway and k.api_url <= v_gateway and (
      select i.manual_disconnect is not true from public.whatsapp_instances i
      where i.id = k.instance_id)
    order by k.api_url limit v_failing * 2 + 1) counted;
  return v_failing * 2 >= v_numbers;
end $$;

-- Whether no other number is connected at this one's gateway. They are looked at one after another, up
-- to the first.
create or replace function ghost_repair.is_alone_at_gateway(p_instance_id uuid) returns boolean
language plpgsql stable security definer set search_path = '' as $$
declare
  v_gateway text := (
    select k.api_url from private.instance_credentials k where k.instance_id = p_instance_id);
begin
  return (
    select true from private.instance_credentials k
    where k.api_url >= v_gateway and k.api_url <= v_gateway and k.instance_id <> p_instance_id and (
      select i.status = 'connected' from public.whatsapp_instances i where i.id = k.instance_id)
    order by k.api_url limit 1) is null;
end $$;
