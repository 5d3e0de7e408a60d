-- The ladder: where logout could not invalidate a session, the repair stays open and goes on step
-- by step, until the number lives or a person is told what to do. It stands on `_ghost_repair`.
--
--   open ── every tick: probe ── alive ─────────────────────────────▶ closed: healed
--    │                    └─ dead: look (memory, webhooks) ─ decide ─▶ wait | connect | restart | logout
--    │                                                                 each changing call once a life
--    ├── registry says close, or a fresh QR came ────────────────────▶ closed: auto-reconnect, the QR
--    └── steps used up ── needs_operator ── probe every 5 minutes ───▶ closed: healed

alter table private.ghost_repair_settings
  -- logout-first: logout at once, then the ladder. keep-pairing: the ladder first, logout last.
  add column if not exists policy text not null default 'logout-first'
    check (policy in ('logout-first', 'keep-pairing'));

-- An organization that decides otherwise. Changing it is one statement:
--   insert into private.ghost_repair_policies values ('<organization>', 'keep-pairing')
--   on conflict (organization_id) do update set policy = excluded.policy;
create table if not exists private.ghost_repair_policies (
  organization_id uuid primary key,
  policy text not null check (policy in ('logout-first', 'keep-pairing'))
);
alter table private.ghost_repair_policies enable row level security;

-- Whose a number is, where the table says so with a column of this name and type.
create or replace function private.organization_of(p_instance public.whatsapp_instances)
returns uuid
language sql stable set search_path = '' as $$
  select substring(to_jsonb(p_instance) ->> 'organization_id'
    from '^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$')::uuid
$$;
revoke all on function private.organization_of(public.whatsapp_instances)
  from public, anon, authenticated;

create or replace function private.repair_policy(p_instance_id uuid) returns text
language sql stable security definer set search_path = '' as $$
  select coalesce(
    (select p.policy from private.ghost_repair_policies p
      where p.organization_id = (
        select private.organization_of(i)
        from public.whatsapp_instances i where i.id = p_instance_id)),
    (select s.policy from private.ghost_repair_settings s))
$$;
revoke all on function private.repair_policy(uuid) from public, anon, authenticated;

create table if not exists public.ghost_repairs (
  id uuid primary key default gen_random_uuid(),
  instance_id uuid not null references public.whatsapp_instances (id) on delete cascade,
  organization_id uuid,
  state text not null default 'open' check (state in ('open', 'needs_operator', 'closed')),
  -- The last step taken: wait, connect, restart, logout, needs_operator.
  step text,
  -- How many changing calls were made.
  attempts int not null default 0,
  next_step_at timestamptz not null default now(),
  connect_called_at timestamptz,
  restart_called_at timestamptz,
  logout_called_at timestamptz,
  -- A changing call of which no answer is known: the process died in it, or did not reach the
  -- gateway. And which of them were granted again.
  unanswered_step text,
  unanswered_since timestamptz,
  repeated_steps text[] not null default '{}',
  waiting_for text,
  waiting_since timestamptz,
  -- For people: how it began, what was last seen, why it needs one.
  evidence jsonb not null default '{}',
  opened_at timestamptz not null default now(),
  closed_at timestamptz,
  -- healed, false_alarm, invalidated, awaiting_qr, manual
  outcome text,
  check ((state = 'closed') = (closed_at is not null))
);
create unique index if not exists ghost_repairs_open on public.ghost_repairs (instance_id)
  where closed_at is null;
create index if not exists ghost_repairs_due on public.ghost_repairs (next_step_at)
  where closed_at is null;
create index if not exists ghost_repairs_opened on public.ghost_repairs (opened_at)
  where closed_at is null;
create index if not exists ghost_repairs_instance on public.ghost_repairs (instance_id, opened_at);
create index if not exists ghost_repairs_organization on public.ghost_repairs (organization_id);

alter table public.ghost_repairs enable row level security;
revoke all on public.ghost_repairs from anon, authenticated;
-- A signed-in user sees no repair until a policy says whose are whose.
grant select on public.ghost_repairs to authenticated, service_role;

create table if not exists private.ghost_repair_leases (
  repair_id uuid primary key references public.ghost_repairs (id) on delete cascade,
  token uuid not null,
  leased_at timestamptz not null default now(),
  expires_at timestamptz not null
);
alter table private.ghost_repair_leases enable row level security;

-- `connecting` webhooks come 5 a second from a live loop: one row each instance, updated in place,
-- and only while a repair is open.
create table if not exists private.connecting_signals (
  instance_id uuid primary key references public.whatsapp_instances (id) on delete cascade,
  seen bigint not null default 0,
  last_at timestamptz not null default now()
) with (fillfactor = 50);
alter table private.connecting_signals enable row level security;

-- Two sockets of one device that throw each other out: how many closes with reason 440 have come,
-- none of them more than a minute after the last. One row each instance, updated in place.
create table if not exists private.session_conflicts (
  instance_id uuid primary key references public.whatsapp_instances (id) on delete cascade,
  closes int not null default 0,
  last_at timestamptz not null default now()
) with (fillfactor = 50);
alter table private.session_conflicts enable row level security;

-- The call to the operator's hook: once a repair, tried again with back-off.
create table if not exists private.operator_notices (
  repair_id uuid primary key references public.ghost_repairs (id) on delete cascade,
  attempts int not null default 0,
  next_attempt_at timestamptz not null default now(),
  -- accepted, refused, failed, address_refused
  last_outcome text,
  sent_at timestamptz
);
create index if not exists operator_notices_due on private.operator_notices (next_attempt_at)
  where sent_at is null;
alter table private.operator_notices enable row level security;

create or replace function private.has_open_repair(p_instance_id uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select from public.ghost_repairs r where r.instance_id = p_instance_id and r.closed_at is null)
$$;
revoke all on function private.has_open_repair(uuid) from public, anon, authenticated;

-- Whether two sockets fight. One that overlaps with its successor is thrown out once or twice, not
-- six times in a row. Asked by a row's key, however many numbers fight at once.
create or replace function private.is_session_conflict(
  p_instance_id uuid, p_within interval default interval '1 minute'
) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select from private.session_conflicts c
    where c.instance_id = p_instance_id and c.closes >= 6 and c.last_at > now() - p_within)
$$;
revoke all on function private.is_session_conflict(uuid, interval) from public, anon, authenticated;

-- One repair at a time: while the ladder takes its steps there is no second logout. A ladder that
-- nobody advances (no scheduler) holds nothing up. Between two probes of an operator's case lie 5
-- minutes; nobody leases it while two sockets fight, and a logout would end neither.
create or replace function private.is_repair_advancing(p_instance_id uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select from public.ghost_repairs r
    where r.instance_id = p_instance_id and r.closed_at is null
      and (private.is_session_conflict(p_instance_id, interval '10 minutes')
        or exists (
          select from private.ghost_repair_leases l
          where l.repair_id = r.id and l.leased_at > now() - interval '10 minutes')))
$$;
revoke all on function private.is_repair_advancing(uuid) from public, anon, authenticated;

-- Called by `finish_ghost_repair` and for suspicions. `p_logout_called_at`: when a logout was made
-- already. `p_delay`: how long the caller still works on it. Where a repair is open, it learns what
-- is new.
create or replace function private.open_ghost_repair(
  p_instance_id uuid, p_evidence jsonb, p_logout_called_at timestamptz default null,
  p_delay interval default '0'
) returns void
language sql security definer set search_path = '' as $$
  insert into public.ghost_repairs as r
    (instance_id, organization_id, evidence, logout_called_at, next_step_at)
  select i.id, private.organization_of(i), p_evidence, p_logout_called_at, now() + p_delay
  from public.whatsapp_instances i where i.id = p_instance_id
  on conflict (instance_id) where closed_at is null do update set
    evidence = r.evidence || excluded.evidence,
    logout_called_at = coalesce(r.logout_called_at, excluded.logout_called_at),
    next_step_at = least(r.next_step_at, excluded.next_step_at)
$$;
revoke all on function private.open_ghost_repair(uuid, jsonb, timestamptz, interval)
  from public, anon, authenticated;

-- Something looks dead that did not say Connection Closed: the ladder's probe finds out. Nothing is
-- marked yet. Refused while there is a reason not to touch the instance, and for two minutes after
-- a repair. Returns whether a repair was opened.
create or replace function public.suspect_session(p_instance_id uuid, p_reason text)
returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_instance public.whatsapp_instances;
  v_settings private.ghost_repair_settings;
begin
  select i.* into v_instance from public.whatsapp_instances i
  where i.id = p_instance_id for update;
  select s.* into strict v_settings from private.ghost_repair_settings s;
  if v_instance.id is null or v_instance.manual_disconnect or not v_settings.enabled
    or v_instance.status = 'awaiting_qr'
    or private.has_open_repair(p_instance_id)
    or exists (select from public.ghost_repairs r where r.instance_id = p_instance_id
      and r.closed_at > now() - v_settings.repair_window) then
    return false;
  end if;
  perform private.open_ghost_repair(p_instance_id, jsonb_build_object('suspicion', p_reason));
  perform private.add_event(p_instance_id, 'suspected', jsonb_build_object('reason', p_reason));
  return true;
end $$;

create or replace function private.close_ghost_repair(p_instance_id uuid, p_outcome text)
returns void
language sql security definer set search_path = '' as $$
  update public.ghost_repairs r set state = 'closed', closed_at = now(), outcome = p_outcome
  where r.instance_id = p_instance_id and r.closed_at is null
$$;
revoke all on function private.close_ghost_repair(uuid, text) from public, anon, authenticated;

-- Disconnected by hand, or waiting for a scan: there is nothing left to repair, whoever wrote it.
create or replace function private.end_repair_with_instance() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if new.manual_disconnect then
    perform private.close_ghost_repair(new.id, 'manual');
  elsif new.status = 'awaiting_qr' and old.status is distinct from 'awaiting_qr' then
    perform private.close_ghost_repair(new.id, 'awaiting_qr');
  end if;
  return null;
end $$;
revoke all on function private.end_repair_with_instance() from public, anon, authenticated;
create or replace trigger whatsapp_instances_end_repair
  after update of status, manual_disconnect on public.whatsapp_instances
  for each row execute function private.end_repair_with_instance();

-- At least 3 numbers of a gateway, and half of them, began to fail within 2 minutes of this one:
-- that is WhatsApp or the gateway, not a session.
--
-- The gateway's numbers are counted last, and only as far as the answer needs: there may be a
-- hundred thousand of them.
create or replace function private.is_outage(p_repair_id uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  with mine as (
    select r.opened_at, k.api_url from public.ghost_repairs r
    join private.instance_credentials k on k.instance_id = r.instance_id
    where r.id = p_repair_id
  ), failing as materialized (
    select count(*) as numbers
    from mine join public.ghost_repairs r on r.closed_at is null
      and r.opened_at between mine.opened_at - interval '2 minutes'
        and mine.opened_at + interval '2 minutes'
    join private.instance_credentials k
      on k.instance_id = r.instance_id and k.api_url = mine.api_url
    join public.whatsapp_instances i on i.id = k.instance_id and not i.manual_disconnect
  )
  select f.numbers >= 3 and f.numbers * 2 >= (
    select count(*) from (
      select from private.instance_credentials k
      join public.whatsapp_instances i on i.id = k.instance_id and not i.manual_disconnect
      where f.numbers >= 3 and k.api_url = (select mine.api_url from mine)
      limit (select x.numbers * 2 + 1 from failing x)) counted)
  from failing f
$$;
revoke all on function private.is_outage(uuid) from public, anon, authenticated;

-- May a step be granted again, once? Where nobody knows whether its call was made, and no
-- `connecting` webhook since then says that it was: both calls make the gateway send one. A logout
-- never: it may cost the pairing.
create or replace function private.may_repeat_step(p_repair public.ghost_repairs, p_step text)
returns boolean
language sql stable security definer set search_path = '' as $$
  select p_repair.unanswered_step is not distinct from p_step and p_step in ('connect', 'restart')
    and not p_step = any (p_repair.repeated_steps)
    and not exists (
      select from private.connecting_signals c
      where c.instance_id = p_repair.instance_id and c.last_at >= p_repair.unanswered_since)
$$;
revoke all on function private.may_repeat_step(public.ghost_repairs, text)
  from public, anon, authenticated;

-- Repairs whose next step is due, each to one caller. `p_tick_started` as in
-- `lease_due_reconnects`: what was leased since this tick began has had its turn.
create or replace function public.lease_due_repairs(
  p_limit int, p_tick_started timestamptz default null, p_lease_seconds int default 120
) returns table (
  repair_id uuid, token uuid, instance_id uuid, instance_name text, phone_number text,
  api_url text, api_key text, policy text, state text,
  connect_called boolean, restart_called boolean, logout_called boolean,
  seconds_since_restart float8, waiting_for text, waiting_seconds float8, age_seconds float8,
  outage boolean, tick_started timestamptz
)
language sql security definer set search_path = '' as $$
  with due as (
    select r.id from public.ghost_repairs r
    where r.closed_at is null and r.next_step_at <= now()
      and exists (select from private.instance_credentials k where k.instance_id = r.instance_id)
      -- Of two sockets that fight one is often open: a probe would call it healed.
      and not private.is_session_conflict(r.instance_id)
      and not exists (
        select from private.ghost_repair_leases l
        where l.repair_id = r.id
          and (l.expires_at > now() or l.leased_at >= coalesce(p_tick_started, now())))
    order by r.next_step_at
    limit p_limit
    for update of r skip locked
  ), leased as (
    insert into private.ghost_repair_leases as l (repair_id, token, leased_at, expires_at)
    select d.id, gen_random_uuid(), now(), now() + make_interval(secs => p_lease_seconds)
    from due d
    on conflict (repair_id) do update set
      token = excluded.token, leased_at = excluded.leased_at, expires_at = excluded.expires_at
      where l.expires_at <= now() and l.leased_at < coalesce(p_tick_started, now())
    returning l.repair_id, l.token
  )
  select r.id, l.token, i.id, i.instance_name, i.phone_number, k.api_url, k.api_key,
    private.repair_policy(i.id), r.state,
    r.connect_called_at is not null and not private.may_repeat_step(r, 'connect'),
    r.restart_called_at is not null and not private.may_repeat_step(r, 'restart'),
    r.logout_called_at is not null,
    extract(epoch from now() - r.restart_called_at)::float8, r.waiting_for,
    extract(epoch from now() - r.waiting_since)::float8,
    extract(epoch from now() - r.opened_at)::float8, private.is_outage(r.id),
    coalesce(p_tick_started, now())
  from leased l
  join public.ghost_repairs r on r.id = l.repair_id
  join public.whatsapp_instances i on i.id = r.instance_id
  join private.instance_credentials k on k.instance_id = i.id
  order by r.next_step_at
$$;

-- The open repair, locked, if the caller's lease still holds and nobody took the number away. The
-- instance's row is locked before the repair's, as in webhooks, whose triggers close repairs: in the
-- other order the two would wait for each other.
create or replace function private.lock_leased_repair(p_repair_id uuid, p_token uuid)
returns public.ghost_repairs
language sql security definer set search_path = '' as $$
  select from public.whatsapp_instances i
  where i.id = (select r.instance_id from public.ghost_repairs r where r.id = p_repair_id)
  for update;
  select r.* from public.ghost_repairs r
  join public.whatsapp_instances i on i.id = r.instance_id
  where r.id = p_repair_id and r.closed_at is null
    and not i.manual_disconnect and i.status <> 'awaiting_qr'
    and exists (
      select from private.ghost_repair_leases l
      where l.repair_id = r.id and l.token = p_token and l.expires_at > now())
  for update of r
$$;
revoke all on function private.lock_leased_repair(uuid, uuid) from public, anon, authenticated;

-- Called right before a changing call: writes it down first, so that a crash in the middle does not
-- repeat it blindly. Each of connect, restart and logout is granted once in the life of a repair;
-- one of which nothing was heard see `may_repeat_step`. False: do not call.
create or replace function public.begin_repair_step(p_repair_id uuid, p_token uuid, p_step text)
returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_repair public.ghost_repairs;
  v_called_at timestamptz;
begin
  v_repair := private.lock_leased_repair(p_repair_id, p_token);
  if v_repair.id is null or v_repair.state <> 'open' then
    return false;
  end if;
  if p_step in ('restart', 'logout') and private.repair_policy(v_repair.instance_id) = 'keep-pairing'
    and private.is_outage(p_repair_id) then
    return false;
  end if;
  -- At most one logout in the window, whoever makes it: a failed send may be about to.
  if p_step = 'logout' and exists (
    select from private.ghost_repair_claims c
    where c.instance_id = v_repair.instance_id
      and c.claimed_at > now() - (select s.repair_window from private.ghost_repair_settings s)
      and coalesce(c.outcome ->> 'logout', '') <> 'not_called'
  ) then
    return false;
  end if;
  v_called_at := case p_step
    when 'connect' then v_repair.connect_called_at
    when 'restart' then v_repair.restart_called_at
    when 'logout' then v_repair.logout_called_at
  end;
  -- Under the lease that made the call nobody gave it up for lost.
  if v_called_at is not null and (not private.may_repeat_step(v_repair, p_step)
    or not exists (
      select from private.ghost_repair_leases l
      where l.repair_id = p_repair_id and l.leased_at > v_repair.unanswered_since)) then
    return false;
  end if;
  update public.ghost_repairs set
    connect_called_at = case p_step when 'connect' then now() else connect_called_at end,
    restart_called_at = case p_step when 'restart' then now() else restart_called_at end,
    logout_called_at = case p_step when 'logout' then now() else logout_called_at end,
    unanswered_step = p_step, unanswered_since = now(),
    repeated_steps = case when v_called_at is null then repeated_steps
      else repeated_steps || p_step end,
    step = p_step, attempts = attempts + 1
  where id = p_repair_id;
  if p_step = 'logout' then
    -- The limit of one logout in the window reads this column, whoever made the logout.
    update public.whatsapp_instances set last_disconnected_at = now()
    where id = v_repair.instance_id;
  end if;
  perform private.add_event(v_repair.instance_id, 'repair_step', jsonb_build_object('step', p_step)
    || case when v_called_at is null then '{}'::jsonb else '{"again": true}'::jsonb end);
  return true;
end $$;

-- What a tick found out; ends the lease. `p_result`:
--   {next: healed, …}                 the socket answered: connected, closed
--   {next: invalidated, …}            closed: the registry says close, auto-reconnect takes over
--   {next: wait, reason, …}           looked at again
--   {next: stepped, step, …}          a changing call was made; looked at again
--   {next: needs_operator, reason, …} a person is told; probed again every 5 minutes
-- `seconds` is when to look again, `socket_dead` whether the probe failed; what else is in it goes
-- into the event. Returns whether the repair was still the caller's.
create or replace function public.record_repair_step(
  p_repair_id uuid, p_token uuid, p_result jsonb
) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_repair public.ghost_repairs;
  v_status text;
  v_next text := p_result ->> 'next';
  v_reason text := p_result ->> 'reason';
  v_detail jsonb := p_result - 'seconds';
begin
  v_repair := private.lock_leased_repair(p_repair_id, p_token);
  update private.ghost_repair_leases l set expires_at = now()
  where l.repair_id = p_repair_id and l.token = p_token;
  if v_repair.id is null then
    return false;
  end if;
  update public.ghost_repairs r set
    evidence = r.evidence || jsonb_build_object('last_seen', v_detail),
    next_step_at = now() + make_interval(secs => coalesce((p_result ->> 'seconds')::float8, 0)),
    waiting_since = case when v_next <> 'wait' then null
      when r.waiting_for = v_reason then r.waiting_since else now() end,
    waiting_for = case when v_next = 'wait' then v_reason end,
    unanswered_step = case
      when v_next = 'stepped' and p_result -> 'answer' ->> 'outcome' <> 'unreachable' then null
      else r.unanswered_step end,
    step = case when v_next = 'stepped' then p_result ->> 'step' else v_next end
  where r.id = p_repair_id;

  -- Never `connected` while the last probe failed.
  select i.status into v_status from public.whatsapp_instances i
  where i.id = v_repair.instance_id for update;
  if (p_result ->> 'socket_dead')::boolean and v_status = 'connected' then
    perform private.mark_disconnected(v_repair.instance_id, '{"source": "probe"}');
  end if;

  case v_next
    when 'healed' then
      perform private.close_ghost_repair(v_repair.instance_id,
        case when v_status = 'connected' then 'false_alarm' else 'healed' end);
      if v_status = 'connected' then
        perform private.add_event(v_repair.instance_id, 'false_alarm', v_detail);
      else
        update public.whatsapp_instances set
          status = 'connected', disconnected_since = null, reconnect_attempts_count = 0
        where id = v_repair.instance_id;
        perform private.add_event(v_repair.instance_id, 'healed', v_detail
          || jsonb_build_object('after_seconds', round(extract(epoch from now() - v_repair.opened_at))));
      end if;
    when 'invalidated' then
      perform private.close_ghost_repair(v_repair.instance_id, v_next);
      if v_status = 'connected' then
        perform private.mark_disconnected(v_repair.instance_id, '{"source": "registry"}');
      end if;
      perform private.add_event(v_repair.instance_id, 'repair_step', v_detail);
    when 'needs_operator' then
      -- Probed again and again from now on: only the first time is news.
      if v_repair.state <> 'needs_operator' then
        update public.ghost_repairs r set state = 'needs_operator',
          evidence = r.evidence || jsonb_build_object('reason', v_reason)
        where r.id = p_repair_id;
        perform private.add_event(v_repair.instance_id, 'needs_operator', v_detail);
        insert into private.operator_notices (repair_id) values (p_repair_id)
        on conflict (repair_id) do nothing;
      end if;
    else
      -- Waiting for the same thing again is not news.
      if v_next <> 'wait' or v_repair.waiting_for is distinct from v_reason then
        perform private.add_event(v_repair.instance_id, 'repair_step', v_detail);
      end if;
  end case;
  return true;
end $$;

-- An `open` webhook while a repair is open: the next tick's probe decides, not the webhook.
create or replace function private.hasten_repair(p_instance_id uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  update public.ghost_repairs r set next_step_at = least(r.next_step_at, now())
  where r.instance_id = p_instance_id and r.closed_at is null;
  return found;
end $$;
revoke all on function private.hasten_repair(uuid) from public, anon, authenticated;

-- A `connecting` webhook. Returns whether anybody is looking.
create or replace function private.note_connecting(p_instance_id uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  if not private.has_open_repair(p_instance_id) then
    return false;
  end if;
  insert into private.connecting_signals as c (instance_id, seen, last_at)
  values (p_instance_id, 1, now())
  on conflict (instance_id) do update set seen = c.seen + 1, last_at = now();
  return true;
end $$;
revoke all on function private.note_connecting(uuid) from public, anon, authenticated;

-- Whether a `connecting` webhook arrived in the last seconds.
create or replace function public.connecting_seen(p_instance_id uuid, p_seconds float8)
returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select from private.connecting_signals c
    where c.instance_id = p_instance_id
      and c.last_at >= now() - make_interval(secs => p_seconds))
$$;

-- Notices that are due, claimed by moving their next attempt ahead: 1, 2, 4, … minutes, 10 times.
-- A number that lives again is no news for an operator.
create or replace function public.claim_operator_notices(p_limit int)
returns table (
  repair_id uuid, instance_id uuid, organization_id uuid, instance_name text, display_name text,
  disconnected_since timestamptz, opened_at timestamptz, reason text,
  connect_called boolean, restart_called boolean, logout_called boolean
)
language sql security definer set search_path = '' as $$
  with due as (
    select n.repair_id from private.operator_notices n
    join public.ghost_repairs r on r.id = n.repair_id and r.closed_at is null
    where n.sent_at is null and n.next_attempt_at <= now() and n.attempts < 10
    order by n.next_attempt_at limit p_limit for update of n skip locked
  ), claimed as (
    update private.operator_notices n set
      attempts = n.attempts + 1,
      next_attempt_at = now() + make_interval(mins => (2 ^ least(n.attempts, 6))::int)
    from due d where n.repair_id = d.repair_id
    returning n.repair_id
  )
  select r.id, i.id, r.organization_id, i.instance_name, to_jsonb(i) ->> 'display_name',
    i.disconnected_since, r.opened_at, r.evidence ->> 'reason',
    r.connect_called_at is not null, r.restart_called_at is not null,
    r.logout_called_at is not null
  from claimed c
  join public.ghost_repairs r on r.id = c.repair_id
  join public.whatsapp_instances i on i.id = r.instance_id
$$;

-- How a try ended: accepted is the last. A notice without a try has become another one meanwhile.
create or replace function public.record_operator_notice(p_repair_id uuid, p_outcome text)
returns void
language sql security definer set search_path = '' as $$
  update private.operator_notices set
    last_outcome = p_outcome, sent_at = case when p_outcome = 'accepted' then now() end
  where repair_id = p_repair_id and sent_at is null and attempts > 0
$$;

revoke all on function public.suspect_session(uuid, text) from public, anon, authenticated;
grant execute on function public.suspect_session(uuid, text) to service_role;
revoke all on function public.lease_due_repairs(int, timestamptz, int)
  from public, anon, authenticated;
revoke all on function public.begin_repair_step(uuid, uuid, text) from public, anon, authenticated;
revoke all on function public.record_repair_step(uuid, uuid, jsonb)
  from public, anon, authenticated;
revoke all on function public.connecting_seen(uuid, float8) from public, anon, authenticated;
revoke all on function public.claim_operator_notices(int) from public, anon, authenticated;
revoke all on function public.record_operator_notice(uuid, text) from public, anon, authenticated;
grant execute on function public.lease_due_repairs(int, timestamptz, int) to service_role;
grant execute on function public.begin_repair_step(uuid, uuid, text) to service_role;
grant execute on function public.record_repair_step(uuid, uuid, jsonb) to service_role;
grant execute on function public.connecting_seen(uuid, float8) to service_role;
grant execute on function public.claim_operator_notices(int) to service_role;
grant execute on function public.record_operator_notice(uuid, text) to service_role;
