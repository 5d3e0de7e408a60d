-- The ladder: where logout could not invalidate a session, the repair stays open and goes on step
-- by step, until the number lives or a person is told what to do.
--
--   open ── every tick: probe ── alive ─────────────────────────────▶ closed: healed
--    │                    └─ dead: look (memory, webhooks) ─ decide ─▶ wait | connect | restart | logout
--    │                                                                 each changing call once a life
--    ├── registry says close, or a fresh QR came ────────────────────▶ closed: auto-reconnect, the QR
--    ├── session conflict ── needs_operator ── a minute of silence ──▶ probed
--    ├── no credentials ── needs_operator ── there are some ─────────▶ open
--    └── steps used up ── needs_operator ── probe every 5 minutes ───▶ closed: healed
--                     ├── restart_requested ── the process restarts ── restarted ── alive ─▶ healed
--                     │   (only where something can restart it)     └── not helped, twice ─▶ needs_operator
--                     └── recreating: deleted and made anew, a QR code (only where that is allowed)

alter table ghost_repair.settings
  -- logout-first: logout at once, then the ladder. keep-pairing: the ladder first, logout last.
  add column if not exists policy text not null default 'logout-first'
    check (policy in ('logout-first', 'keep-pairing')),
  -- So long a fresh repair is left to whoever opened it: the registry is being read again.
  add column if not exists handover interval not null default interval '30 seconds',
  -- A repair that nobody leased for so long has no scheduler, and holds no claim back. Between two
  -- probes of a person's case lie 5 minutes.
  add column if not exists advancing_within interval not null default interval '10 minutes',
  -- So many of a gateway's numbers, and half of them, that began to fail within this time of each
  -- other: that is WhatsApp or the gateway, not a session.
  add column if not exists outage_numbers int not null default 3,
  add column if not exists outage_within interval not null default interval '2 minutes',
  -- After a session conflict the next look comes a little later than its silence.
  add column if not exists conflict_look interval not null default interval '75 seconds',
  -- Whether an instance that nothing else mends is deleted at its gateway and made anew, at the price
  -- of its pairing (see `recreation`). Allowing it for everybody is one statement:
  --   update ghost_repair.settings set allow_recreate = true
  add column if not exists allow_recreate boolean not null default false;

-- An organization that decides otherwise. Changing it is one statement:
--   insert into ghost_repair.policies values ('<organization>', 'keep-pairing')
--   on conflict (organization_id) do update set policy = excluded.policy;
--   insert into ghost_repair.policies (organization_id, allow_recreate) values ('<organization>', true)
--   on conflict (organization_id) do update set allow_recreate = excluded.allow_recreate;
create table if not exists ghost_repair.policies (
  organization_id uuid primary key,
  -- Null, here and below: as everybody.
  policy text check (policy in ('logout-first', 'keep-pairing')),
  allow_recreate boolean
);
alter table ghost_repair.policies enable row level security;

create or replace function ghost_repair.repair_policy(p_instance_id uuid) returns text
language sql stable security definer set search_path = '' as $$
  select coalesce(
    (select p.policy from ghost_repair.policies p
      where p.organization_id = (ghost_repair.read_session(p_instance_id)).organization_id),
    (select s.policy from ghost_repair.settings s))
$$;

create table if not exists public.ghost_repairs (
  id uuid primary key default gen_random_uuid(),
  instance_id uuid not null references public.whatsapp_instances (id) on delete cascade,
  organization_id uuid,
  state text not null default 'open' check (
    state in ('open', 'restart_requested', 'restarted', 'recreating', 'needs_operator', 'closed')),
  -- The last step taken: wait, connect, restart, logout, recreate, needs_operator.
  step text,
  -- How many changing calls were made.
  attempts int not null default 0,
  next_step_at timestamptz not null default ghost_repair.now(),
  connect_called_at timestamptz,
  restart_called_at timestamptz,
  logout_called_at timestamptz,
  recreate_called_at timestamptz,
  -- The gateway's process: when its restart was asked for, when it was restarted for this repair, and
  -- how many of its restarts did not help.
  process_restart_asked_at timestamptz,
  process_restarted_at timestamptz,
  process_restarts int not null default 0,
  -- A changing call of which no answer is known: the process died in it, or did not reach the
  -- gateway. And which of them were granted again.
  unanswered_step text,
  unanswered_since timestamptz,
  repeated_steps text[] not null default '{}',
  waiting_for text,
  waiting_since timestamptz,
  -- For people: how it began, what was last seen, why it needs one.
  evidence jsonb not null default '{}',
  opened_at timestamptz not null default ghost_repair.now(),
  closed_at timestamptz,
  -- healed, false_alarm, invalidated, awaiting_qr, manual, recreated
  outcome text,
  -- Of a session that lives, what canaries say of it (unproven: a step that can make deaf was taken, and
  -- nothing came in since); null: the socket is dead, or may be. What it says of hearing is no step of
  -- the ladder's, and hinders none: a ghost takes the row over.
  hearing text check (
    hearing in ('suspected_deaf', 'deaf', 'webhook_mute', 'lagging', 'unproven')),
  check ((state = 'closed') = (closed_at is not null))
);
create unique index if not exists ghost_repairs_open on public.ghost_repairs (instance_id)
  where closed_at is null;
create index if not exists ghost_repairs_due on public.ghost_repairs (next_step_at)
  where closed_at is null;
create index if not exists ghost_repairs_opened on public.ghost_repairs (opened_at)
  where closed_at is null;
create index if not exists ghost_repairs_instance on public.ghost_repairs (instance_id, opened_at);
create index if not exists ghost_repairs_age on public.ghost_repairs (closed_at)
  where closed_at is not null;
create index if not exists ghost_repairs_organization on public.ghost_repairs (organization_id);

alter table public.ghost_repairs enable row level security;
revoke all on public.ghost_repairs from anon, authenticated;
-- A signed-in user sees no repair until a policy says whose are whose.
grant select on public.ghost_repairs to authenticated, service_role;

-- `connecting` webhooks come 5 a second from a live loop: one row each instance, updated in place,
-- and only while a repair is open.
create table if not exists ghost_repair.connecting_signals (
  instance_id uuid primary key references public.whatsapp_instances (id) on delete cascade,
  seen bigint not null default 0,
  last_at timestamptz not null default ghost_repair.now()
) with (fillfactor = 50);
alter table ghost_repair.connecting_signals enable row level security;

-- The open repair of a number's session; all null: there is none.
create or replace function ghost_repair.open_repair(p_instance_id uuid)
returns public.ghost_repairs
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select r from public.ghost_repairs r
    where r.instance_id = p_instance_id and r.closed_at is null and r.hearing is null);
end $$;

create or replace function ghost_repair.has_open_repair(p_instance_id uuid) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return exists (
    select from public.ghost_repairs r
    where r.instance_id = p_instance_id and r.closed_at is null and r.hearing is null);
end $$;

-- The patch's place for it: one repair at a time. While the ladder takes its steps there is no second
-- logout; nor while two sockets fight, when nobody leases the repair and a logout would end neither.
create or replace function ghost_repair.hold_back(p_instance_id uuid) returns text
language sql stable security definer set search_path = '' as $$
  select 'repair_in_flight'
  from public.ghost_repairs r, ghost_repair.settings s
  where r.instance_id = p_instance_id and r.closed_at is null
    and (ghost_repair.is_session_conflict(p_instance_id, s.advancing_within)
      or exists (
        select from ghost_repair.leases l
        where l.kind = 'repair' and l.subject = r.id
          and l.leased_at > ghost_repair.now() - s.advancing_within))
$$;

-- `p_logout_called`: a logout was made already. `p_delay`: how long the caller still works on it.
-- Where a repair is open, it learns what is new; one of a session that lived begins anew.
create or replace function ghost_repair.open_ghost_repair(
  p_instance_id uuid, p_evidence jsonb, p_logout_called boolean default false,
  p_delay interval default '0'
) returns void
language sql security definer set search_path = '' as $$
  insert into public.ghost_repairs as r
    (instance_id, organization_id, evidence, logout_called_at, next_step_at)
  select s.instance_id, s.organization_id, p_evidence,
    case when p_logout_called then ghost_repair.now() end, ghost_repair.now() + p_delay
  from ghost_repair.read_session(p_instance_id) s where s.instance_id is not null
  on conflict (instance_id) where closed_at is null do update set
    evidence = case when r.hearing is null then r.evidence else '{}' end || excluded.evidence,
    logout_called_at = coalesce(r.logout_called_at, excluded.logout_called_at),
    next_step_at = case when r.hearing is null then least(r.next_step_at, excluded.next_step_at)
      else excluded.next_step_at end,
    state = case when r.hearing is null then r.state else 'open' end,
    opened_at = case when r.hearing is null then r.opened_at else excluded.opened_at end,
    hearing = null
$$;

create or replace function ghost_repair.close_ghost_repair(p_instance_id uuid, p_outcome text)
returns void
language plpgsql security definer set search_path = '' as $$
begin
  update public.ghost_repairs r set
    state = 'closed', closed_at = ghost_repair.now(), outcome = p_outcome
  where r.instance_id = p_instance_id and r.closed_at is null;
end $$;

-- The patch's place for it: from the moment on in which the row is marked the number is the ladder's.
-- A tick of auto-reconnect before the registry was read again would believe it, and a caller that
-- dies here leaves nothing behind.
create or replace function ghost_repair.after_logout(p_instance_id uuid, p_logout text)
returns void
language sql security definer set search_path = '' as $$
  select ghost_repair.open_ghost_repair(p_instance_id, jsonb_build_object('logout', p_logout)
      || case when ghost_repair.is_logout_unsafe(p_instance_id)
        then '{"logout_unsafe_here": true}'::jsonb else '{}'::jsonb end,
    p_logout is distinct from 'not_called', (select s.handover from ghost_repair.settings s))
$$;

-- The patch's place for it: logout reached the session, or the ladder goes on at once.
create or replace function ghost_repair.after_verification(p_instance_id uuid, p_outcome text)
returns void
language plpgsql security definer set search_path = '' as $$
begin
  if p_outcome = 'invalidated' then
    perform ghost_repair.close_ghost_repair(p_instance_id, 'invalidated');
  else
    perform ghost_repair.open_ghost_repair(p_instance_id, '{}');
  end if;
end $$;

-- The session's place for it: nothing is left to repair.
create or replace function ghost_repair.session_withdrawn(p_instance_id uuid, p_why text)
returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform ghost_repair.close_ghost_repair(p_instance_id, p_why);
end $$;

-- Something looks dead that did not say Connection Closed: the ladder's probe finds out. Nothing is
-- marked yet. Refused while there is a reason not to touch the number, and for the window after a
-- repair. Returns whether a repair was opened. `p_event`: how the timeline calls it.
create or replace function ghost_repair.open_suspicion(
  p_instance_id uuid, p_reason text, p_event text, p_detail jsonb
) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_session ghost_repair.session := ghost_repair.lock_session(p_instance_id);
  v_settings ghost_repair.settings;
begin
  select s.* into strict v_settings from ghost_repair.settings s;
  if v_session.instance_id is null or v_session.manual_disconnect or not v_settings.enabled
    or v_session.status = 'awaiting_qr'
    or ghost_repair.has_open_repair(p_instance_id)
    or exists (select from public.ghost_repairs r where r.instance_id = p_instance_id
      and r.closed_at > ghost_repair.now() - v_settings.repair_window
      -- A QR code is looked at again, unless it may be the answer to a call of ours: not after one
      -- that was seen to have helped.
      and (p_reason <> 'unexpected_qr_code' or r.outcome <> 'healed' and coalesce(
        r.logout_called_at, r.connect_called_at, r.restart_called_at) is not null)) then
    return false;
  end if;
  perform ghost_repair.open_ghost_repair(p_instance_id, jsonb_build_object('suspicion', p_reason));
  perform ghost_repair.add_event(p_instance_id, p_event, p_detail);
  return true;
end $$;

create or replace function public.suspect_session(p_instance_id uuid, p_reason text)
returns boolean
language sql security definer set search_path = '' as $$
  select ghost_repair.open_suspicion(
    p_instance_id, p_reason, 'suspected', jsonb_build_object('reason', p_reason))
$$;

-- Whether the numbers of this one's gateway are dead one after another, as the watch has found. Not
-- `or replace`: applied again, this file leaves the watch in its place.
do $hook$ begin
  create function ghost_repair.is_gateway_dead(p_instance_id uuid) returns boolean
  language sql stable security definer set search_path = '' as $$ select false $$;
exception when duplicate_function then null;
end $hook$;

-- Where whatever can restart a gateway's process joins in; without it a person is asked. Whether it is
-- asked to, for this reason: the repair then waits for it. Not `or replace`, as above.
do $hook$ begin
  create function ghost_repair.request_restart(p_instance_id uuid, p_reason text) returns boolean
  language sql security definer set search_path = '' as $$ select false $$;
exception when duplicate_function then null;
end $hook$;

-- Whether it may be asked to for this number: it comes before a logout that costs the pairing.
do $hook$ begin
  create function ghost_repair.may_request_restart(p_instance_id uuid) returns boolean
  language sql stable security definer set search_path = '' as $$ select false $$;
exception when duplicate_function then null;
end $hook$;

-- Whether the gateway's process is about to be restarted, or was a moment ago: its other numbers wait.
do $hook$ begin
  create function ghost_repair.is_restart_awaited(p_instance_id uuid) returns boolean
  language sql stable security definer set search_path = '' as $$ select false $$;
exception when duplicate_function then null;
end $hook$;

-- Whether a number may be deleted at its gateway and made anew, for this reason: its pairing goes with
-- it.
do $hook$ begin
  create function ghost_repair.may_recreate(p_instance_id uuid, p_reason text) returns boolean
  language sql stable security definer set search_path = '' as $$ select false $$;
exception when duplicate_function then null;
end $hook$;

-- How a restart of the gateway's process ended for a number.
do $hook$ begin
  create function ghost_repair.after_restart(p_instance_id uuid, p_helped boolean) returns void
  language sql security definer set search_path = '' as $$ select null::void $$;
exception when duplicate_function then null;
end $hook$;

-- Whether a number's turn to be logged out is over before it came: a logout does harm there, or keeps
-- a pairing from being kept that a restart of the process would keep.
create or replace function ghost_repair.is_logout_passed_over(p_instance_id uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select ghost_repair.is_logout_unsafe(p_instance_id)
    or (ghost_repair.repair_policy(p_instance_id) = 'keep-pairing'
      and ghost_repair.may_request_restart(p_instance_id))
$$;

-- The ladder's steps are at their end, for this reason: the gateway's process is to be restarted, where
-- something can do that; or the number is made anew, where that is allowed; or a person is told. The
-- number is locked.
create or replace function ghost_repair.end_steps(
  p_repair public.ghost_repairs, p_reason text, p_detail jsonb
) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_requested constant boolean := ghost_repair.request_restart(p_repair.instance_id, p_reason);
  v_reason text := p_reason;
  v_state text := 'needs_operator';
begin
  if not v_requested and p_repair.process_restarts > 0 and p_reason <> 'session_conflict' then
    v_reason := 'restarted_in_vain';
  end if;
  if v_requested then
    v_state := 'restart_requested';
  elsif ghost_repair.may_recreate(p_repair.instance_id, v_reason) then
    v_state := 'recreating';
  end if;
  update public.ghost_repairs r set
    state = v_state, step = v_state, waiting_for = null, waiting_since = null,
    next_step_at = case v_state when 'recreating' then ghost_repair.now() else r.next_step_at end,
    process_restart_asked_at = case when v_requested then ghost_repair.now()
      else r.process_restart_asked_at end,
    evidence = r.evidence || jsonb_build_object('reason', v_reason)
  where r.id = p_repair.id and r.closed_at is null;
  perform ghost_repair.add_event(p_repair.instance_id, v_state,
    coalesce(p_detail, '{}') || jsonb_build_object('reason', v_reason));
end $$;

-- A function that died between the claim of a repair and its end leaves a ghost that nothing else
-- looks at until the next send: the ladder takes it up. Without a claim the next repair is free.
-- Numbers that somebody has locked have their turn at the next sweep.
create or replace function ghost_repair.take_up_abandoned_repairs() returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid;
  v_taken bigint := 0;
begin
  for v_id in
    select c.instance_id from ghost_repair.claims c
    where c.finished_at is null and c.expires_at <= ghost_repair.now()
    order by c.expires_at
  loop
    continue when (ghost_repair.lock_session(v_id, true)).instance_id is null;
    delete from ghost_repair.claims c
    where c.instance_id = v_id and c.finished_at is null and c.expires_at <= ghost_repair.now();
    if found and public.suspect_session(v_id, 'repair_abandoned') then
      v_taken := v_taken + 1;
    end if;
  end loop;
  return v_taken;
end $$;

-- The patch's place for it: numbers that fail together with their gateway keep their pairings. The
-- repairs of the others may still be in their probes.
create or replace function ghost_repair.withhold_logout(p_instance_id uuid) returns text
language sql stable security definer set search_path = '' as $$
  select 'outage' from ghost_repair.settings s
  where ghost_repair.is_gateway_dead(p_instance_id)
    or ghost_repair.fails_as_a_gateway(p_instance_id, array(
    select c.instance_id from ghost_repair.claims c
    where c.claimed_at > ghost_repair.now() - s.outage_within
      -- A number that somebody deletes has not failed.
      and c.outcome ->> 'logout' is distinct from 'deletion'
    union
    select r.instance_id from public.ghost_repairs r
    where r.closed_at is null and r.hearing is null
      and r.opened_at > ghost_repair.now() - s.outage_within),
    s.outage_numbers)
$$;

-- Whether this repair's number fails together with its gateway.
create or replace function ghost_repair.is_outage(p_repair_id uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select ghost_repair.is_gateway_dead(mine.instance_id)
    or ghost_repair.fails_as_a_gateway(mine.instance_id, array(
      select r.instance_id from public.ghost_repairs r
      where r.closed_at is null and r.hearing is null and r.opened_at
        between mine.opened_at - s.outage_within and mine.opened_at + s.outage_within),
    s.outage_numbers)
  from public.ghost_repairs mine, ghost_repair.settings s where mine.id = p_repair_id
$$;

-- May a step be granted again, once? Where nobody knows whether its call was made, and no
-- `connecting` webhook since then says that it was: both calls make the gateway send one. A logout
-- never: it may cost the pairing.
create or replace function ghost_repair.may_repeat_step(
  p_repair public.ghost_repairs, p_step text
) returns boolean
language sql stable security definer set search_path = '' as $$
  select p_repair.unanswered_step is not distinct from p_step and p_step in ('connect', 'restart')
    and not p_step = any (p_repair.repeated_steps)
    and not exists (
      select from ghost_repair.connecting_signals c
      where c.instance_id = p_repair.instance_id and c.last_at >= p_repair.unanswered_since)
$$;

-- Repairs whose next step is due, whoever asks: whoever lists, counts or schedules them. Of two
-- sockets that fight one is often open, and a probe would call it healed.
create or replace view ghost_repair.due_repairs as
select r.id, r.instance_id, r.next_step_at
from public.ghost_repairs r
where r.closed_at is null and r.hearing is null and r.next_step_at <= ghost_repair.now()
  -- That is no step of the ladder's any more (`recreation`).
  and r.state <> 'recreating'
  and exists (select from private.instance_credentials k where k.instance_id = r.instance_id)
  and not ghost_repair.is_session_conflict(r.instance_id);

-- Repairs that something stands in the way of (`reason`), or no more: nobody can call a gateway where
-- there are no credentials.
create or replace view ghost_repair.blocked_repairs as
select r.id, r.instance_id, b.reason from public.ghost_repairs r
cross join lateral (
  select case
    when not exists (
      select from private.instance_credentials k where k.instance_id = r.instance_id)
      then 'no_credentials'
    when r.evidence ->> 'reason' = 'webhooks_missing'
      and not ghost_repair.hears_gateway(r.instance_id) then 'webhooks_missing'
  end as reason) b
where r.closed_at is null and r.hearing is null and (
  (r.state = 'open' and b.reason = 'no_credentials' and r.next_step_at <= ghost_repair.now())
  or (r.state = 'needs_operator' and b.reason is null
    and r.evidence ->> 'reason' in ('no_credentials', 'webhooks_missing')));

-- A person is told of the first; and where a person was told of what stood in the way, and it is there
-- now, the ladder goes on. Numbers that somebody has locked have their turn at the next tick. Returns
-- how many were settled.
create or replace function ghost_repair.settle_blocked_repairs() returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  v_blocked record;
  v_settled bigint := 0;
begin
  for v_blocked in select b.* from ghost_repair.blocked_repairs b loop
    continue when (ghost_repair.lock_session(v_blocked.instance_id, true)).instance_id is null;
    update public.ghost_repairs r set
      state = case when v_blocked.reason is null then 'open' else 'needs_operator' end,
      step = case when v_blocked.reason is null then r.step else 'needs_operator' end,
      waiting_for = null, waiting_since = null, next_step_at = ghost_repair.now(),
      evidence = (r.evidence - 'reason')
        || jsonb_strip_nulls(jsonb_build_object('reason', v_blocked.reason))
    where r.id = v_blocked.id and r.closed_at is null;
    continue when not found;
    v_settled := v_settled + 1;
    if v_blocked.reason is not null then
      perform ghost_repair.add_event(v_blocked.instance_id, 'needs_operator',
        jsonb_build_object('reason', v_blocked.reason));
    end if;
  end loop;
  return v_settled;
end $$;

-- Due repairs, each to one caller. A tick passes back the `tick_started` of its first call (null
-- there): what was leased since then, by this tick or another, has had its turn.
create or replace function public.lease_due_repairs(
  p_limit int, p_tick_started timestamptz default null, p_lease_seconds int default null
) returns table (
  repair_id uuid, token uuid, instance_id uuid, instance_name text, phone_number text,
  api_url text, api_key text, state text,
  connect_called boolean, restart_called boolean, logout_called boolean,
  seconds_since_restart float8, waiting_for text, waiting_seconds float8, age_seconds float8,
  outage boolean, session_conflict boolean, webhook_delivered boolean, alone boolean,
  restart_awaited boolean, seconds_since_process_restart float8, tick_started timestamptz
)
language sql security definer set search_path = '' as $$
  select ghost_repair.settle_blocked_repairs() where p_tick_started is null;
  with due as (
    select d.id from ghost_repair.due_repairs d
    where not ghost_repair.is_leased('repair', d.id, p_tick_started)
    order by d.next_step_at
    limit p_limit
    for no key update skip locked
  ), leased as (
    select d.id, ghost_repair.take_lease('repair', d.id,
      make_interval(secs => p_lease_seconds), p_tick_started) as token
    from due d
  )
  select r.id, l.token, r.instance_id, a.instance_name, a.phone_number, a.api_url, a.api_key,
    -- Whoever waits for the process is probed now and then, like who waits for a person.
    case r.state when 'restart_requested' then 'needs_operator' else r.state end,
    r.connect_called_at is not null and not ghost_repair.may_repeat_step(r, 'connect'),
    r.restart_called_at is not null and not ghost_repair.may_repeat_step(r, 'restart'),
    r.logout_called_at is not null or ghost_repair.is_logout_passed_over(r.instance_id),
    extract(epoch from ghost_repair.now() - r.restart_called_at)::float8, r.waiting_for,
    extract(epoch from ghost_repair.now() - r.waiting_since)::float8,
    extract(epoch from ghost_repair.now() - r.opened_at)::float8, ghost_repair.is_outage(r.id),
    r.state <> 'open' and coalesce(r.evidence ->> 'reason' = 'session_conflict', false),
    ghost_repair.hears_gateway(r.instance_id),
    -- Asked only where the answer matters: a gateway may have very many numbers.
    case when ghost_repair.hears_gateway(r.instance_id) then false
      else ghost_repair.is_alone_at_gateway(r.instance_id) end,
    ghost_repair.is_restart_awaited(r.instance_id),
    case r.state when 'restarted' then
      extract(epoch from ghost_repair.now() - r.process_restarted_at)::float8 end,
    coalesce(p_tick_started, ghost_repair.now())
  from leased l
  join public.ghost_repairs r on r.id = l.id
  cross join lateral ghost_repair.read_address(r.instance_id) a
  where l.token is not null
  order by r.next_step_at
$$;

-- The open repair, locked, if the caller's lease still holds and nobody took the number away.
create or replace function ghost_repair.lock_leased_repair(p_repair_id uuid, p_token uuid)
returns public.ghost_repairs
language plpgsql security definer set search_path = '' as $$
declare
  v_session ghost_repair.session := ghost_repair.lock_session(
    (select r.instance_id from public.ghost_repairs r where r.id = p_repair_id));
  v_repair public.ghost_repairs;
begin
  if v_session.manual_disconnect is not true and v_session.status is distinct from 'awaiting_qr'
    and ghost_repair.holds_lease('repair', p_repair_id, p_token) then
    select r.* into v_repair from public.ghost_repairs r
    where r.id = p_repair_id and r.closed_at is null for no key update;
  end if;
  return v_repair;
end $$;

-- Called right before a changing call: writes it down first, so that a crash in the middle does not
-- repeat it blindly. Each of connect, restart and logout is granted once in the life of a repair;
-- one of which nothing was heard see `may_repeat_step`. False: do not call.
create or replace function public.begin_repair_step(p_repair_id uuid, p_token uuid, p_step text)
returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_repair public.ghost_repairs := ghost_repair.lock_leased_repair(p_repair_id, p_token);
  v_called_at timestamptz;
begin
  if v_repair.id is null or v_repair.state <> 'open' then
    return false;
  end if;
  if p_step = 'logout' and ghost_repair.is_logout_passed_over(v_repair.instance_id) then
    return false;
  end if;
  -- Whatever fails with its gateway is not the session's fault, and nothing is changed.
  if ghost_repair.is_outage(p_repair_id) then
    return false;
  end if;
  -- At most one logout in the window, whoever makes it: a failed send may be about to.
  if p_step = 'logout' and exists (
    select from ghost_repair.claims c, ghost_repair.settings s
    where c.instance_id = v_repair.instance_id
      and c.claimed_at > ghost_repair.now() - s.repair_window
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
  if v_called_at is not null and (not ghost_repair.may_repeat_step(v_repair, p_step)
    or not exists (
      select from ghost_repair.leases l
      where l.kind = 'repair' and l.subject = p_repair_id
        and l.leased_at > v_repair.unanswered_since)) then
    return false;
  end if;
  update public.ghost_repairs set
    connect_called_at = case p_step when 'connect' then ghost_repair.now()
      else connect_called_at end,
    restart_called_at = case p_step when 'restart' then ghost_repair.now()
      else restart_called_at end,
    logout_called_at = case p_step when 'logout' then ghost_repair.now()
      else logout_called_at end,
    unanswered_step = p_step, unanswered_since = ghost_repair.now(),
    repeated_steps = case when v_called_at is null then repeated_steps
      else repeated_steps || p_step end,
    step = p_step, attempts = attempts + 1
  where id = p_repair_id;
  if p_step = 'logout' then
    perform ghost_repair.note_logout(v_repair.instance_id);
  end if;
  perform ghost_repair.add_event(v_repair.instance_id, 'repair_step',
    jsonb_build_object('step', p_step)
    || case when v_called_at is null then '{}'::jsonb else '{"again": true}'::jsonb end);
  return true;
end $$;

-- The tick has no time left for a look: the repair stays due, and the next tick takes it first. Returns
-- whether it was still the caller's.
create or replace function public.postpone_repair_step(p_repair_id uuid, p_token uuid)
returns boolean
language sql security definer set search_path = '' as $$
  select ghost_repair.end_lease('repair', p_repair_id, p_token)
$$;

-- What a tick found out; ends the lease. `p_result`:
--   {next: healed, …}                 the socket answered: connected, closed; with `step` and `answer`,
--                                     after a changing call of this tick
--   {next: invalidated, …}            closed: the registry says close, auto-reconnect takes over
--   {next: wait, reason, …}           looked at again
--   {next: stepped, step, …}          a changing call was made; looked at again
--   {next: not_helped, …}             the process was restarted, and the session is still dead
--   {next: needs_operator, reason, …} the process is to be restarted, or a person is told; probed again
--                                     every 5 minutes
-- `seconds` is when to look again, `socket_dead` whether the probe failed; what else is in it goes
-- into the event. Returns whether the repair was still the caller's.
create or replace function public.record_repair_step(
  p_repair_id uuid, p_token uuid, p_result jsonb
) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_repair public.ghost_repairs := ghost_repair.lock_leased_repair(p_repair_id, p_token);
  v_status text;
  v_next text := p_result ->> 'next';
  v_reason text := p_result ->> 'reason';
  v_detail jsonb := p_result - 'seconds';
begin
  perform ghost_repair.end_lease('repair', p_repair_id, p_token);
  if v_repair.id is null then
    return false;
  end if;
  update public.ghost_repairs r set
    evidence = r.evidence || jsonb_build_object('last_seen', v_detail),
    next_step_at = ghost_repair.now()
      + make_interval(secs => coalesce((p_result ->> 'seconds')::float8, 0)),
    waiting_since = case when v_next <> 'wait' then null
      when r.waiting_for = v_reason then r.waiting_since else ghost_repair.now() end,
    waiting_for = case when v_next = 'wait' then v_reason end,
    unanswered_step = case
      when v_next = 'stepped' and p_result -> 'answer' ->> 'outcome' <> 'unreachable' then null
      else r.unanswered_step end,
    step = case when v_next = 'stepped' then p_result ->> 'step'
      when r.state = 'restart_requested' and v_next = 'needs_operator' then r.step
      else v_next end
  where r.id = p_repair_id;

  -- Never `connected` while the last probe failed.
  v_status := (ghost_repair.read_session(v_repair.instance_id)).status;
  if (p_result ->> 'socket_dead')::boolean and v_status = 'connected' then
    perform ghost_repair.mark_disconnected(v_repair.instance_id, '{"source": "probe"}');
  end if;

  if v_repair.state = 'restarted' and v_next in ('healed', 'not_helped') then
    perform ghost_repair.after_restart(v_repair.instance_id, v_next = 'healed');
  end if;
  case v_next
    when 'healed' then
      if v_detail ? 'step' then
        perform ghost_repair.add_event(v_repair.instance_id, 'repair_step',
          jsonb_build_object('next', 'stepped', 'step', v_detail -> 'step',
            'answer', v_detail -> 'answer'));
      end if;
      perform ghost_repair.note_alive(v_repair.instance_id);
      -- Never called dead, and nothing was done: it was not.
      if v_status = 'connected' and not v_detail ? 'step' then
        perform ghost_repair.close_ghost_repair(v_repair.instance_id, 'false_alarm');
        perform ghost_repair.add_event(v_repair.instance_id, 'false_alarm', v_detail);
      else
        perform ghost_repair.close_ghost_repair(v_repair.instance_id, 'healed');
        perform ghost_repair.write_connected(v_repair.instance_id);
        perform ghost_repair.add_event(v_repair.instance_id, 'healed',
          v_detail - 'step' - 'answer' || jsonb_build_object('after_seconds',
            round(extract(epoch from ghost_repair.now() - v_repair.opened_at))));
      end if;
    when 'invalidated' then
      perform ghost_repair.close_ghost_repair(v_repair.instance_id, v_next);
      if v_status = 'connected' then
        perform ghost_repair.mark_disconnected(v_repair.instance_id, '{"source": "registry"}');
      end if;
      perform ghost_repair.add_event(v_repair.instance_id, 'repair_step', v_detail);
    when 'needs_operator' then
      -- Probed again and again from now on: only the first time is news.
      if v_repair.state not in ('needs_operator', 'restart_requested') then
        perform ghost_repair.end_steps(v_repair, v_reason, v_detail);
      end if;
    when 'not_helped' then
      update public.ghost_repairs r set process_restarts = r.process_restarts + 1
      where r.id = p_repair_id returning r.* into v_repair;
      perform ghost_repair.end_steps(v_repair, v_repair.evidence ->> 'reason',
        v_detail || jsonb_build_object('process_restarts', v_repair.process_restarts));
    else
      -- Waiting for the same thing again is not news.
      if v_next <> 'wait' or v_repair.waiting_for is distinct from v_reason then
        perform ghost_repair.add_event(v_repair.instance_id, 'repair_step', v_detail);
      end if;
  end case;
  return true;
end $$;

-- A session conflict, as counted; the number is locked. The repair waits for a person at once: over
-- HTTP nothing ends it. Returns false where the number is not to be touched.
--
--   open, eight in a minute ──▶ disconnected, the repair waits for a person
--   open, close 440 ──────────▶ nothing is written but when the last one came
--   a minute of silence ──────▶ the ladder probes, and looks whether the memory stands still:
--                               closed: healed | probed every 5 minutes
create or replace function ghost_repair.meet_session_conflict(p_session ghost_repair.session)
returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_repair public.ghost_repairs;
  v_settings ghost_repair.settings;
begin
  select s.* into strict v_settings from ghost_repair.settings s;
  if p_session.manual_disconnect or p_session.status = 'awaiting_qr' or not v_settings.enabled then
    return false;
  end if;
  v_repair := ghost_repair.open_repair(p_session.instance_id);
  if v_repair.state <> 'open' and v_repair.evidence ->> 'reason' = 'session_conflict' then
    -- The next look comes when there was silence (`due_repairs`).
    return true;
  end if;

  perform ghost_repair.open_ghost_repair(p_session.instance_id, '{}');
  update public.ghost_repairs r set next_step_at = ghost_repair.now() + v_settings.conflict_look
  where r.instance_id = p_session.instance_id and r.closed_at is null
  returning r.* into v_repair;
  -- Whoever is at work on it has lost it: a tick its lease, a failed send its claim.
  perform ghost_repair.end_lease('repair', v_repair.id, null);
  perform ghost_repair.note_open(p_session.instance_id);
  if p_session.status is distinct from 'disconnected' then
    perform ghost_repair.mark_disconnected(p_session.instance_id,
      '{"source": "session_conflict"}');
  end if;
  perform ghost_repair.end_steps(v_repair, 'session_conflict', '{}');
  return true;
end $$;

-- A connection report; the number is locked. Returns whether it is part of a fight between two
-- sockets: then neither `open` nor `close` says anything until a minute has passed without.
create or replace function ghost_repair.is_part_of_conflict(
  p_instance_id uuid, p_state text, p_reason int
) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_session ghost_repair.session;
begin
  if (p_state = 'open' or (p_state = 'close' and p_reason = 440)) is not true
    or not ghost_repair.count_session_report(p_instance_id) then
    return false;
  end if;
  v_session := ghost_repair.read_session(p_instance_id);
  -- One that a person disconnected stays as that person left it.
  return v_session.manual_disconnect or ghost_repair.meet_session_conflict(v_session);
end $$;

-- A QR code that the gateway shows although nobody ended the session: its pairing may still live, and
-- nobody is asked to scan before the ladder has looked. The number is locked. Returns whether the
-- code waits for that.
create or replace function ghost_repair.doubts_qr_code(p_instance_id uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_session constant ghost_repair.session := ghost_repair.read_session(p_instance_id);
  v_repair constant public.ghost_repairs := ghost_repair.open_repair(p_instance_id);
begin
  if v_repair.id is null then
    return v_session.status = 'connected'
      -- A failed send's repair may have logged it out by now.
      and not exists (
        select from ghost_repair.claims c
        where c.instance_id = p_instance_id and c.finished_at is null
          and c.expires_at > ghost_repair.now())
      and public.suspect_session(p_instance_id, 'unexpected_qr_code');
  end if;
  -- After a call of ours the code is its answer.
  return v_repair.logout_called_at is null and v_repair.connect_called_at is null
    and v_repair.restart_called_at is null and ghost_repair.hasten_repair(p_instance_id);
end $$;

-- An `open` webhook while a repair is open: the next tick's probe decides, not the webhook.
create or replace function ghost_repair.hasten_repair(p_instance_id uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  update public.ghost_repairs r set next_step_at = least(r.next_step_at, ghost_repair.now())
  where r.instance_id = p_instance_id and r.closed_at is null and r.hearing is null;
  return found;
end $$;

-- A `connecting` webhook. Returns whether anybody is looking.
create or replace function ghost_repair.note_connecting(p_instance_id uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  if not ghost_repair.has_open_repair(p_instance_id) then
    return false;
  end if;
  insert into ghost_repair.connecting_signals as c (instance_id, seen, last_at)
  values (p_instance_id, 1, ghost_repair.now())
  on conflict (instance_id) do update set seen = c.seen + 1, last_at = ghost_repair.now();
  return true;
end $$;

-- For a project whose webhook is its own: one call a webhook, with what a `connection.update` says.
-- Returns whether two sockets fight over the number: then the report says nothing about its status.
create or replace function public.report_webhook(
  p_instance_id uuid, p_state text default null, p_reason int default null
) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  if p_state = 'connecting' then
    perform ghost_repair.webhook_delivered(p_instance_id);
    perform ghost_repair.note_connecting(p_instance_id);
    return false;
  end if;
  perform ghost_repair.lock_session(p_instance_id);
  perform ghost_repair.webhook_delivered(p_instance_id);
  if ghost_repair.is_part_of_conflict(p_instance_id, p_state, p_reason) then
    return true;
  end if;
  if p_state = 'open' then
    perform ghost_repair.hasten_repair(p_instance_id);
  end if;
  return false;
end $$;

-- Whether a `connecting` webhook arrived in the last seconds.
create or replace function public.connecting_seen(p_instance_id uuid, p_seconds float8)
returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select from ghost_repair.connecting_signals c
    where c.instance_id = p_instance_id
      and c.last_at >= ghost_repair.now() - make_interval(secs => p_seconds))
$$;

revoke all on function public.suspect_session(uuid, text),
  public.lease_due_repairs(int, timestamptz, int),
  public.begin_repair_step(uuid, uuid, text),
  public.postpone_repair_step(uuid, uuid),
  public.record_repair_step(uuid, uuid, jsonb),
  public.connecting_seen(uuid, float8),
  public.report_webhook(uuid, text, int)
  from public, anon, authenticated;
grant execute on function public.suspect_session(uuid, text),
  public.lease_due_repairs(int, timestamptz, int),
  public.begin_repair_step(uuid, uuid, text),
  public.postpone_repair_step(uuid, uuid),
  public.record_repair_step(uuid, uuid, jsonb),
  public.connecting_seen(uuid, float8),
  public.report_webhook(uuid, text, int)
  to service_role;
