-- A pause: nothing that is due is sent, repaired or called until a person ends it. By hand with one
-- statement; and by itself where the database was restored, because its rows are then older than what
-- happened since: a message that waits in them may have left, a repair may be over.
--
--   select ghost_repair.pause();          select ghost_repair.end_pause();
--
-- A restored database is told by its place (the cluster's identifier and timeline, and the number that a
-- table was given when it was made: at least one of them is another one after any kind of restore) and
-- by its clockwork, which was last seen longer ago than a failover takes.

alter table ghost_repair.settings
  -- Null: not paused. `paused_for`: by_hand | restored.
  add column if not exists paused_at timestamptz,
  add column if not exists paused_for text check (paused_for in ('by_hand', 'restored')),
  -- A standby that takes over has everything, and another timeline: within so long of the last beat it
  -- is no restore. Longer than a failover takes, shorter than any restore.
  add column if not exists failover_time interval not null default interval '2 minutes';

-- Where the rows were written, and when the clockwork was seen there last. One row.
create table if not exists ghost_repair.places (
  only_row boolean primary key default true check (only_row),
  place text not null,
  -- The place where it was noticed that they had been restored.
  noticed_place text,
  seen_at timestamptz not null default ghost_repair.now()
);
alter table ghost_repair.places enable row level security;

-- When each job of the scheduler was at work last.
create table if not exists ghost_repair.beats (
  job text primary key,
  at timestamptz not null default ghost_repair.now()
) with (fillfactor = 50);
alter table ghost_repair.beats enable row level security;

-- A physical copy that was opened for writing has another timeline, an upgraded or newly made cluster
-- another identifier, and rows that were loaded from a dump tables with other numbers.
create or replace function ghost_repair.current_place() returns text
language plpgsql stable security definer set search_path = '' as $$
declare
  v_table constant oid := 'ghost_repair.places'::regclass::oid;
begin
  return (
    select s.system_identifier || '/' || c.timeline_id || '/' || v_table
    from pg_catalog.pg_control_system() s, pg_catalog.pg_control_checkpoint() c);
exception when insufficient_privilege then
  return '//' || v_table;
end $$;

insert into ghost_repair.places (place) select ghost_repair.current_place() on conflict do nothing;

-- Whether these rows came from somewhere else, later than they were written.
create or replace function ghost_repair.is_restored() returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  -- The place is asked last: it is read from a file of the server's.
  return coalesce((
    select case when p.seen_at < ghost_repair.now() - s.failover_time
      then p.place <> ghost_repair.current_place() end
    from ghost_repair.places p, ghost_repair.settings s), false);
end $$;

-- The patch's place for it, and that of everything that is due.
create or replace function ghost_repair.is_paused() returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return (select s.paused_at is not null from ghost_repair.settings s)
    or ghost_repair.is_restored();
end $$;

-- Whoever is at work loses the lease: what it finds out is not written.
create or replace function ghost_repair.pause(p_reason text default 'by_hand') returns void
language sql security definer set search_path = '' as $$
  update ghost_repair.settings s set
    paused_at = coalesce(s.paused_at, ghost_repair.now()),
    paused_for = case when p_reason = 'restored' then p_reason
      else coalesce(s.paused_for, p_reason) end;
  update ghost_repair.leases l set expires_at = ghost_repair.now()
  where l.kind <> 'reconnect' and l.expires_at > ghost_repair.now()
$$;

-- Of a restored database: what was on its way when the rows were written may have arrived since, so it
-- is not sent again by itself: a person may. Returns how many messages.
create or replace function ghost_repair.end_what_waited() returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  v_ended bigint;
begin
  update ghost_repair.alert_messages m set state = 'unknown', last_outcome = 'restored'
  where m.state in ('due', 'sending');
  delete from ghost_repair.alerts a where a.message_id is null;
  update public.messages m set
    status = 'failed', failed_at = ghost_repair.now(), error_code = 'interrupted',
    error_message = null, may_have_left = true
  from ghost_repair.places p, ghost_repair.settings s
  where m.status in ('sending', 'held') and m.created_at <= p.seen_at + s.failover_time;
  get diagnostics v_ended = row_count;
  return v_ended;
end $$;

-- The sweep's part: where the database was restored the pause begins, once.
-- Returns how many messages were ended.
create or replace function ghost_repair.notice_restore() returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  v_ended bigint := 0;
begin
  if ghost_repair.is_restored() and exists (
    select from ghost_repair.places p
    where p.noticed_place is distinct from ghost_repair.current_place()) then
    perform ghost_repair.pause('restored');
    v_ended := ghost_repair.end_what_waited();
    update ghost_repair.places p set noticed_place = ghost_repair.current_place();
    raise warning 'the database was restored: paused until ghost_repair.end_pause()';
  end if;
  return v_ended;
end $$;

-- A person has looked: these rows are the ones that count, here and from now on.
create or replace function ghost_repair.end_pause() returns void
language sql security definer set search_path = '' as $$
  select ghost_repair.notice_restore();
  update ghost_repair.settings set paused_at = null, paused_for = null;
  insert into ghost_repair.places as p (place) values (ghost_repair.current_place())
  on conflict (only_row) do update set place = excluded.place, seen_at = excluded.seen_at
$$;

-- A job of the scheduler is at work. Within a failover the place may have become another one.
create or replace function ghost_repair.note_beat(p_job text) returns void
language plpgsql security definer set search_path = '' as $$
begin
  insert into ghost_repair.beats as b (job) values (p_job)
  on conflict (job) do update set at = excluded.at
    where b.at < excluded.at - interval '5 seconds';
  if not ghost_repair.is_restored() then
    update ghost_repair.places p set
      place = ghost_repair.current_place(), seen_at = ghost_repair.now()
    where p.seen_at < ghost_repair.now() - interval '5 seconds';
  end if;
end $$;
