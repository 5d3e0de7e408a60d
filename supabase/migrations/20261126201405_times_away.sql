-- When each number was away, for the uptime that people see. One row from the minute it goes to the
-- minute it is back, followed by a trigger on the number's own row, whoever writes it.
--
--   connected ──▶ away (open row) ──▶ connected: closed
--                  └─ a person disconnects it ──▶ closed; a row `wanted = false`

alter table ghost_repair.settings
  -- Before this nothing is known: an uptime counts from here on.
  add column if not exists away_known_since timestamptz not null default ghost_repair.now(),
  -- What an uptime is told of: a day, a week, a month.
  add column if not exists uptime_spans interval[] not null default '{1 day,7 days,30 days}';

create table if not exists ghost_repair.times_away (
  id bigint generated always as identity primary key,
  instance_id uuid not null references public.whatsapp_instances (id) on delete cascade,
  organization_id uuid not null references public.organizations (id) on delete cascade,
  away_from timestamptz not null default ghost_repair.now(),
  -- Infinity while it is away.
  away_until timestamptz not null default 'infinity',
  -- False: disconnected by a person, or never paired yet. It counts for no uptime, good or bad.
  wanted boolean not null,
  -- The last proof that it lived before it went: it was found out no later than `away_from - alive_at`
  -- after its death. Null: nothing proved it.
  alive_at timestamptz
);
create unique index if not exists times_away_open
  on ghost_repair.times_away (instance_id) where away_until = 'infinity';
create index if not exists times_away_number on ghost_repair.times_away (instance_id, away_until);
create index if not exists times_away_organization
  on ghost_repair.times_away (organization_id, away_until);
create index if not exists times_away_age on ghost_repair.times_away (away_until);
alter table ghost_repair.times_away enable row level security;

create or replace function ghost_repair.follow_times_away() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  update ghost_repair.times_away t set away_until = ghost_repair.now()
  where t.instance_id = new.id and t.away_until = 'infinity';
  if new.status <> 'connected' then
    insert into ghost_repair.times_away (instance_id, organization_id, wanted, alive_at)
    values (new.id, new.organization_id, tg_op = 'UPDATE' and not new.manual_disconnect,
      case when tg_op = 'UPDATE' and old.status = 'connected' then old.last_alive_at end);
  end if;
  return null;
end $$;
create or replace trigger whatsapp_instances_away_at_first
  after insert on public.whatsapp_instances
  for each row when (new.status <> 'connected')
  execute function ghost_repair.follow_times_away();
-- Not at every step of a reconnection.
create or replace trigger whatsapp_instances_away
  after update of status, manual_disconnect on public.whatsapp_instances
  for each row when ((old.status = 'connected') <> (new.status = 'connected')
    or old.manual_disconnect <> new.manual_disconnect)
  execute function ghost_repair.follow_times_away();

-- Numbers that were away before this part.
insert into ghost_repair.times_away (instance_id, organization_id, away_from, wanted)
select i.id, i.organization_id, coalesce(i.disconnected_since, ghost_repair.now()),
  not i.manual_disconnect
from public.whatsapp_instances i
where i.status <> 'connected' and i.deleted_at is null and not exists (
  select from ghost_repair.times_away t where t.instance_id = i.id and t.away_until = 'infinity');

-- The share of each time in which a number was there, of the part in which it was wanted to be; rounded
-- down, so that what was not always there never reads 100 %. Null: it was never wanted, or nothing is
-- known.
create or replace function ghost_repair.uptimes(
  p_instance_id uuid, p_born timestamptz, p_from timestamptz[], p_until timestamptz[]
) returns numeric[]
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select array_agg(
      trunc((1 - t.away / nullif(greatest(t.whole - t.unwanted, 0), 0))::numeric, 5) order by t.place)
    from (
      select w.place, extract(epoch from w.until - w.since)::float8 as whole,
        coalesce(sum(o.seconds) filter (where a.wanted), 0)::float8 as away,
        coalesce(sum(o.seconds) filter (where not a.wanted), 0)::float8 as unwanted
      from (
        select u.place, greatest(p_born, u.starts, s.away_known_since) as since, u.ends as until
        from ghost_repair.settings s,
          unnest(p_from, p_until) with ordinality u (starts, ends, place)) w
      left join ghost_repair.times_away a on a.instance_id = p_instance_id
        and a.away_until > w.since and a.away_from < w.until
      cross join lateral (
        select extract(epoch from least(a.away_until, w.until) - greatest(a.away_from, w.since))
          as seconds) o
      group by w.place, w.since, w.until) t);
end $$;

-- The uptimes that are told of a number everywhere: fractions of 1.
create or replace function ghost_repair.told_uptimes(p_instance_id uuid, p_born timestamptz)
returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select jsonb_build_object('day', u.share[1], 'week', u.share[2], 'month', u.share[3])
    from ghost_repair.now() t, ghost_repair.settings s, ghost_repair.uptimes(p_instance_id, p_born,
      array[t - s.uptime_spans[1], t - s.uptime_spans[2], t - s.uptime_spans[3]],
      array[t, t, t]) u (share));
end $$;

-- What a number's own page tells of its absences.
--
-- days    each day of the last month, the oldest first: its uptime
-- away    the last times: {from, until, wanted, foundSeconds}
-- median  of the month: how long it was away, and after how long at the most that was known
create or replace function ghost_repair.told_absences(p_instance_id uuid, p_born timestamptz)
returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'days', (
      select to_jsonb(ghost_repair.uptimes(p_instance_id, p_born,
        array_agg(d.ends - s.uptime_spans[1] order by d.ends), array_agg(d.ends order by d.ends)))
      from generate_series(t.now - s.uptime_spans[3] + s.uptime_spans[1], t.now,
        s.uptime_spans[1]) d (ends)),
    'away', coalesce((
      select jsonb_agg(jsonb_build_object('from', a.away_from,
        'until', case when a.away_until < 'infinity' then a.away_until end, 'wanted', a.wanted,
        'foundSeconds', round(extract(epoch from a.away_from - a.alive_at))) order by a.id desc)
      from (
        select a.* from ghost_repair.times_away a where a.instance_id = p_instance_id
        order by a.away_until desc limit 12) a), '[]'),
    'median', (
      select jsonb_build_object(
        'awaySeconds', round((percentile_cont(0.5) within group (
          order by extract(epoch from a.away_until - a.away_from))
          filter (where a.away_until < 'infinity'))::numeric),
        'foundSeconds', round((percentile_cont(0.5) within group (
          order by extract(epoch from a.away_from - a.alive_at))
          filter (where a.alive_at is not null))::numeric),
        'times', count(*))
      from ghost_repair.times_away a
      where a.instance_id = p_instance_id and a.wanted
        and a.away_until > t.now - s.uptime_spans[3]))
  from (select ghost_repair.now() as now) t, ghost_repair.settings s
$$;
