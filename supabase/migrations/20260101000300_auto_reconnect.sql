-- The reconnection's work list: leased row by row, so that two ticks never work on one instance.

create table if not exists private.reconnect_leases (
  instance_id uuid primary key references public.whatsapp_instances (id) on delete cascade,
  token uuid not null,
  leased_at timestamptz not null default now(),
  expires_at timestamptz not null
);
alter table private.reconnect_leases enable row level security;
-- From the third attempt's beginning to its answer: when it has lost whoever made it, and a person
-- has to be told. Whoever takes it away tells, so that one does.
alter table private.reconnect_leases add column if not exists gives_up_at timestamptz;
create index if not exists reconnect_leases_gives_up on private.reconnect_leases (gives_up_at)
  where gives_up_at is not null;

-- Due: disconnected, or connecting for a minute without an answer; not by hand, not waiting for a
-- QR, fewer than 3 attempts in this disconnection, not under repair, not leased. Oldest first.
--
-- A tick passes back the `tick_started` of its first call (null there): what was leased since then,
-- by this tick or another, has had its turn.
create or replace function public.lease_due_reconnects(
  p_limit int, p_tick_started timestamptz default null, p_lease_seconds int default 120
) returns table (
  instance_id uuid, token uuid, instance_name text, api_url text, api_key text,
  tick_started timestamptz
)
language sql security definer set search_path = '' as $$
  with due as (
    select i.id, i.instance_name, i.disconnected_since
    from public.whatsapp_instances i
    where i.status in ('disconnected', 'connecting') and not i.manual_disconnect
      and (i.status = 'disconnected'
        or coalesce(i.last_reconnect_attempt_at, i.updated_at) <= now() - interval '1 minute')
      and i.reconnect_attempts_count < 3
      and exists (select from private.instance_credentials k where k.instance_id = i.id)
      and not exists (
        select from public.ghost_repairs g where g.instance_id = i.id and g.closed_at is null)
      and not exists (
        select from private.reconnect_leases l
        where l.instance_id = i.id
          and (l.expires_at > now() or l.leased_at >= coalesce(p_tick_started, now())))
    order by i.disconnected_since nulls first
    limit p_limit
    for update of i skip locked
  ), leased as (
    insert into private.reconnect_leases as l (instance_id, token, leased_at, expires_at)
    select d.id, gen_random_uuid(), now(), now() + make_interval(secs => p_lease_seconds)
    from due d
    -- Looked at again under the row's lock: the query above may not have seen a newer lease.
    on conflict (instance_id) do update set
      token = excluded.token, leased_at = excluded.leased_at, expires_at = excluded.expires_at
      where l.expires_at <= now() and l.leased_at < coalesce(p_tick_started, now())
    returning l.instance_id, l.token
  )
  select l.instance_id, l.token, d.instance_name, k.api_url, k.api_key,
    coalesce(p_tick_started, now())
  from leased l
  join due d on d.id = l.instance_id
  join private.instance_credentials k on k.instance_id = l.instance_id
  order by d.disconnected_since nulls first
$$;

-- Is this still ours to do? Read again under the row's lock: the user may have disconnected by
-- hand, or the session may have come back, since the lease.
create or replace function private.lock_leased_instance(p_instance_id uuid, p_token uuid)
returns public.whatsapp_instances
language sql security definer set search_path = '' as $$
  select i.* from public.whatsapp_instances i
  where i.id = p_instance_id
    and i.status in ('disconnected', 'connecting') and not i.manual_disconnect
    and not exists (
      select from public.ghost_repairs g where g.instance_id = i.id and g.closed_at is null)
    and exists (
      select from private.reconnect_leases l
      where l.instance_id = i.id and l.token = p_token and l.expires_at > now())
  for update of i
$$;

-- Called right before `/instance/connect`: counts the attempt first, so that a crash in the middle
-- is an attempt too. False: do not connect.
create or replace function public.begin_reconnect_attempt(p_instance_id uuid, p_token uuid)
returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_attempt int;
begin
  if (private.lock_leased_instance(p_instance_id, p_token)).id is null then
    return false;
  end if;
  update public.whatsapp_instances set
    reconnect_attempts_count = reconnect_attempts_count + 1, last_reconnect_attempt_at = now()
  where id = p_instance_id and reconnect_attempts_count < 3
  returning reconnect_attempts_count into v_attempt;
  if v_attempt = 3 then
    update private.reconnect_leases l set gives_up_at = l.expires_at
    where l.instance_id = p_instance_id;
  end if;
  return v_attempt is not null;
end $$;

-- The one way to `connected`: from the registry, a connect, or the webhook.
create or replace function private.mark_connected(p_instance_id uuid, p_detail jsonb) returns void
language plpgsql security definer set search_path = '' as $$
begin
  update public.whatsapp_instances set
    status = 'connected', disconnected_since = null, reconnect_attempts_count = 0
  where id = p_instance_id;
  delete from private.instance_qr_codes where instance_id = p_instance_id;
  perform private.add_event(p_instance_id, 'connected', p_detail);
end $$;

-- A QR waits for the phone. `p_qr` {code, base64, pairing_code}; it lives for about 45 seconds.
create or replace function private.mark_awaiting_qr(p_instance_id uuid, p_qr jsonb, p_detail jsonb)
returns void
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.instance_qr_codes as q
    (instance_id, code, base64, pairing_code, created_at, expires_at)
  values (p_instance_id, p_qr ->> 'code', p_qr ->> 'base64', p_qr ->> 'pairing_code',
    now(), now() + interval '45 seconds')
  on conflict (instance_id) do update set
    code = excluded.code, base64 = excluded.base64, pairing_code = excluded.pairing_code,
    created_at = excluded.created_at, expires_at = excluded.expires_at;
  update public.whatsapp_instances set
    status = 'awaiting_qr', disconnected_since = coalesce(disconnected_since, now())
  where id = p_instance_id and status <> 'awaiting_qr';
  if found then
    perform private.add_event(p_instance_id, 'qr_required', p_detail);
  end if;
end $$;

-- The same finding again is one event in ten minutes, not one a tick: an outage would fill the
-- timeline. Attempts are always written.
create or replace function private.add_reconnect_event(
  p_instance_id uuid, p_kind text, p_detail jsonb
) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_last public.instance_events;
begin
  select e.* into v_last from public.instance_events e
  where e.instance_id = p_instance_id order by e.id desc limit 1;
  if v_last.kind = p_kind and v_last.detail ->> 'outcome' = p_detail ->> 'outcome'
    and p_detail ->> 'outcome' not in ('refused', 'no_qr_yet')
    and v_last.created_at > now() - interval '10 minutes' then
    return;
  end if;
  perform private.add_event(p_instance_id, p_kind, p_detail);
end $$;

-- What a tick found out about a leased instance; ends the lease. `p_outcome`:
--   {result: registry_open | open}            connected
--   {result: qr, qr: {…}}                     awaiting_qr
--   {result: no_qr_yet}                       connecting
--   {result: refused}                         stays; the attempt was counted
--   {result: not_found}                       event not_found
--   {result: unknown, outcome: …}             nothing but the event: unknown is not disconnected
-- Other keys go into the event. Returns whether the instance was still the tick's to change.
create or replace function public.record_reconnect(
  p_instance_id uuid, p_token uuid, p_outcome jsonb
) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_instance public.whatsapp_instances;
  v_result text := p_outcome ->> 'result';
  v_detail jsonb := jsonb_build_object('outcome', p_outcome ->> 'result')
    || (p_outcome - 'qr' - 'result');
  v_last boolean;
begin
  v_instance := private.lock_leased_instance(p_instance_id, p_token);
  update private.reconnect_leases l set expires_at = now()
  where l.instance_id = p_instance_id and l.token = p_token;
  if v_instance.id is null then
    return false;
  end if;
  update private.reconnect_leases l set gives_up_at = null
  where l.instance_id = p_instance_id and l.gives_up_at is not null;
  v_last := found and v_instance.reconnect_attempts_count >= 3;

  case v_result
    when 'registry_open', 'open' then
      perform private.mark_connected(p_instance_id, v_detail);
      return true;
    when 'qr' then
      perform private.mark_awaiting_qr(p_instance_id, p_outcome -> 'qr', v_detail);
      return true;
    when 'not_found' then
      perform private.add_reconnect_event(p_instance_id, 'not_found', v_detail);
    when 'no_qr_yet' then
      update public.whatsapp_instances set status = 'connecting' where id = p_instance_id;
      perform private.add_reconnect_event(p_instance_id, 'reconnect', v_detail);
    else
      perform private.add_reconnect_event(p_instance_id, 'reconnect', v_detail);
  end case;

  -- Whatever the third one came to, also no answer: this disconnection has no attempt left.
  if v_last then
    perform private.add_event(p_instance_id, 'needs_operator',
      '{"reason": "3 reconnection attempts failed"}');
  end if;
  return true;
end $$;

-- A function that died in the third attempt, or came back after its lease was over, left a number
-- that is never due again: a person is told all the same. An open repair tells for itself; the
-- number's turn comes when it is closed. Called by the sweeper.
create or replace function private.report_lost_attempts() returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid;
  v_instance public.whatsapp_instances;
begin
  for v_id in
    select l.instance_id from private.reconnect_leases l
    where l.gives_up_at <= now()
      and not exists (
        select from public.ghost_repairs g
        where g.instance_id = l.instance_id and g.closed_at is null)
    order by l.gives_up_at limit 5000
  loop
    -- Who has the row now may be bringing the number back: the next minute knows.
    select i.* into v_instance from public.whatsapp_instances i
    where i.id = v_id for update skip locked;
    continue when not found or private.has_open_repair(v_id);
    update private.reconnect_leases l set gives_up_at = null
    where l.instance_id = v_id and l.gives_up_at <= now();
    if found and v_instance.status in ('disconnected', 'connecting')
      and not v_instance.manual_disconnect and v_instance.reconnect_attempts_count >= 3 then
      perform private.add_event(v_id, 'needs_operator',
        '{"reason": "3 reconnection attempts failed"}');
    end if;
  end loop;
end $$;
revoke all on function private.report_lost_attempts() from public, anon, authenticated;

revoke all on function private.lock_leased_instance(uuid, uuid) from public, anon, authenticated;
revoke all on function private.mark_connected(uuid, jsonb) from public, anon, authenticated;
revoke all on function private.mark_awaiting_qr(uuid, jsonb, jsonb)
  from public, anon, authenticated;
revoke all on function private.add_reconnect_event(uuid, text, jsonb) from public, anon, authenticated;
revoke all on function public.lease_due_reconnects(int, timestamptz, int) from public, anon, authenticated;
revoke all on function public.begin_reconnect_attempt(uuid, uuid) from public, anon, authenticated;
revoke all on function public.record_reconnect(uuid, uuid, jsonb) from public, anon, authenticated;
grant execute on function public.lease_due_reconnects(int, timestamptz, int) to service_role;
grant execute on function public.begin_reconnect_attempt(uuid, uuid) to service_role;
grant execute on function public.record_reconnect(uuid, uuid, jsonb) to service_role;
