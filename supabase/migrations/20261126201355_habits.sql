-- Habits: when people write to a number. Counted by the hour of the week as messages are stored, so that
-- nobody has to read them again, and looked up only when the number has been silent for as long as its
-- own habit allows.
--
--   message ── count_received ──▶ habit_hours ── habit_breaks_at ── check_habit ── not yet ─▶ looked at then
--                                                                       └── silent for longer ─▶ asked about
--
-- Silence alone repairs nothing: it asks for a canary (`canaries`).

alter table ghost_repair.settings
  -- Nobody has a habit before so long.
  add column if not exists habit_days interval not null default interval '14 days',
  -- What comes within so long is one spell of writing: a conversation is no habit of forty messages.
  add column if not exists habit_spell interval not null default interval '5 minutes',
  -- How much a week counts beside the one after it.
  add column if not exists habit_fade float8 not null default 0.75
    check (habit_fade > 0 and habit_fade < 1),
  -- So many spells are expected in a silence that breaks a habit: by chance one in three thousand has it.
  add column if not exists habit_expected float8 not null default 8 check (habit_expected > 0),
  -- After each canary that was heard the silence may be twice as long, up to so many times.
  add column if not exists habit_stretch_most int not null default 8,
  -- Whoever has no habit, or cannot be asked, is looked at again after so long.
  add column if not exists habit_look interval not null default interval '6 hours',
  add column if not exists habit_retry interval not null default interval '10 minutes';

-- An organization that wants to know whether its numbers hear; none does unless it says so: its owners
-- and admins by `update_settings`, or one statement:
--   insert into ghost_repair.canary_policies (organization_id) values ('<organization>')
--   on conflict (organization_id) do update set enabled = true;
create table if not exists ghost_repair.canary_policies (
  organization_id uuid primary key references public.organizations (id) on delete cascade,
  enabled boolean not null default true
);
alter table ghost_repair.canary_policies enable row level security;

create or replace function ghost_repair.wants_canaries(p_organization_id uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select from ghost_repair.canary_policies p
    where p.organization_id = p_organization_id and p.enabled)
$$;

alter table ghost_repair.hearing
  add column if not exists habit_check_at timestamptz not null default ghost_repair.now(),
  -- A canary was heard; and how much longer a silence may be since, until somebody writes.
  add column if not exists canary_heard_at timestamptz,
  add column if not exists habit_stretch int not null default 1 check (habit_stretch > 0),
  -- When its session was reported open last: what was silent before says nothing.
  add column if not exists opened_at timestamptz;
create index if not exists hearing_habit on ghost_repair.hearing (habit_check_at);

-- Spells in which somebody wrote, by the hour of the week (UTC): of this week, and of those before it,
-- each fading beside the next.
create table if not exists ghost_repair.habit_hours (
  instance_id uuid not null references public.whatsapp_instances (id) on delete cascade,
  slot smallint not null check (slot between 0 and 167),
  -- Since 1970.
  week int not null,
  spells int not null,
  faded float8 not null default 0,
  counted_at timestamptz not null,
  primary key (instance_id, slot)
) with (fillfactor = 50);
alter table ghost_repair.habit_hours enable row level security;

create or replace function ghost_repair.count_received() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_hour constant bigint := floor(extract(epoch from new.created_at) / 3600);
begin
  -- One of a conversation, as most are: nothing is locked or written.
  if exists (
    select from ghost_repair.habit_hours h
    where h.instance_id = new.whatsapp_instance_id and h.slot = v_hour % 168
      and h.counted_at > new.created_at - (select s.habit_spell from ghost_repair.settings s)) then
    return null;
  end if;
  insert into ghost_repair.habit_hours as h (instance_id, slot, week, spells, counted_at)
  values (new.whatsapp_instance_id, v_hour % 168, v_hour / 168, 1, new.created_at)
  on conflict (instance_id, slot) do update set
    faded = case when excluded.week = h.week then h.faded else (h.faded + h.spells)
      * power((select s.habit_fade from ghost_repair.settings s), excluded.week - h.week) end,
    spells = case when excluded.week = h.week then h.spells + 1 else 1 end,
    week = excluded.week, counted_at = excluded.counted_at;
  return null;
end $$;
create or replace trigger messages_habit
  after insert on public.messages
  for each row when (not new.is_from_me and new.whatsapp_instance_id is not null)
  execute function ghost_repair.count_received();

-- Another phone is another habit.
create or replace function ghost_repair.forget_habit() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  delete from ghost_repair.habit_hours h where h.instance_id = old.instance_id;
  return null;
end $$;
create or replace trigger hearing_habit_forgotten
  after delete on ghost_repair.hearing
  for each row execute function ghost_repair.forget_habit();

create or replace function ghost_repair.note_session_opened() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  update ghost_repair.hearing h set opened_at = ghost_repair.now() where h.instance_id = new.id;
  return null;
end $$;
create or replace trigger whatsapp_instances_session_opened
  after update of status, connection_epoch on public.whatsapp_instances
  for each row when (new.connection_epoch > old.connection_epoch)
  execute function ghost_repair.note_session_opened();

-- Switched on: its numbers are looked at now.
create or replace function ghost_repair.hasten_habits() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  update ghost_repair.hearing h set habit_check_at = ghost_repair.now()
  from public.whatsapp_instances i
  where i.organization_id = new.organization_id and h.instance_id = i.id and new.enabled;
  return null;
end $$;
create or replace trigger canary_policies_changed
  after insert or update on ghost_repair.canary_policies
  for each row execute function ghost_repair.hasten_habits();

-- When a silence from then on breaks a number's habit: `p_expected` spells would have come by then.
-- Null: within a week it does not.
create or replace function ghost_repair.habit_breaks_at(
  p_instance_id uuid, p_from timestamptz, p_expected float8
) returns timestamptz
language sql stable security definer set search_path = '' as $$
  with hours as (
    select (floor(extract(epoch from p_from) / 3600) + n)::bigint as hour
    from generate_series(0, 168) n
  ), rated as (
    select o.hour, greatest(o.hour * 3600, extract(epoch from p_from)) as begins,
      -- The hour as it was in weeks before, by how often it was there to be heard.
      case when t.times > 0 then coalesce(case when o.hour / 168 = k.week then k.faded
          else (k.faded + k.spells) * power(s.habit_fade, o.hour / 168 - k.week) end, 0)
        * (1 - s.habit_fade) / (s.habit_fade * (1 - power(s.habit_fade, t.times)))
      else 0 end as rate
    from hours o
    cross join ghost_repair.settings s
    join ghost_repair.hearing h on h.instance_id = p_instance_id
    cross join lateral (
      select floor((o.hour * 3600 - extract(epoch from h.heard_since)) / 604800) as times) t
    left join ghost_repair.habit_hours k
      on k.instance_id = p_instance_id and k.slot = o.hour % 168
  ), summed as (
    select r.*, sum(r.rate * ((r.hour + 1) * 3600 - r.begins) / 3600) over (order by r.hour) as expected
    from rated r
  )
  select to_timestamp((w.hour + 1) * 3600 - (w.expected - p_expected) / w.rate * 3600)
  from summed w where w.expected >= p_expected and w.rate > 0 order by w.hour limit 1
$$;

-- Where canaries join in. Not `or replace`: applied again, this file leaves a part that is installed in
-- its place.
do $hook$ begin
  create function ghost_repair.begin_trial(
    p_instance_id uuid, p_reason text, p_silent_since timestamptz
  ) returns boolean
  language sql security definer set search_path = '' as $$ select false $$;
exception when duplicate_function then null;
end $hook$;

-- A number's habit is looked at; the number is locked. Returns whether its silence breaks it, and it is
-- asked about.
create or replace function ghost_repair.check_habit(p_instance_id uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_settings ghost_repair.settings := (select s from ghost_repair.settings s);
  v_now constant timestamptz := ghost_repair.now();
  v_instance public.whatsapp_instances;
  v_hearing ghost_repair.hearing;
  v_from timestamptz;
  v_stretch int;
  v_breaks_at timestamptz;
  v_next timestamptz := v_now + v_settings.habit_look;
  v_asked boolean := false;
  v_may_ask boolean;
begin
  select i.* into v_instance from public.whatsapp_instances i where i.id = p_instance_id;
  select h.* into v_hearing from ghost_repair.hearing h where h.instance_id = p_instance_id;
  if v_hearing.instance_id is null then
    return false;
  elsif ghost_repair.wants_canaries(v_instance.organization_id) then
    -- One that is not connected, or whose session is doubted, has other troubles.
    v_may_ask := v_instance.status = 'connected' and v_instance.deleted_at is null
      and not v_instance.manual_disconnect and not ghost_repair.has_open_repair(p_instance_id);
    v_from := greatest(v_instance.last_received_at, v_hearing.canary_heard_at, v_hearing.opened_at,
      v_hearing.heard_since);
    v_stretch := case when v_instance.last_received_at > v_hearing.canary_heard_at then 1
      else v_hearing.habit_stretch end;
    v_breaks_at := ghost_repair.habit_breaks_at(
      p_instance_id, v_from, v_settings.habit_expected * v_stretch);
    if v_hearing.heard_since > v_now - v_settings.habit_days then
      v_next := v_hearing.heard_since + v_settings.habit_days;
    elsif v_breaks_at > v_now then
      v_next := least(v_next, v_breaks_at);
      perform ghost_repair.begin_trial(p_instance_id, 'baseline', v_now) where v_may_ask;
    elsif v_breaks_at is not null then
      v_next := v_now + v_settings.habit_retry;
      v_asked := v_may_ask and ghost_repair.begin_trial(p_instance_id, 'silence', v_from);
    end if;
  end if;
  update ghost_repair.hearing h set habit_check_at = v_next,
    habit_stretch = coalesce(v_stretch, h.habit_stretch)
  where h.instance_id = p_instance_id;
  return v_asked;
end $$;

-- Those whose time has come. Numbers that somebody has locked have their turn at the next sweep. Returns
-- how many are asked about.
create or replace function ghost_repair.tend_habits() returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid;
  v_asked bigint := 0;
begin
  if not exists (select from ghost_repair.canary_policies p where p.enabled) then
    return 0;
  end if;
  for v_id in
    select h.instance_id from ghost_repair.hearing h
    where h.habit_check_at <= ghost_repair.now() order by h.habit_check_at
    limit (select s.recover_batch from ghost_repair.settings s)
  loop
    if (ghost_repair.lock_session(v_id, true)).instance_id is not null
      and ghost_repair.check_habit(v_id) then
      v_asked := v_asked + 1;
    end if;
  end loop;
  return v_asked;
end $$;

-- What an organization has chosen, as its members see it.
create or replace function ghost_repair.settings_view(p_organization_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('settings', jsonb_build_object(
    'canaries', ghost_repair.wants_canaries(p_organization_id)))
$$;

create or replace function public.organization_settings(p_user_id uuid, p_organization_id uuid)
returns jsonb
language sql stable security definer set search_path = '' as $$
  select case when ghost_repair.refuse_managing(p_user_id, p_organization_id)
      = 'organization_not_found' then '{"result": "organization_not_found"}'
    else ghost_repair.settings_view(p_organization_id) end
$$;

-- Chooses: for those who manage it. Whoever chooses what is chosen already changes nothing.
create or replace function public.update_organization_settings(
  p_user_id uuid, p_organization_id uuid, p_canaries boolean
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_refusal constant text := ghost_repair.refuse_managing(p_user_id, p_organization_id);
begin
  if v_refusal is not null then
    return jsonb_build_object('result', v_refusal);
  end if;
  insert into ghost_repair.canary_policies as p (organization_id, enabled)
  values (p_organization_id, p_canaries)
  on conflict (organization_id) do update set enabled = excluded.enabled
    where p.enabled <> excluded.enabled;
  return ghost_repair.settings_view(p_organization_id);
end $$;

revoke all on function public.organization_settings(uuid, uuid),
  public.update_organization_settings(uuid, uuid, boolean)
  from public, anon, authenticated;
grant execute on function public.organization_settings(uuid, uuid),
  public.update_organization_settings(uuid, uuid, boolean)
  to service_role;
