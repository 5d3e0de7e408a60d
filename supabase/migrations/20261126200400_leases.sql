-- A lease: somebody works on something for a while, and nobody else. Who dies in it loses it with its
-- time. One table and one set of functions for everything that is leased:
--
--   repair     a repair's next step (subject: the repair)
--   reconnect  a connect at the gateway, by the scheduler or by a person (subject: the number)
--   release    a number's held messages (subject: the number)
--   watch      a look at a number that waits (subject: the number)
--   probe      a look at a connected number that nothing was heard of (subject: the number)
--   recover    comparing a number's gaps with its gateway (subject: the number)
--   canary     trying whether a number hears (subject: the number)

create table if not exists ghost_repair.leases (
  kind text not null check (kind in ('repair', 'reconnect', 'release', 'watch', 'probe', 'recover',
    'canary')),
  subject uuid not null,
  -- Shown again by whoever writes under the lease.
  token uuid not null,
  leased_at timestamptz not null default ghost_repair.now(),
  expires_at timestamptz not null,
  -- From the last attempt's beginning to its answer: when that attempt has lost whoever made it, and
  -- a person has to be told.
  gives_up_at timestamptz,
  primary key (kind, subject)
);
create index if not exists leases_gives_up on ghost_repair.leases (gives_up_at)
  where gives_up_at is not null;
create index if not exists leases_age on ghost_repair.leases (expires_at);
alter table ghost_repair.leases enable row level security;

-- Longer than a turn of a scheduled function may take.
alter table ghost_repair.settings
  add column if not exists lease_time interval not null default interval '120 seconds';

-- Whether somebody has it, or had it since a tick began: then it has had its turn.
create or replace function ghost_repair.is_leased(
  p_kind text, p_subject uuid, p_tick_started timestamptz default null
) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return exists (
    select from ghost_repair.leases l
    where l.kind = p_kind and l.subject = p_subject
      and (l.expires_at > ghost_repair.now()
        or l.leased_at >= coalesce(p_tick_started, ghost_repair.now())));
end $$;

-- Takes those of them that nobody has (`is_leased`), and returns them with their tokens. `p_by_force`:
-- all of them; what the other one finds out counts no more.
create or replace function ghost_repair.take_leases(
  p_kind text, p_subjects uuid[], p_time interval default null,
  p_tick_started timestamptz default null, p_by_force boolean default false
) returns table (subject uuid, token uuid)
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
begin
  -- What a person asks for is done all the same.
  if p_kind <> 'reconnect' and ghost_repair.is_paused() then
    return;
  end if;
  return query insert into ghost_repair.leases as l (kind, subject, token, leased_at, expires_at)
  select p_kind, t.subject, gen_random_uuid(), ghost_repair.now(), ghost_repair.now()
    + coalesce(p_time, (select s.lease_time from ghost_repair.settings s))
  from (select distinct d.subject from unnest(p_subjects) d (subject) order by d.subject) t
  -- Looked at again under the row's lock: whoever asked `is_leased` may not have seen a newer one.
  on conflict (kind, subject) do update set
    token = excluded.token, leased_at = excluded.leased_at, expires_at = excluded.expires_at
    where p_by_force or (l.expires_at <= ghost_repair.now()
      and l.leased_at < coalesce(p_tick_started, ghost_repair.now()))
  returning l.subject, l.token;
end $$;

-- One of them; null where it is not to be had.
create or replace function ghost_repair.take_lease(
  p_kind text, p_subject uuid, p_time interval default null,
  p_tick_started timestamptz default null, p_by_force boolean default false
) returns uuid
language plpgsql security definer set search_path = '' as $$
begin
  return (
    select t.token from ghost_repair.take_leases(
      p_kind, array[p_subject], p_time, p_tick_started, p_by_force) t);
end $$;

create or replace function ghost_repair.holds_lease(p_kind text, p_subject uuid, p_token uuid)
returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return exists (
    select from ghost_repair.leases l
    where l.kind = p_kind and l.subject = p_subject and l.token = p_token
      and l.expires_at > ghost_repair.now());
end $$;

-- Ends it at once, or at `p_at` where that is sooner; whose token is null, whoever has it. Returns
-- whether it was held.
create or replace function ghost_repair.end_lease(
  p_kind text, p_subject uuid, p_token uuid, p_at timestamptz default null
) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  update ghost_repair.leases l set
    expires_at = least(l.expires_at, coalesce(p_at, ghost_repair.now()))
  where l.kind = p_kind and l.subject = p_subject and l.token = coalesce(p_token, l.token)
    and l.expires_at > ghost_repair.now();
  return found;
end $$;
