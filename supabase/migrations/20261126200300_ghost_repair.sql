-- The patch: who may log a dead session out, how often, and what is written down about it.
--
--   send fails: Connection Closed
--        │
--   claim_ghost_repair ── refused ──▶ event repair_skipped; the message fails, nothing else
--        │ claimed (token)
--   probe ── alive ──▶ release_ghost_repair: the claim is gone, nothing is marked
--        │ dead
--   the message fails
--        │
--   confirm_ghost_repair ── probe_again ──▶ one more probe: alive, or asked once more
--        │ go            ├─ logout_unsafe_here: no logout, the ladder
--        │               └─ taken away: nothing more
--   logout at the gateway
--        │
--   record_ghost_logout ──▶ disconnected, unless the session was reported open meanwhile
--        │
--   registry read again
--        │
--   record_ghost_verification ──▶ where it does not say close, the ladder

-- One row. Each part that is installed adds its own columns: every limit, window and count stands
-- here once.
create table if not exists ghost_repair.settings (
  only_row boolean primary key default true check (only_row),
  -- Off: Connection Closed marks the row disconnected and calls nothing, as before the repair.
  enabled boolean not null default true,
  -- At most one logout per instance in this time.
  repair_window interval not null default interval '2 minutes'
    check (repair_window >= interval '1 second'),
  -- A claimer is told to log out within this time or not at all; a claim left by a crash is kept by
  -- as much longer than the window, so that two logouts never come closer than the window.
  claim_grace interval not null default interval '30 seconds',
  -- When the socket is probed after Connection Closed, in ms. Empty: no confirmation.
  confirm_at_ms int[] not null default '{1000,4000,9000}',
  -- The same finding again is no news for so long.
  repeat_event_after interval not null default interval '10 minutes',
  -- A proof of life is written down so often at the most: busy numbers have one every second.
  alive_noted_every interval not null default interval '30 seconds'
);
insert into ghost_repair.settings (only_row) values (true) on conflict do nothing;

create table if not exists ghost_repair.claims (
  instance_id uuid primary key references public.whatsapp_instances (id) on delete cascade,
  token uuid not null,
  -- As of the last look at the socket.
  connection_epoch bigint not null,
  claimed_at timestamptz not null default ghost_repair.now(),
  expires_at timestamptz not null,
  finished_at timestamptz,
  -- What the logout came to, for the ladder.
  outcome jsonb
);
create index if not exists claims_unfinished
  on ghost_repair.claims (expires_at) where finished_at is null;
create index if not exists claims_recent on ghost_repair.claims (claimed_at);

-- Something came through the number's socket, so it lived then: a probe that was answered, a delivery
-- report, a message that came in, a session that opened. `p_at`: as of when, where that is known; a
-- webhook may be tried again for long. Not waited for where somebody else has the row.
create or replace function ghost_repair.note_alive(
  p_instance_id uuid, p_at timestamptz default null
) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_at constant timestamptz := least(ghost_repair.now(), coalesce(p_at, ghost_repair.now()));
begin
  perform from public.whatsapp_instances i
  where i.id = p_instance_id and (i.last_alive_at is null or i.last_alive_at
    < v_at - (select s.alive_noted_every from ghost_repair.settings s))
  for no key update skip locked;
  if found then
    update public.whatsapp_instances set last_alive_at = v_at where id = p_instance_id;
  end if;
end $$;

-- What happened to a number, in order. Details are redacted: no key, number, QR or text.
create table if not exists public.instance_events (
  id bigint generated always as identity primary key,
  instance_id uuid not null references public.whatsapp_instances (id) on delete cascade,
  organization_id uuid,
  kind text not null,
  detail jsonb not null default '{}',
  created_at timestamptz not null default ghost_repair.now()
);
create index if not exists instance_events_instance on public.instance_events (instance_id, id desc);
create index if not exists instance_events_age on public.instance_events (created_at);

alter table ghost_repair.settings enable row level security;
alter table ghost_repair.claims enable row level security;
alter table public.instance_events enable row level security;
revoke all on public.instance_events from anon, authenticated;
revoke all on sequence public.instance_events_id_seq from anon, authenticated;
-- A signed-in user sees no event until a policy says whose are whose.
grant select on public.instance_events to authenticated, service_role;

create or replace function ghost_repair.add_event(p_instance_id uuid, p_kind text, p_detail jsonb)
returns void
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.instance_events (instance_id, organization_id, kind, detail)
  select s.instance_id, s.organization_id, p_kind, coalesce(p_detail, '{}')
  from ghost_repair.read_session(p_instance_id) s where s.instance_id is not null;
end $$;

-- The number's newest event, where it is one of this kind and of lately; nulls where it is not.
create or replace function ghost_repair.recent_event(p_instance_id uuid, p_kind text)
returns public.instance_events
language plpgsql stable security definer set search_path = '' as $$
declare
  v_last public.instance_events;
begin
  select e.* into v_last from public.instance_events e
  where e.instance_id = p_instance_id order by e.id desc limit 1;
  if v_last.kind = p_kind and v_last.created_at
      > ghost_repair.now() - (select s.repeat_event_after from ghost_repair.settings s) then
    return v_last;
  end if;
  return null;
end $$;

-- An event that may repeat with every message: the same again raises the count of the one before. Its
-- caller holds the number's row.
create or replace function ghost_repair.add_repeated_event(
  p_instance_id uuid, p_kind text, p_detail jsonb
) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_last constant public.instance_events := ghost_repair.recent_event(p_instance_id, p_kind);
begin
  if v_last.detail - 'count' = p_detail then
    update public.instance_events e set detail = p_detail
      || jsonb_build_object('count', coalesce((e.detail ->> 'count')::int, 1) + 1)
    where e.id = v_last.id;
  else
    perform ghost_repair.add_event(p_instance_id, p_kind, p_detail);
  end if;
end $$;

-- The only place that writes `disconnected` for a dead session.
create or replace function ghost_repair.mark_disconnected(p_instance_id uuid, p_detail jsonb)
returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform ghost_repair.write_disconnected(p_instance_id);
  perform ghost_repair.add_event(p_instance_id, 'marked_disconnected', p_detail);
end $$;

-- Where other parts join in. Alone the patch does nothing here; a part that is installed replaces the
-- function whose place it takes, and keeps its signature. Not `or replace`: applied again, this file
-- leaves such a part in its place.

-- Whether nothing is to be done for now, whatever is due.
do $hook$ begin
  create function ghost_repair.is_paused() returns boolean
  language sql stable security definer set search_path = '' as $$ select false $$;
exception when duplicate_function then null;
end $hook$;

-- Why a claim must wait; null where nothing holds it back.
do $hook$ begin
  create function ghost_repair.hold_back(p_instance_id uuid) returns text
  language sql stable security definer set search_path = '' as $$ select null::text $$;
exception when duplicate_function then null;
end $hook$;

-- Whether a logout does harm on the version that the number's gateway runs.
do $hook$ begin
  create function ghost_repair.is_logout_unsafe(p_instance_id uuid) returns boolean
  language sql stable security definer set search_path = '' as $$ select false $$;
exception when duplicate_function then null;
end $hook$;

-- Why the session must not be logged out although its repair goes on; null where nothing speaks
-- against it. Asked last, by `confirm_ghost_repair`, whose answer it becomes.
do $hook$ begin
  create function ghost_repair.withhold_logout(p_instance_id uuid) returns text
  language sql stable security definer set search_path = '' as $$ select null::text $$;
exception when duplicate_function then null;
end $hook$;

-- The row was marked. `p_logout`: the outcome of the logout; `not_called` where none was made.
do $hook$ begin
  create function ghost_repair.after_logout(p_instance_id uuid, p_logout text)
  returns void
  language sql security definer set search_path = '' as $$ select null::void $$;
exception when duplicate_function then null;
end $hook$;

-- The registry was read again and, as `p_outcome` says, logout reached the session or did not.
do $hook$ begin
  create function ghost_repair.after_verification(p_instance_id uuid, p_outcome text)
  returns void
  language sql security definer set search_path = '' as $$ select null::void $$;
exception when duplicate_function then null;
end $hook$;

-- May this caller repair this instance now? One row lock decides among any number of callers, on
-- the database's clock. The one that gets `claimed` owns the repair until it records the logout or
-- releases the claim, with the token; a claimer that dies loses it with the window.
create or replace function public.claim_ghost_repair(p_instance_id uuid)
returns table (claimed boolean, reason text, token uuid, connection_epoch bigint)
language plpgsql security definer set search_path = '' as $$
declare
  v_session ghost_repair.session := ghost_repair.lock_session(p_instance_id);
  v_settings ghost_repair.settings;
  v_reason text;
  v_token uuid;
begin
  if v_session.instance_id is null then
    return query select false, 'not_found'::text, null::uuid, null::bigint;
    return;
  end if;
  select s.* into strict v_settings from ghost_repair.settings s;
  v_reason := case
    when v_session.manual_disconnect then 'manual_disconnect'
    when v_session.status = 'awaiting_qr' then 'awaiting_qr'
    when not v_settings.enabled then 'disabled'
    when ghost_repair.is_paused() then 'paused'
    else coalesce(ghost_repair.hold_back(p_instance_id), case
      when v_session.last_disconnected_at > ghost_repair.now() - v_settings.repair_window
        then 'recently_disconnected'
      when exists (
        select from ghost_repair.claims c
        where c.instance_id = p_instance_id and c.finished_at is null
          and c.expires_at > ghost_repair.now()) then 'repair_in_flight'
    end)
  end;

  if v_reason is not null then
    perform ghost_repair.add_repeated_event(p_instance_id, 'repair_skipped',
      jsonb_build_object('reason', v_reason));
    if v_reason = 'disabled' then
      perform ghost_repair.mark_disconnected(p_instance_id, '{"repair": "disabled"}');
    end if;
    return query select false, v_reason, null::uuid, v_session.connection_epoch;
    return;
  end if;

  v_token := gen_random_uuid();
  insert into ghost_repair.claims as c
    (instance_id, token, connection_epoch, claimed_at, expires_at)
  values (p_instance_id, v_token, v_session.connection_epoch, ghost_repair.now(),
    ghost_repair.now() + v_settings.repair_window + v_settings.claim_grace)
  on conflict (instance_id) do update set
    token = excluded.token, connection_epoch = excluded.connection_epoch,
    claimed_at = excluded.claimed_at, expires_at = excluded.expires_at, finished_at = null,
    outcome = null;
  perform ghost_repair.add_event(p_instance_id, 'connection_closed', '{}');
  return query select true, null::text, v_token, v_session.connection_epoch;
end $$;

-- The claim that the token belongs to, where it is open.
create or replace function ghost_repair.open_claim(p_instance_id uuid, p_token uuid)
returns ghost_repair.claims
language sql stable security definer set search_path = '' as $$
  select c.* from ghost_repair.claims c
  where c.instance_id = p_instance_id and c.token = p_token and c.finished_at is null
$$;

-- Asked last, right before the logout: the probes took seconds, and so may have the message's end.
--
--   go                               log out now
--   probe_again                      reported open since the last look. Auto-reconnect reports what
--                                    the registry says, so only an answered probe ends the repair:
--                                    probe once more, and where nobody answers ask again
--   logout_unsafe_here               no logout on this gateway's version; the ladder's other steps
--                                    stay, and the row is marked
--   late                             no logout any more: it could fall into the next one's window
--   what `withhold_logout` says      no logout; the repair goes on without
--   awaiting_qr | manual_disconnect  taken away meanwhile; the claim is gone
--   repair_in_flight                 somebody else is at work on it; the claim is gone
--   stale | not_found                the claim is not the caller's any more, or there is no number
create or replace function public.confirm_ghost_repair(
  p_instance_id uuid, p_token uuid, p_probes text[] default '{}'
) returns text
language plpgsql security definer set search_path = '' as $$
declare
  v_session ghost_repair.session := ghost_repair.lock_session(p_instance_id);
  v_claim ghost_repair.claims := ghost_repair.open_claim(p_instance_id, p_token);
  v_answer text;
begin
  v_answer := case
    when v_session.instance_id is null then 'not_found'
    when v_claim.instance_id is null then 'stale'
    when v_session.manual_disconnect then 'manual_disconnect'
    when v_session.status = 'awaiting_qr' then 'awaiting_qr'
    when ghost_repair.hold_back(p_instance_id) is not null then 'repair_in_flight'
    when v_claim.claimed_at < ghost_repair.now() - (select s.claim_grace from ghost_repair.settings s)
      then 'late'
    when v_claim.connection_epoch <> v_session.connection_epoch then 'probe_again'
    when ghost_repair.is_logout_unsafe(p_instance_id) then 'logout_unsafe_here'
    else coalesce(ghost_repair.withhold_logout(p_instance_id), 'go')
  end;
  if v_answer = 'probe_again' then
    update ghost_repair.claims c set connection_epoch = v_session.connection_epoch
    where c.instance_id = p_instance_id;
  elsif v_answer = 'logout_unsafe_here' then
    perform ghost_repair.add_event(p_instance_id, v_answer, jsonb_build_object('probes', p_probes));
  elsif v_answer in ('stale', 'manual_disconnect', 'awaiting_qr', 'repair_in_flight') then
    perform ghost_repair.add_repeated_event(p_instance_id, 'repair_skipped',
      jsonb_build_object('reason', v_answer, 'probes', p_probes));
    -- Without a logout nothing holds the claim.
    delete from ghost_repair.claims c
    where c.instance_id = p_instance_id and c.token = p_token and c.finished_at is null;
  end if;
  return v_answer;
end $$;

-- The socket answered a probe: nothing was marked, and the claim is gone. Returns: released | stale
create or replace function public.release_ghost_repair(
  p_instance_id uuid, p_token uuid, p_probes text[] default '{}'
) returns text
language plpgsql security definer set search_path = '' as $$
declare
  v_session ghost_repair.session := ghost_repair.lock_session(p_instance_id);
begin
  delete from ghost_repair.claims c
  where c.instance_id = p_instance_id and c.token = p_token and c.finished_at is null;
  if not found then
    return 'stale';
  end if;
  perform ghost_repair.note_alive(p_instance_id);
  perform ghost_repair.add_event(v_session.instance_id, 'false_alarm',
    jsonb_build_object('probes', p_probes));
  return 'released';
end $$;

-- What a logout came to; the row becomes disconnected. Where the session was reported open since the
-- last look, or waits for a scan, that report is the newer one: the registry, read again, says what
-- it was worth, and the claim stays until it expires, because a logout was made.
--
-- p_outcome  {logout: accepted | socket_dead | … | not_called, ms?, http_status?, probes?}
-- Returns    marked | reconnected | stale | not_found
create or replace function public.record_ghost_logout(
  p_instance_id uuid, p_token uuid, p_outcome jsonb
) returns text
language plpgsql security definer set search_path = '' as $$
declare
  v_session ghost_repair.session := ghost_repair.lock_session(p_instance_id);
  v_claim ghost_repair.claims := ghost_repair.open_claim(p_instance_id, p_token);
begin
  if v_session.instance_id is null then
    return 'not_found';
  end if;
  perform ghost_repair.add_event(p_instance_id, 'logout', p_outcome
    || case when v_claim.instance_id is null then '{"stale": true}'::jsonb else '{}'::jsonb end);
  if v_claim.instance_id is null then
    return 'stale';
  end if;
  if v_claim.connection_epoch <> v_session.connection_epoch
    or v_session.status = 'awaiting_qr' then
    return 'reconnected';
  end if;
  update ghost_repair.claims c set finished_at = ghost_repair.now(), outcome = p_outcome
  where c.instance_id = p_instance_id;
  perform ghost_repair.mark_disconnected(p_instance_id, '{}');
  perform ghost_repair.after_logout(p_instance_id, p_outcome ->> 'logout');
  return 'marked';
end $$;

-- What the registry said when it was read again. It says `close`: the session is gone, whatever was
-- reported meanwhile, and auto-reconnect takes over. It does not: where nobody took the number away
-- the ladder goes on, and its probe tells a session that came back from one that never went.
--
-- p_outcome  {outcome: invalidated | not_invalidated | unverified, registry, ms?, http_status?}
-- Returns    verified | stale | not_found
create or replace function public.record_ghost_verification(
  p_instance_id uuid, p_token uuid, p_outcome jsonb
) returns text
language plpgsql security definer set search_path = '' as $$
declare
  v_session ghost_repair.session := ghost_repair.lock_session(p_instance_id);
  v_outcome text := p_outcome ->> 'outcome';
  v_stale boolean;
begin
  if v_session.instance_id is null then
    return 'not_found';
  end if;
  v_stale := not exists (
    select from ghost_repair.claims c
    where c.instance_id = p_instance_id and c.token = p_token);
  perform ghost_repair.add_event(p_instance_id, 'verified',
    jsonb_build_object('verified', p_outcome)
    || case when v_stale then '{"stale": true}'::jsonb else '{}'::jsonb end);
  if v_stale then
    return 'stale';
  end if;
  if v_outcome = 'invalidated' and v_session.status = 'connected' then
    perform ghost_repair.mark_disconnected(p_instance_id, '{"source": "registry"}');
  end if;
  if v_session.manual_disconnect is not true and v_session.status is distinct from 'awaiting_qr' then
    perform ghost_repair.after_verification(p_instance_id, v_outcome);
  end if;
  return 'verified';
end $$;

revoke all on function public.claim_ghost_repair(uuid),
  public.confirm_ghost_repair(uuid, uuid, text[]),
  public.release_ghost_repair(uuid, uuid, text[]),
  public.record_ghost_logout(uuid, uuid, jsonb),
  public.record_ghost_verification(uuid, uuid, jsonb)
  from public, anon, authenticated;
grant execute on function public.claim_ghost_repair(uuid),
  public.confirm_ghost_repair(uuid, uuid, text[]),
  public.release_ghost_repair(uuid, uuid, text[]),
  public.record_ghost_logout(uuid, uuid, jsonb),
  public.record_ghost_verification(uuid, uuid, jsonb)
  to service_role;
