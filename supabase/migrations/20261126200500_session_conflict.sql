-- A session conflict: two sockets of one device throw each other out and come back, for ever: after a
-- connect inside a live reconnect loop, or where two gateways hold the same session. Gateways report
-- hardly any of the closes (440); what tells is how often the session is reported open: a fight 182
-- times in its first minute and never fewer than 14 times in a later one, a reconnection or a restart
-- once, a container that crashes in a loop five or six times.
-- Here it is counted; what follows from it is the ladder's.

alter table ghost_repair.settings
  -- So many reports within this time of each other are a fight. And so long without one, it is over.
  add column if not exists conflict_reports int not null default 8 check (conflict_reports > 1),
  add column if not exists conflict_silence interval not null default interval '1 minute';

-- When the newest reports came, oldest first, and since when they are a fight. One row each instance,
-- updated in place.
create table if not exists ghost_repair.session_conflicts (
  instance_id uuid primary key references public.whatsapp_instances (id) on delete cascade,
  reports timestamptz[] not null,
  fighting_since timestamptz
) with (fillfactor = 50);
alter table ghost_repair.session_conflicts enable row level security;

-- Whether two sockets fight, or did in the time given. Asked by a row's key, however many numbers
-- fight at once.
create or replace function ghost_repair.is_session_conflict(
  p_instance_id uuid, p_within interval default null
) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select from ghost_repair.session_conflicts c, ghost_repair.settings s
    where c.instance_id = p_instance_id and c.fighting_since is not null
      and c.reports[cardinality(c.reports)]
        > ghost_repair.now() - coalesce(p_within, s.conflict_silence))
$$;

-- Counts a report that two sockets would cause too: open, or closed by another socket (440). Returns
-- whether it makes, or keeps up, a conflict.
create or replace function ghost_repair.count_session_report(p_instance_id uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_settings ghost_repair.settings;
  v_since timestamptz;
  v_counted ghost_repair.session_conflicts;
begin
  select s.* into strict v_settings from ghost_repair.settings s;
  v_since := ghost_repair.now() - v_settings.conflict_silence;
  insert into ghost_repair.session_conflicts as c (instance_id, reports)
  values (p_instance_id, array[ghost_repair.now()])
  on conflict (instance_id) do update set
    reports = (c.reports || ghost_repair.now())
      [greatest(1, cardinality(c.reports) + 2 - v_settings.conflict_reports):],
    -- What comes after the silence is no part of the old fight.
    fighting_since = case when c.reports[cardinality(c.reports)] > v_since
      then c.fighting_since end
  returning c.* into v_counted;
  if v_counted.fighting_since is null
    and cardinality(v_counted.reports) >= v_settings.conflict_reports
    and v_counted.reports[1] > v_since then
    update ghost_repair.session_conflicts set fighting_since = ghost_repair.now()
    where instance_id = p_instance_id;
  end if;
  return ghost_repair.is_session_conflict(p_instance_id);
end $$;
