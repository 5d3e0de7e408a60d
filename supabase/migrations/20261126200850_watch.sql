-- The watch over numbers that wait: for a scan, for a person after the last attempt, or because a
-- person disconnected them. One lost webhook must not leave a number where nobody looks again, so
-- the gateway's registry is read for them: rarely, and at once where something newer says that the
-- session lives.
--
--   lease_waiting_numbers ── registry ── record_watch ── open ───────────▶ connected
--                                            │            open, by hand ─▶ logout ─ record_owed_logout
--                                            └── close, connecting ──────▶ nothing
--                                            └── not known ──────────────▶ a trouble

alter table ghost_repair.settings
  -- A number is read at most this often, and up to a fifth later: not all at once.
  add column if not exists watch_interval interval not null default interval '5 minutes',
  -- Of one gateway's numbers, in one tick.
  add column if not exists watch_numbers int not null default 100;

create table if not exists ghost_repair.watches (
  instance_id uuid primary key references public.whatsapp_instances (id) on delete cascade,
  looked_at timestamptz not null default ghost_repair.now(),
  next_look_at timestamptz not null
);
alter table ghost_repair.watches enable row level security;

-- Whether something newer than the last look says that the session lives: a message that came in, a
-- send that was answered, a delivery report. By our own clock, when it arrived.
create or replace function ghost_repair.was_heard_since(
  p_instance_id uuid, p_heard_at timestamptz, p_looked_at timestamptz
) returns boolean
language sql stable security definer set search_path = '' as $$
  select coalesce(p_heard_at > p_looked_at, false) or exists (
    select from public.messages m
    where m.whatsapp_instance_id = p_instance_id and m.delivered_at > p_looked_at)
$$;

-- Numbers that wait, whoever asks. `due_at`: from when on to look.
create or replace view ghost_repair.waiting_numbers as
select i.id, i.instance_name, i.connection_epoch, k.api_url, k.api_key, case
    when w.instance_id is null then '-infinity'
    when i.manual_disconnect then least(w.next_look_at, o.next_try_at)
    when ghost_repair.was_heard_since(
      i.id, greatest(i.last_received_at, i.last_sent_at), w.looked_at) then w.looked_at
    else w.next_look_at
  end as due_at
from public.whatsapp_instances i
join private.instance_credentials k on k.instance_id = i.id
left join ghost_repair.watches w on w.instance_id = i.id
left join ghost_repair.owed_logouts o on o.instance_id = i.id
where i.status <> 'connected'
  and (i.status = 'awaiting_qr' or i.manual_disconnect
    or i.reconnect_attempts_count >= (select s.reconnect_attempts from ghost_repair.settings s))
  and not ghost_repair.has_open_repair(i.id);

-- Those of them that are due, each to one caller, who waited longest first; no gateway is asked for
-- more than its share. `p_tick_started` as in `lease_due_repairs`.
create or replace function public.lease_waiting_numbers(
  p_limit int, p_tick_started timestamptz default null, p_lease_seconds int default null
) returns table (
  instance_id uuid, token uuid, connection_epoch bigint, instance_name text, api_url text,
  api_key text, tick_started timestamptz
)
language sql security definer set search_path = '' as $$
  with asked as (
    select k.api_url, count(*) as numbers
    from ghost_repair.leases l
    join private.instance_credentials k on k.instance_id = l.subject
    where l.kind = 'watch' and l.leased_at >= coalesce(p_tick_started, ghost_repair.now())
    group by k.api_url
  ), due as (
    select d.*, row_number() over (partition by d.api_url order by d.due_at, d.id)
      + coalesce(a.numbers, 0) as place
    from ghost_repair.waiting_numbers d
    left join asked a on a.api_url = d.api_url
    where d.due_at <= ghost_repair.now()
      and not ghost_repair.is_leased('watch', d.id, p_tick_started)
  ), taken as (
    select i.id from public.whatsapp_instances i
    join due d on d.id = i.id
      and d.place <= (select s.watch_numbers from ghost_repair.settings s)
    order by d.due_at, d.id
    limit p_limit
    for no key update of i skip locked
  ), leased as (
    select t.id, ghost_repair.take_lease('watch', t.id,
      make_interval(secs => p_lease_seconds), p_tick_started) as token
    from taken t
  )
  select d.id, l.token, d.connection_epoch, d.instance_name, d.api_url, d.api_key,
    coalesce(p_tick_started, ghost_repair.now())
  from leased l
  join due d on d.id = l.id
  where l.token is not null
  order by d.due_at, d.id
$$;

-- What a look found; ends its lease. Nothing is written where the number waits no more, or was
-- reported open since the lease: what was found is older than that.
--
-- p_outcome  {outcome: open | close | connecting | not_found | unreachable | …, ms, …}
-- Returns    {next, token}. next:
--            connected   open, and nobody disconnected it
--            logout      open, against a person's wish: log out once, then `record_owed_logout`
--            waits       as it was
--            overtaken   nothing was written
create or replace function public.record_watch(
  p_instance_id uuid, p_token uuid, p_epoch bigint, p_outcome jsonb
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_session ghost_repair.session := ghost_repair.lock_session(p_instance_id);
  v_held constant boolean := ghost_repair.end_lease('watch', p_instance_id, p_token);
  v_found text := p_outcome ->> 'outcome';
  v_interval interval := (select s.watch_interval from ghost_repair.settings s);
  v_token uuid;
begin
  if not v_held or v_session.connection_epoch is distinct from p_epoch
    or not exists (select from ghost_repair.waiting_numbers d where d.id = p_instance_id) then
    return '{"next": "overtaken"}';
  end if;
  insert into ghost_repair.watches as w (instance_id, next_look_at)
  values (p_instance_id, ghost_repair.now() + v_interval * (1 + 0.2 * random()))
  on conflict (instance_id) do update set
    looked_at = excluded.looked_at, next_look_at = excluded.next_look_at;
  if v_found not in ('open', 'close', 'connecting') then
    perform ghost_repair.note_trouble(p_instance_id, ghost_repair.trouble_reason(v_found));
    return '{"next": "waits"}';
  end if;
  perform ghost_repair.end_trouble(p_instance_id);
  if v_found <> 'open' then
    perform ghost_repair.end_owed_logout(p_instance_id);
    return '{"next": "waits"}';
  elsif not v_session.manual_disconnect then
    perform ghost_repair.mark_connected(p_instance_id,
      '{"source": "watch"}'::jsonb || (p_outcome - 'outcome'));
    return '{"next": "connected"}';
  end if;
  -- Nobody connects it meanwhile: a person who wants it back waits for the answer.
  if not exists (select from ghost_repair.owed_logouts o where o.instance_id = p_instance_id) then
    perform ghost_repair.owe_logout(p_instance_id, '{"source": "watch"}');
  end if;
  if not ghost_repair.is_leased('reconnect', p_instance_id)
    and ghost_repair.begin_owed_logout(p_instance_id) then
    v_token := ghost_repair.take_lease('reconnect', p_instance_id,
      (select s.connect_time from ghost_repair.settings s));
  end if;
  return case when v_token is null then '{"next": "waits"}'::jsonb
    else jsonb_build_object('next', 'logout', 'token', v_token) end;
end $$;

-- What the owed logout came to: {logout, registry, ms, …}. The registry says close: the person's wish
-- is carried out. It does not: the next try comes later, or with the next report that it is open.
create or replace function public.record_owed_logout(
  p_instance_id uuid, p_token uuid, p_outcome jsonb
) returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform ghost_repair.lock_session(p_instance_id);
  perform ghost_repair.end_lease('reconnect', p_instance_id, p_token);
  perform ghost_repair.add_event(p_instance_id, 'logout', p_outcome || '{"source": "owed"}');
  if p_outcome ->> 'registry' in ('close', 'not_found') then
    perform ghost_repair.end_owed_logout(p_instance_id);
  end if;
end $$;

revoke all on function public.lease_waiting_numbers(int, timestamptz, int),
  public.record_watch(uuid, uuid, bigint, jsonb),
  public.record_owed_logout(uuid, uuid, jsonb)
  from public, anon, authenticated;
grant execute on function public.lease_waiting_numbers(int, timestamptz, int),
  public.record_watch(uuid, uuid, bigint, jsonb),
  public.record_owed_logout(uuid, uuid, jsonb)
  to service_role;
