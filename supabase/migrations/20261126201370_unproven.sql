-- Numbers whose hearing is not proven. A logout makes a number deaf on some versions, until the
-- gateway's process restarts: sends go on and are delivered, and nothing shows it. So one that is
-- connected again after a logout there has its process restarted, and counts as mended only once
-- something came in.
--
--   a logout that was accepted ──▶ unheard_logouts ── a message, a canary ──▶ proven
--        │ connected again
--   repair `unproven`, the row says connected
--        ├── restart_requested ── restarted ──┬── something came in ──▶ healed
--        ├── recreating (where allowed)       └── nothing in 24 hours ─▶ a person is told
--        └── a person is told what to restart ── something came in ───▶ healed

alter table ghost_repair.settings
  -- So long nothing may come in before a person is told.
  add column if not exists unproven_patience interval not null default interval '24 hours',
  -- So long after its process restarted canaries may ask it.
  add column if not exists unproven_settle interval not null default interval '35 seconds';

-- When a number was logged out that has heard nothing since. Delivery reports prove nothing here: they
-- come all the same.
create table if not exists ghost_repair.unheard_logouts (
  instance_id uuid primary key references public.whatsapp_instances (id) on delete cascade,
  logged_out_at timestamptz not null
);
alter table ghost_repair.unheard_logouts enable row level security;

create or replace function ghost_repair.note_unheard_logout(p_instance_id uuid, p_at timestamptz)
returns void
language sql security definer set search_path = '' as $$
  insert into ghost_repair.unheard_logouts as u (instance_id, logged_out_at)
  select i.id, p_at from public.whatsapp_instances i where i.id = p_instance_id
  on conflict (instance_id) do update set
    logged_out_at = greatest(u.logged_out_at, excluded.logged_out_at)
$$;

-- Whoever made it: a person, a repair, the watch, a deletion that failed afterwards.
create or replace function ghost_repair.remember_logout() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform ghost_repair.note_unheard_logout(new.instance_id, new.created_at);
  return null;
end $$;
create or replace trigger instance_events_logout
  after insert on public.instance_events
  for each row when (
    (new.kind in ('logout', 'delete_failed') and new.detail ->> 'logout' = 'accepted')
    or (new.kind = 'repair_step' and new.detail ->> 'step' = 'logout'
      and new.detail -> 'answer' ->> 'outcome' = 'accepted'))
  execute function ghost_repair.remember_logout();

-- The webhooks' place for it.
create or replace function ghost_repair.note_gateway_logout(
  p_instance_id uuid, p_signed_at timestamptz
) returns text
language plpgsql security definer set search_path = '' as $$
begin
  perform ghost_repair.lock_session(p_instance_id);
  perform ghost_repair.webhook_delivered(p_instance_id);
  perform ghost_repair.note_unheard_logout(
    p_instance_id, least(ghost_repair.now(), coalesce(p_signed_at, ghost_repair.now())));
  return 'applied';
end $$;

-- Null: it has heard since, or was not logged out.
create or replace function ghost_repair.unheard_since_logout(p_instance_id uuid)
returns timestamptz
language sql stable security definer set search_path = '' as $$
  select u.logged_out_at from ghost_repair.unheard_logouts u where u.instance_id = p_instance_id
$$;

-- When a number began anew after that: the gateway's process was restarted, or its instance made anew.
-- Null: neither is known.
create or replace function ghost_repair.begun_anew_since(p_instance_id uuid, p_since timestamptz)
returns timestamptz
language sql stable security definer set search_path = '' as $$
  select greatest(
    (select max(q.restarted_at) from ghost_repair.restart_requests q
      where q.api_url = ghost_repair.gateway_of(p_instance_id) and q.restarted_at > p_since),
    (select max(r.closed_at) from public.ghost_repairs r
      where r.instance_id = p_instance_id and r.outcome = 'recreated' and r.closed_at > p_since))
$$;

-- A number of a version where a logout makes deaf, that was logged out and has heard nothing since: if it
-- is connected; it is locked. Returns whether a repair was opened.
create or replace function ghost_repair.open_unproven(p_instance_id uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_settings ghost_repair.settings := (select s from ghost_repair.settings s);
  v_session constant ghost_repair.session := ghost_repair.read_session(p_instance_id);
  v_since constant timestamptz := ghost_repair.unheard_since_logout(p_instance_id);
  v_anew constant timestamptz := ghost_repair.begun_anew_since(p_instance_id, v_since);
  v_repair public.ghost_repairs;
begin
  if v_since is null or not v_settings.enabled or v_session.status <> 'connected'
    or v_session.manual_disconnect or ghost_repair.is_deleted(p_instance_id) then
    return false;
  end if;
  insert into public.ghost_repairs (instance_id, organization_id, hearing, state, step,
    process_restarted_at, evidence, next_step_at)
  values (p_instance_id, v_session.organization_id, 'unproven',
    case when v_anew is null then 'open' else 'restarted' end,
    case when v_anew is not null then 'restarted' end, v_anew,
    jsonb_build_object('reason', 'unproven', 'silent_since', v_since),
    ghost_repair.now() + v_settings.unproven_patience)
  on conflict (instance_id) where closed_at is null do nothing
  returning * into v_repair;
  if v_repair.id is null then
    return false;
  end if;
  perform ghost_repair.add_event(p_instance_id, 'maybe_deaf', jsonb_build_object('since', v_since));
  if v_anew is null then
    perform ghost_repair.end_steps(v_repair, 'deaf_after_logout', '{}');
  end if;
  return true;
end $$;

-- A message that was written after the logout came in: however late, the number hears. Its caller holds
-- the number's row.
create or replace function ghost_repair.prove_hearing() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  delete from ghost_repair.unheard_logouts u
  where u.instance_id = new.whatsapp_instance_id and u.logged_out_at < new.sent_at;
  if found and (ghost_repair.open_hearing_repair(new.whatsapp_instance_id)).hearing = 'unproven' then
    perform ghost_repair.hear_again(new.whatsapp_instance_id, 'message');
  end if;
  return null;
end $$;
create or replace trigger messages_prove_hearing
  after insert on public.messages
  for each row when (not new.is_from_me and new.recovered_at is null
    and new.whatsapp_instance_id is not null)
  execute function ghost_repair.prove_hearing();

-- A canary proves it as well: whoever says that a number hears again.
create or replace function ghost_repair.forget_unheard_logout() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  delete from ghost_repair.unheard_logouts u where u.instance_id = new.instance_id;
  return null;
end $$;
create or replace trigger ghost_repairs_heard
  after update of closed_at on public.ghost_repairs
  for each row when (old.closed_at is null and new.closed_at is not null
    and new.hearing is not null and new.outcome = 'healed')
  execute function ghost_repair.forget_unheard_logout();

-- An unproven number that waits for something to come in; it is locked. After a restart that its own
-- repair did not ask for, also a person's case goes on.
create or replace function ghost_repair.advance_unproven(p_repair public.ghost_repairs) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_settings ghost_repair.settings := (select s from ghost_repair.settings s);
  v_since constant timestamptz := (p_repair.evidence ->> 'silent_since')::timestamptz;
  v_anew timestamptz;
begin
  if p_repair.state <> 'restarted' then
    -- Another version came with another process.
    v_anew := case when ghost_repair.does_logout_deafen(p_repair.instance_id)
      then ghost_repair.begun_anew_since(p_repair.instance_id, v_since) else ghost_repair.now() end;
    if v_anew is not null and p_repair.evidence ->> 'reason' = 'deaf_after_logout' then
      update public.ghost_repairs r set
        state = 'restarted', step = 'restarted', process_restarted_at = v_anew
      where r.id = p_repair.id;
      perform ghost_repair.add_event(p_repair.instance_id, 'process_restarted', '{}');
    end if;
  elsif p_repair.evidence ->> 'reason' <> 'unproven' then
    update public.ghost_repairs r set
      evidence = r.evidence || '{"reason": "unproven"}',
      next_step_at = r.process_restarted_at + v_settings.unproven_patience
    where r.id = p_repair.id;
  elsif p_repair.next_step_at <= ghost_repair.now() then
    update public.ghost_repairs r set state = 'needs_operator', step = 'needs_operator'
    where r.id = p_repair.id;
    perform ghost_repair.add_event(
      p_repair.instance_id, 'needs_operator', '{"reason": "unproven"}');
  elsif not p_repair.evidence ? 'asked'
    and p_repair.process_restarted_at < ghost_repair.now() - v_settings.unproven_settle then
    update public.ghost_repairs r set evidence = r.evidence || '{"asked": true}'
    where r.id = p_repair.id;
    perform ghost_repair.begin_trial(p_repair.instance_id, 'silence', v_since);
  end if;
end $$;

-- Those that are connected and have no repair yet (a ghost's may have taken its place), and those that
-- wait. Numbers that somebody has locked have their turn at the next sweep. Returns how many were opened.
create or replace function ghost_repair.tend_unproven() returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid;
  v_repair public.ghost_repairs;
  v_batch constant int := (select s.sweep_batch from ghost_repair.settings s);
  v_opened bigint := 0;
begin
  for v_id in
    select u.instance_id from ghost_repair.unheard_logouts u
    join public.whatsapp_instances i on i.id = u.instance_id and i.status = 'connected'
    where ghost_repair.does_logout_deafen(u.instance_id) and not exists (
      select from public.ghost_repairs r where r.closed_at is null and r.instance_id = u.instance_id)
    order by u.logged_out_at limit v_batch
  loop
    if (ghost_repair.lock_session(v_id, true)).instance_id is not null
      and ghost_repair.open_unproven(v_id) then
      v_opened := v_opened + 1;
    end if;
  end loop;
  for v_id in
    select r.instance_id from public.ghost_repairs r
    where r.closed_at is null and r.hearing = 'unproven' limit v_batch
  loop
    continue when (ghost_repair.lock_session(v_id, true)).instance_id is null;
    select r.* into v_repair from public.ghost_repairs r
    where r.instance_id = v_id and r.closed_at is null and r.hearing = 'unproven'
    for no key update;
    if found then
      perform ghost_repair.advance_unproven(v_repair);
    end if;
  end loop;
  return v_opened;
end $$;
