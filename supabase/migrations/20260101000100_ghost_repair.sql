-- The patch: who may log a dead session out, how often, and what is written down about it.
--
-- It stands on `public.whatsapp_instances (id uuid, status text)` alone and adds what it needs, so
-- that a project with a table of its own takes this file and `connection-closed.ts`, nothing else.
-- It may be applied any number of times.
--
--   send fails: Connection Closed
--        │
--   claim_ghost_repair ── refused ──▶ event repair_skipped; the message fails, nothing else
--        │ claimed (token, epoch)
--   probe ── alive ──▶ finish_ghost_repair {"result":"false_alarm"}: the claim is released
--        │ dead
--   logout at the gateway
--        │
--   finish_ghost_repair {"logout":…} ──▶ disconnected, unless the session came back meanwhile
--        │
--   registry read again
--        │
--   finish_ghost_repair {"verified":…} ──▶ event verified; where it does not say close, the ladder

-- Where a project has a schema of this name, what it granted on it stays: below, each thing of ours
-- is closed by itself.
create schema if not exists private;

alter table public.whatsapp_instances
  add column if not exists disconnected_since timestamptz,
  -- The rate limit reads this column. It is written where a session ends or is about to: by
  -- `mark_disconnected`, right before the ladder's logout, by a `close` webhook, and where a person
  -- disconnects or deletes; always with now(), and nothing clears it. `updated_at`, `status` and
  -- `disconnected_since` are rewritten by webhooks and triggers every second.
  add column if not exists last_disconnected_at timestamptz,
  add column if not exists manual_disconnect boolean not null default false,
  -- Raised by every report that the session is open; a claim from before changes nothing after.
  add column if not exists connection_epoch bigint not null default 0;

create or replace function private.raise_connection_epoch() returns trigger
language plpgsql set search_path = '' as $$
begin
  -- A whole row that is written back from an older read must not lower it.
  new.connection_epoch := greatest(new.connection_epoch,
    old.connection_epoch + case when new.status = 'connected' then 1 else 0 end);
  return new;
end $$;
revoke all on function private.raise_connection_epoch() from public, anon, authenticated;

-- `update of status` fires whenever a statement names the column, also where the row already said
-- connected: a session that came back during a logout is seen, whoever wrote the report.
create or replace trigger whatsapp_instances_epoch
  before update of status, connection_epoch on public.whatsapp_instances
  for each row execute function private.raise_connection_epoch();

-- One row.
create table if not exists private.ghost_repair_settings (
  only_row boolean primary key default true check (only_row),
  -- Off: Connection Closed marks the row disconnected and calls nothing, as before the repair.
  enabled boolean not null default true,
  -- At most one logout per instance in this time.
  repair_window interval not null default interval '2 minutes'
    check (repair_window >= interval '1 second'),
  -- A claimer logs out within this time or not at all; a claim left by a crash is kept by as much
  -- longer than the window, so that two logouts never come closer than the window.
  claim_grace interval not null default interval '30 seconds',
  -- When the socket is probed after Connection Closed, in ms. Empty: no confirmation.
  confirm_at_ms int[] not null default '{1000,4000,9000}'
);
insert into private.ghost_repair_settings (only_row) values (true) on conflict do nothing;

create table if not exists private.ghost_repair_claims (
  instance_id uuid primary key references public.whatsapp_instances (id) on delete cascade,
  token uuid not null,
  connection_epoch bigint not null,
  claimed_at timestamptz not null default now(),
  expires_at timestamptz not null,
  finished_at timestamptz,
  -- What the logout came to, for the ladder.
  outcome jsonb
);
create index if not exists ghost_repair_claims_unfinished
  on private.ghost_repair_claims (expires_at) where finished_at is null;

-- What happened to a number, in order. Details are redacted: no key, number, QR or text.
create table if not exists public.instance_events (
  id bigint generated always as identity primary key,
  instance_id uuid not null references public.whatsapp_instances (id) on delete cascade,
  organization_id uuid,
  kind text not null,
  detail jsonb not null default '{}',
  created_at timestamptz not null default now()
);
create index if not exists instance_events_instance on public.instance_events (instance_id, id desc);
create index if not exists instance_events_age on public.instance_events (created_at);

alter table private.ghost_repair_settings enable row level security;
alter table private.ghost_repair_claims enable row level security;
alter table public.instance_events enable row level security;
revoke all on private.ghost_repair_settings, private.ghost_repair_claims
  from public, anon, authenticated;
revoke all on public.instance_events from anon, authenticated;
revoke all on sequence public.instance_events_id_seq from anon, authenticated;
-- A signed-in user sees no event until a policy says whose are whose.
grant select on public.instance_events to authenticated, service_role;

-- The tenant column has another name or type in other projects: read it where it fits.
create or replace function private.add_event(p_instance_id uuid, p_kind text, p_detail jsonb)
returns void
language sql security definer set search_path = '' as $$
  insert into public.instance_events (instance_id, organization_id, kind, detail)
  select i.id, substring(to_jsonb(i) ->> 'organization_id'
    from '^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$')::uuid, p_kind, coalesce(p_detail, '{}')
  from public.whatsapp_instances i where i.id = p_instance_id
$$;
revoke all on function private.add_event(uuid, text, jsonb) from public, anon, authenticated;

-- The only place that writes `disconnected` for a dead session.
create or replace function private.mark_disconnected(p_instance_id uuid, p_detail jsonb)
returns void
language plpgsql security definer set search_path = '' as $$
begin
  update public.whatsapp_instances set
    status = 'disconnected',
    disconnected_since = case when status = 'disconnected'
      then coalesce(disconnected_since, now()) else now() end,
    last_disconnected_at = now()
  where id = p_instance_id;
  perform private.add_event(p_instance_id, 'marked_disconnected', p_detail);
end $$;
revoke all on function private.mark_disconnected(uuid, jsonb) from public, anon, authenticated;

-- May this caller repair this instance now? One row lock decides among any number of callers, on
-- the database's clock. The one that gets `claimed` owns the repair until it calls
-- `finish_ghost_repair` with the token; a claimer that dies loses it with the window.
create or replace function public.claim_ghost_repair(p_instance_id uuid)
returns table (claimed boolean, reason text, token uuid, connection_epoch bigint)
language plpgsql security definer set search_path = '' as $$
declare
  v_instance public.whatsapp_instances;
  v_settings private.ghost_repair_settings;
  v_repairing boolean := false;
  v_reason text;
  v_token uuid;
begin
  select i.* into v_instance from public.whatsapp_instances i
  where i.id = p_instance_id for update;
  if not found then
    return query select false, 'not_found'::text, null::uuid, null::bigint;
    return;
  end if;
  select s.* into strict v_settings from private.ghost_repair_settings s;

  -- The ladder (`_ghost_ladder`) need not be installed.
  if to_regprocedure('private.is_repair_advancing(uuid)') is not null then
    v_repairing := private.is_repair_advancing(p_instance_id);
  end if;

  v_reason := case
    when v_instance.manual_disconnect then 'manual_disconnect'
    when v_instance.status = 'awaiting_qr' then 'awaiting_qr'
    when not v_settings.enabled then 'disabled'
    when v_repairing then 'repair_in_flight'
    when v_instance.last_disconnected_at > now() - v_settings.repair_window
      then 'recently_disconnected'
    when exists (
      select from private.ghost_repair_claims c
      where c.instance_id = p_instance_id and c.finished_at is null and c.expires_at > now()
    ) then 'repair_in_flight'
  end;

  if v_reason is not null then
    perform private.add_event(p_instance_id, 'repair_skipped', jsonb_build_object('reason', v_reason));
    if v_reason = 'disabled' then
      perform private.mark_disconnected(p_instance_id, '{"repair": "disabled"}');
    end if;
    return query select false, v_reason, null::uuid, v_instance.connection_epoch;
    return;
  end if;

  v_token := gen_random_uuid();
  insert into private.ghost_repair_claims as c
    (instance_id, token, connection_epoch, claimed_at, expires_at, finished_at)
  values (p_instance_id, v_token, v_instance.connection_epoch, now(),
    now() + v_settings.repair_window + v_settings.claim_grace, null)
  on conflict (instance_id) do update set
    token = excluded.token, connection_epoch = excluded.connection_epoch,
    claimed_at = excluded.claimed_at, expires_at = excluded.expires_at, finished_at = null,
    outcome = null;
  perform private.add_event(p_instance_id, 'connection_closed', '{}');
  return query select true, null::text, v_token, v_instance.connection_epoch;
end $$;

-- The probes take seconds: what has come back since the claim, is being paired or was disconnected
-- by hand is not logged out, and without a logout nothing holds the claim. Both rows are locked.
create or replace function private.confirm_ghost_repair(
  p_instance public.whatsapp_instances, p_claim private.ghost_repair_claims, p_outcome jsonb
) returns text
language plpgsql security definer set search_path = '' as $$
declare
  v_why text := case
    when p_claim.finished_at is not null then 'stale'
    when p_instance.manual_disconnect then 'manual_disconnect'
    when p_instance.status = 'awaiting_qr' then 'awaiting_qr'
    when p_instance.connection_epoch <> p_claim.connection_epoch then 'reconnected'
  end;
begin
  if v_why is null then
    return 'go';
  end if;
  perform private.add_event(p_instance.id,
    case v_why when 'reconnected' then 'false_alarm' else 'repair_skipped' end,
    p_outcome || jsonb_build_object('reason', v_why));
  if v_why <> 'stale' then
    delete from private.ghost_repair_claims c where c.instance_id = p_instance.id;
  end if;
  return v_why;
end $$;
revoke all on function private.confirm_ghost_repair(
  public.whatsapp_instances, private.ghost_repair_claims, jsonb) from public, anon, authenticated;

-- What came of a claimed repair. `p_outcome`:
--   {"result": "false_alarm", …}  the socket lives: the claim is released, nothing is marked
--   {"result": "dead", …}         asked right before the logout: `go`, or why not, and the claim is
--                                 released: reconnected | awaiting_qr | manual_disconnect
--   {"verified": {…}}             the registry was read again: only the event
--   anything else                 the logout's outcome: the row becomes disconnected
-- With a stale token, or where the session was reported open since the claim, only the event is
-- written. Returns: marked | released | go | verified | stale | reconnected | awaiting_qr |
-- manual_disconnect | not_found
create or replace function public.finish_ghost_repair(
  p_instance_id uuid, p_token uuid, p_outcome jsonb
) returns text
language plpgsql security definer set search_path = '' as $$
declare
  v_instance public.whatsapp_instances;
  v_claim private.ghost_repair_claims;
  v_outcome jsonb := coalesce(p_outcome, '{}');
  v_kind text;
  v_stale boolean;
  -- The ladder (`_ghost_ladder`) need not be installed.
  v_ladder constant boolean :=
    to_regprocedure('private.open_ghost_repair(uuid,jsonb,timestamptz,interval)') is not null;
begin
  select i.* into v_instance from public.whatsapp_instances i
  where i.id = p_instance_id for update;
  if not found then
    return 'not_found';
  end if;
  select c.* into v_claim from private.ghost_repair_claims c
  where c.instance_id = p_instance_id and c.token = p_token;
  v_stale := not found;
  if v_outcome ->> 'result' = 'dead' and not v_stale then
    return private.confirm_ghost_repair(v_instance, v_claim, v_outcome);
  end if;
  v_kind := case
    when v_outcome ->> 'result' = 'false_alarm' then 'false_alarm'
    when v_outcome ->> 'result' = 'dead' then 'repair_skipped'
    when v_outcome ? 'verified' then 'verified'
    else 'logout'
  end;
  perform private.add_event(p_instance_id, v_kind,
    v_outcome || case when v_stale then '{"stale": true}'::jsonb else '{}'::jsonb end);

  if v_stale then
    return 'stale';
  elsif v_kind = 'verified' then
    -- Marked, and not reported open since. Where the registry does not say close, logout did not
    -- reach the session and the ladder goes on; where it does, auto-reconnect takes over.
    if v_claim.finished_at is not null and v_instance.status = 'disconnected'
      and v_claim.connection_epoch = v_instance.connection_epoch and v_ladder then
      if v_outcome -> 'verified' ->> 'outcome' = 'invalidated' then
        perform private.close_ghost_repair(p_instance_id, 'invalidated');
      else
        perform private.open_ghost_repair(p_instance_id, '{}');
      end if;
    end if;
    return 'verified';
  elsif v_claim.finished_at is not null then
    return 'stale';
  elsif v_kind = 'false_alarm' then
    delete from private.ghost_repair_claims c where c.instance_id = p_instance_id;
    return 'released';
  end if;

  -- Reported open since the claim, or already waiting for a QR: that report is the newer truth.
  -- The claim stays until it expires, because a logout was made.
  if v_instance.connection_epoch <> v_claim.connection_epoch
    or v_instance.status = 'awaiting_qr' then
    return 'reconnected';
  end if;
  update private.ghost_repair_claims c set finished_at = now(), outcome = v_outcome
  where c.instance_id = p_instance_id;
  perform private.mark_disconnected(p_instance_id, '{}');
  -- From this moment on the number is the ladder's: a tick of auto-reconnect before the registry was
  -- read again would believe it, and a caller that dies here leaves nothing behind.
  if v_ladder then
    perform private.open_ghost_repair(p_instance_id,
      jsonb_build_object('logout', v_outcome ->> 'logout'),
      case when v_outcome ->> 'logout' is distinct from 'not_called' then now() end,
      interval '30 seconds');
  end if;
  return 'marked';
end $$;

-- Keeps the timeline for 30 days. Returns how many events went.
create or replace function public.prune_instance_events() returns bigint
language sql security definer set search_path = '' as $$
  with gone as (
    delete from public.instance_events where created_at < now() - interval '30 days' returning 1
  )
  select count(*) from gone
$$;

revoke all on function public.claim_ghost_repair(uuid) from public, anon, authenticated;
revoke all on function public.finish_ghost_repair(uuid, uuid, jsonb)
  from public, anon, authenticated;
revoke all on function public.prune_instance_events() from public, anon, authenticated;
grant execute on function public.claim_ghost_repair(uuid) to service_role;
grant execute on function public.finish_ghost_repair(uuid, uuid, jsonb) to service_role;
