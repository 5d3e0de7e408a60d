-- What keeps the gateway from saying how a number is: it does not know the number, refuses its key, is
-- away, or there is none. Each look changes nothing, so without this it would be silent for ever. A
-- person is told once, of each reason.

alter table ghost_repair.settings
  -- A finding that is the same for so long will not end by itself.
  add column if not exists tell_after interval not null default interval '10 minutes';

create table if not exists ghost_repair.troubles (
  instance_id uuid primary key references public.whatsapp_instances (id) on delete cascade,
  reason text not null,
  since timestamptz not null default ghost_repair.now(),
  told_at timestamptz
);
alter table ghost_repair.troubles enable row level security;

-- A look that came to nothing, as a reason for people. No answer is one reason, in time or not.
create or replace function ghost_repair.trouble_reason(p_outcome text) returns text
language sql immutable security definer set search_path = '' as $$
  select case p_outcome
    when 'not_found' then 'not_found'
    when 'timeout' then 'gateway_unreachable'
    when 'invalid' then 'gateway_error'
    else 'gateway_' || p_outcome
  end
$$;

-- A look came to nothing, for this reason. Told of once it has been so for long; at once where
-- `p_after` is no time at all.
create or replace function ghost_repair.note_trouble(
  p_instance_id uuid, p_reason text, p_after interval default null
) returns void
language plpgsql security definer set search_path = '' as $$
begin
  insert into ghost_repair.troubles as t (instance_id, reason) values (p_instance_id, p_reason)
  on conflict (instance_id) do update set
    reason = excluded.reason, since = excluded.since, told_at = null
    where t.reason <> excluded.reason;
  update ghost_repair.troubles t set told_at = ghost_repair.now()
  where t.instance_id = p_instance_id and t.told_at is null and t.since
    <= ghost_repair.now() - coalesce(p_after, (select s.tell_after from ghost_repair.settings s));
  if found then
    perform ghost_repair.add_event(p_instance_id, 'needs_operator',
      jsonb_build_object('reason', p_reason));
  end if;
end $$;

-- The gateway said how the number is.
create or replace function ghost_repair.end_trouble(p_instance_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
begin
  delete from ghost_repair.troubles t where t.instance_id = p_instance_id;
end $$;

-- By the number's key, one at a time: joined, the whole table of credentials would be read.
create or replace function ghost_repair.has_gateway(p_instance_id uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (select from private.instance_credentials k where k.instance_id = p_instance_id)
$$;

-- Numbers that are away, or under repair, and have no gateway to ask: nobody can lease them. Who has
-- a row locked has its turn at the next sweep. Returns how many a person was told of.
create or replace function ghost_repair.report_unlinked_numbers() returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid;
  v_told bigint := 0;
begin
  for v_id in
    select n.id from (
      select i.id from public.whatsapp_instances i
      where i.status <> 'connected' and not i.manual_disconnect
      union
      select r.instance_id from public.ghost_repairs r where r.closed_at is null) n
    where not ghost_repair.has_gateway(n.id)
      and not exists (
        select from ghost_repair.troubles t
        where t.instance_id = n.id and t.reason = 'instance_without_gateway')
  loop
    continue when (ghost_repair.lock_session(v_id, true)).instance_id is null;
    perform ghost_repair.note_trouble(v_id, 'instance_without_gateway', '0');
    v_told := v_told + 1;
  end loop;
  return v_told;
end $$;
