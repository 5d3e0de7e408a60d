-- Totals that only grow, for whoever measures (`metrics`). The statement that ends a thing adds a row to
-- `raised_totals`, and the sweep adds these up into `totals`: nobody waits for another's row, whatever
-- locks they hold, and what is pruned later is counted all the same.
--
--   an end ── raise_total ──▶ raised_totals ── fold_totals, every minute ──▶ totals
--                                   └──────────── current_totals ───────────────┘

-- One row is one sample. A histogram is several: `…_bucket` by `le`, `…_sum` and `…_count`.
create table if not exists ghost_repair.totals (
  name text not null,
  labels jsonb not null default '{}',
  value float8 not null default 0,
  primary key (name, labels)
);
alter table ghost_repair.totals enable row level security;

-- Without a key: nothing but additions, and all of it goes within a minute.
create table if not exists ghost_repair.raised_totals (
  name text not null,
  labels jsonb not null,
  times bigint not null,
  -- Of a histogram; null: a counter.
  seconds float8
);
alter table ghost_repair.raised_totals enable row level security;

-- A label's value: a word of ours, never a name, a number or a text.
create or replace function ghost_repair.label_word(p_value text) returns text
language plpgsql immutable set search_path = '' as $$
begin
  return case when p_value is null then 'none'
    when p_value ~ '^[a-z][a-z0-9_-]{0,39}$' then p_value else 'other' end;
end $$;

-- `p_seconds`: how long it took, of what is told as a histogram; a clock that went back counts as 0.
create or replace function ghost_repair.raise_total(
  p_name text, p_labels jsonb default '{}', p_times bigint default 1, p_seconds float8 default null
) returns void
language plpgsql security definer set search_path = '' as $$
begin
  insert into ghost_repair.raised_totals (name, labels, times, seconds)
  select p_name, p_labels, p_times, case when p_seconds < 0 then 0 else p_seconds end
  where p_times > 0;
end $$;

-- Upper bounds of the buckets, in seconds.
create or replace function ghost_repair.total_bounds(p_name text) returns float8[]
language sql immutable set search_path = '' as $$
  select case p_name
    when 'ghost_repair_detection_seconds' then
      '{30,60,120,180,300,420,600,900,1800,3600,14400,Infinity}'::float8[]
    else '{15,30,60,120,300,600,900,1800,3600,14400,43200,86400,Infinity}'::float8[] end
$$;

-- What a raised total adds to which samples: of a histogram to each bucket that it fits.
create or replace function ghost_repair.samples_of(p_raised ghost_repair.raised_totals)
returns table (name text, labels jsonb, value float8)
language sql immutable set search_path = '' as $$
  select p_raised.name, p_raised.labels, p_raised.times::float8 where p_raised.seconds is null
  union all
  select p_raised.name || '_bucket', p_raised.labels || jsonb_build_object('le',
      case when b.le = 'Infinity' then '+Inf' else b.le::text end),
    case when p_raised.seconds <= b.le then p_raised.times else 0 end
  from unnest(ghost_repair.total_bounds(p_raised.name)) b (le) where p_raised.seconds is not null
  union all
  select p_raised.name || s.ending, p_raised.labels, s.value
  from (values ('_sum', p_raised.seconds * p_raised.times), ('_count', p_raised.times)) s (ending, value)
  where p_raised.seconds is not null
$$;

-- Every sample as of now, what was raised in the last minute too. Of one snapshot, so that none falls
-- while the sweep is at work.
create or replace view ghost_repair.current_totals as
select t.name, t.labels, sum(t.value) as value from (
  select t.name, t.labels, t.value from ghost_repair.totals t
  union all
  select s.name, s.labels, s.value
  from ghost_repair.raised_totals r cross join lateral ghost_repair.samples_of(r) s
) t
group by t.name, t.labels;

-- Adds up what was raised. Two at once take different rows, and meet in one order. Returns how many
-- rows were added up.
create or replace function ghost_repair.fold_totals() returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  v_folded bigint;
begin
  with taken as (
    delete from ghost_repair.raised_totals r
    where r.ctid = any (array(
      select o.ctid from ghost_repair.raised_totals o limit 50000 for update skip locked))
    returning r.*
  ), same as (
    select t.name, t.labels, t.seconds, sum(t.times)::bigint as times from taken t
    group by t.name, t.labels, t.seconds
  ), added as (
    insert into ghost_repair.totals as t (name, labels, value)
    select s.name, s.labels, sum(s.value)
    from same r cross join lateral ghost_repair.samples_of(
      row(r.name, r.labels, r.times, r.seconds)::ghost_repair.raised_totals) s
    group by s.name, s.labels order by s.name, s.labels
    on conflict (name, labels) do update set value = t.value + excluded.value
  )
  select count(*) into v_folded from taken;
  return v_folded;
end $$;
