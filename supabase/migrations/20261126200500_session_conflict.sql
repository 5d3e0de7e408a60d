-- A session conflict: two sockets of one device throw each other out (440), about once a second and
-- for ever: after a connect inside a live reconnect loop, or where two gateways hold the same session.
-- Here it is counted; what follows from it is the ladder's.

alter table ghost_repair.settings
  -- One that overlaps with its successor is thrown out once or twice, not so many times in a row.
  add column if not exists conflict_closes int not null default 6,
  -- None of them more than this after the last; and so long without one, the conflict is over.
  add column if not exists conflict_silence interval not null default interval '1 minute';

-- How many closes with reason 440 have come in a row. One row each instance, updated in place.
create table if not exists ghost_repair.session_conflicts (
  instance_id uuid primary key references public.whatsapp_instances (id) on delete cascade,
  closes int not null default 0,
  last_at timestamptz not null default ghost_repair.now()
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
    where c.instance_id = p_instance_id and c.closes >= s.conflict_closes
      and c.last_at > ghost_repair.now() - coalesce(p_within, s.conflict_silence))
$$;

-- Counts a close with reason 440. Returns whether it makes, or keeps up, a conflict.
create or replace function ghost_repair.count_session_conflict(p_instance_id uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_silence interval := (select s.conflict_silence from ghost_repair.settings s);
begin
  insert into ghost_repair.session_conflicts as c (instance_id, closes)
  values (p_instance_id, 1)
  on conflict (instance_id) do update set
    closes = case when c.last_at > ghost_repair.now() - v_silence then c.closes + 1 else 1 end,
    last_at = greatest(c.last_at, ghost_repair.now());
  return ghost_repair.is_session_conflict(p_instance_id);
end $$;
