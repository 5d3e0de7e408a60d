-- The watch: looking before anybody complains.
--
-- Connected numbers that nothing was heard of are probed, each a few times an hour:
--
--   watched_numbers ── lease_watched_numbers ── probe ── record_watched_numbers
--        alive, or refused for asking too much ─────────▶ last_alive_at, looked at again later
--        silent, and so once more; the gateway lives ───▶ dead: a repair, the ladder's at once
--        dead, like the others of its gateway ──────────▶ nothing: an outage is nobody's session
--        the gateway does not answer ───────────────────▶ nothing, told once; asked by one number
--        the answer proves nothing ─────────────────────▶ nothing, told once
--
-- Numbers that wait (for a scan, for a person after the last attempt, or because a person
-- disconnected them) must not be where nobody looks again after one lost webhook, so the gateway's
-- registry is read for them: rarely, and at once where something newer says that the session lives.
--
--   lease_waiting_numbers ── registry ── record_watch ── open ───────────▶ connected
--                                            │            open, by hand ─▶ logout ─ record_owed_logout
--                                            └── close, connecting ──────▶ nothing
--                                            └── not known ──────────────▶ a trouble

alter table ghost_repair.settings
  -- So long a connected number may be silent before it is probed, up to a fifth sooner or later: not
  -- all at once. Null: nobody is probed. Switching it off is one statement:
  --   update ghost_repair.settings set watch_interval = null
  add column if not exists watch_interval interval default interval '5 minutes'
    check (watch_interval >= interval '1 minute'),
  -- One that says connected because the registry did is looked at as soon as this.
  add column if not exists watch_first_look interval not null default interval '10 seconds',
  -- Who is due so soon is looked at with those that are due: fewer calls.
  add column if not exists watch_early interval not null default interval '20 seconds',
  -- Where the gateway was silent, or many of its numbers dead, one of them asks so often.
  add column if not exists watch_retry interval not null default interval '30 seconds',
  -- Probes of one gateway in a second, whoever makes them, and how far ahead they are handed out.
  add column if not exists watch_probes_a_second int not null default 20
    check (watch_probes_a_second > 0),
  add column if not exists watch_ahead interval not null default interval '10 seconds',
  -- So many others of its gateway are looked at once a number is dead: is it the gateway?
  add column if not exists watch_neighbours int not null default 5,
  -- WhatsApp refuses who asks too much: the interval doubles, up to so many times its length, and is
  -- halved by each answer. Within an hour everybody is looked at.
  add column if not exists watch_stretch_most int not null default 8,
  -- Due numbers are gone through so many at once, so many times in a call.
  add column if not exists watch_scan int not null default 250,
  add column if not exists watch_scans int not null default 20,
  -- A number that waits is read at most this often, and up to a fifth later: not all at once.
  add column if not exists waiting_interval interval not null default interval '5 minutes',
  -- The same where a connect has to follow a scan, while a code is showing that may be scanned.
  add column if not exists scan_interval interval not null default interval '10 seconds',
  add column if not exists scan_watched_for interval not null default interval '5 minutes',
  -- Of one gateway's numbers, in one tick.
  add column if not exists watch_numbers int not null default 100;

-- An organization that decides otherwise: switched off, or an interval of its own. One statement:
--   insert into ghost_repair.watch_policies (organization_id, enabled) values ('<organization>', false)
--   on conflict (organization_id) do update set enabled = excluded.enabled;
create table if not exists ghost_repair.watch_policies (
  organization_id uuid primary key references public.organizations (id) on delete cascade,
  enabled boolean not null default true,
  -- Null: the one of the settings.
  watch_interval interval check (watch_interval >= interval '1 minute')
);
alter table ghost_repair.watch_policies enable row level security;

-- Connected numbers, and when each is looked at next. A proof of life does not touch this row: one
-- that was heard of meanwhile is put off when its time has come.
create table if not exists ghost_repair.watched_numbers (
  instance_id uuid primary key references public.whatsapp_instances (id) on delete cascade,
  next_look_at timestamptz not null,
  -- The last probe that said something, and what: alive, dead, limited, or why it proves nothing.
  looked_at timestamptz,
  finding text,
  -- What the interval is multiplied by.
  stretch int not null default 1 check (stretch > 0),
  -- Looked at although it was heard of, because another number of its gateway is dead.
  asked_at timestamptz
) with (fillfactor = 70);
create index if not exists watched_numbers_due on ghost_repair.watched_numbers (next_look_at);
alter table ghost_repair.watched_numbers enable row level security;

-- What the looks at one gateway's numbers have in common. Locked after everything else.
create table if not exists ghost_repair.watched_gateways (
  -- As in `private.instance_credentials`.
  api_url text primary key,
  -- The next probe that nobody has been given.
  next_probe_at timestamptz not null default ghost_repair.now(),
  -- Since when it does not answer at all; null: it does.
  silent_since timestamptz,
  -- Numbers found dead one after another, and none alive since the first of them.
  dead_numbers uuid[] not null default '{}',
  dead_since timestamptz
) with (fillfactor = 50);
alter table ghost_repair.watched_gateways enable row level security;

-- From 0 to 1: the one seam for chance, as `now` is for time.
create or replace function ghost_repair.chance() returns float8
language sql volatile security definer set search_path = '' as $$
  select random()
$$;

-- Up to a fifth sooner or later.
create or replace function ghost_repair.jitter(p_interval interval) returns interval
language sql volatile security definer set search_path = '' as $$
  select p_interval * (0.8 + 0.4 * ghost_repair.chance())
$$;

-- Not sooner, and up to a fifth later: not all at once.
create or replace function ghost_repair.stagger(p_interval interval) returns interval
language sql volatile security definer set search_path = '' as $$
  select p_interval * (1 + 0.2 * ghost_repair.chance())
$$;

-- A number that became connected is watched from now on, and looked at soon: the registry may have
-- said so. Where its session was reported open it was heard of, and is put off.
create or replace function ghost_repair.begin_watch() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into ghost_repair.watched_numbers as w (instance_id, next_look_at)
  select new.id, ghost_repair.now() + ghost_repair.jitter(s.watch_first_look * 1.25)
  from ghost_repair.settings s
  on conflict (instance_id) do update set
    next_look_at = least(w.next_look_at, excluded.next_look_at), finding = null;
  return null;
end $$;
create or replace trigger whatsapp_instances_watched
  after update of status on public.whatsapp_instances
  for each row when (new.status = 'connected' and old.status is distinct from new.status)
  execute function ghost_repair.begin_watch();
create or replace trigger whatsapp_instances_watched_new
  after insert on public.whatsapp_instances
  for each row when (new.status = 'connected') execute function ghost_repair.begin_watch();
insert into ghost_repair.watched_numbers (instance_id, next_look_at)
select i.id, ghost_repair.now() + s.watch_interval * ghost_repair.chance()
from public.whatsapp_instances i, ghost_repair.settings s
where i.status = 'connected' and s.watch_interval is not null
on conflict (instance_id) do nothing;

-- Every watched number, and what is to be done when its time has come, whoever asks.
--
-- state  gone   not connected any more
--        later  not probed: switched off, under repair, without a gateway
--        alive  heard of lately
--        due    to be probed
create or replace view ghost_repair.watched_states as
select w.instance_id, w.next_look_at, w.stretch, i.last_alive_at, i.instance_name, i.phone_number,
  i.connection_epoch, k.api_url, k.api_key, e.every, case
    when i.status <> 'connected' or i.deleted_at is not null then 'gone'
    when e.every is null or k.api_url is null or ghost_repair.has_open_repair(i.id) then 'later'
    when i.last_alive_at > w.asked_at
      or (w.asked_at is null
        and i.last_alive_at + e.every * w.stretch * 0.7 > ghost_repair.now()) then 'alive'
    else 'due'
  end as state
from ghost_repair.watched_numbers w
join public.whatsapp_instances i on i.id = w.instance_id
cross join ghost_repair.settings s
left join private.instance_credentials k on k.instance_id = i.id
left join ghost_repair.watch_policies p on p.organization_id = i.organization_id
cross join lateral (
  select case when p.enabled is not false then coalesce(p.watch_interval, s.watch_interval) end
    as every) e;

-- Whether anybody's numbers are probed at all.
create or replace function ghost_repair.is_watch_on() returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (select from ghost_repair.settings s where s.watch_interval is not null)
    or exists (
      select from ghost_repair.watch_policies p where p.enabled and p.watch_interval is not null)
$$;

-- Goes through numbers whose time has come, or comes within `p_early`, so many at once: who needs no
-- probe is put off, or is watched no more. Returns the others, locked, longest silent first;
-- `p_tick_started` as in `lease_due_repairs`. Each is read by its key: of a hundred thousand numbers
-- the planner would rather read all.
create or replace function ghost_repair.put_off_watched_numbers(
  p_early interval, p_scan int, p_tick_started timestamptz default null,
  out scanned int, out due uuid[]
)
language plpgsql security definer set search_path = '' as $$
declare
  v_now constant timestamptz := ghost_repair.now();
  v_ids uuid[] := array(
    select w.instance_id from ghost_repair.watched_numbers w
    where w.next_look_at <= ghost_repair.now() + p_early
    order by w.next_look_at limit p_scan for update skip locked);
begin
  scanned := cardinality(v_ids);
  with seen as (
    select d.instance_id, d.next_look_at, d.every, d.stretch, d.last_alive_at, case
        -- As `is_leased`.
        when d.state = 'due' and exists (
          select from ghost_repair.leases l
          where l.kind = 'probe' and l.subject = d.instance_id
            and (l.expires_at > v_now or l.leased_at >= coalesce(p_tick_started, v_now)))
          then 'later' else d.state end as state
    from unnest(v_ids) as n (id)
    cross join lateral (
      select * from ghost_repair.watched_states w where w.instance_id = n.id offset 0) d
  ), gone as (
    delete from ghost_repair.watched_numbers w using seen
    where w.instance_id = seen.instance_id and seen.state = 'gone'
  ), put_off as (
    update ghost_repair.watched_numbers w set asked_at = null, next_look_at = case seen.state
        when 'alive' then greatest(v_now + s.watch_retry, seen.last_alive_at
          + ghost_repair.jitter(seen.every * seen.stretch))
        else v_now + ghost_repair.jitter(coalesce(seen.every, s.waiting_interval)) end
    from seen, ghost_repair.settings s
    where w.instance_id = seen.instance_id and seen.state in ('alive', 'later')
  )
  select coalesce(array_agg(seen.instance_id order by seen.next_look_at, seen.instance_id), '{}')
  into due from seen where seen.state = 'due';
end $$;

-- How many looks are due, of both kinds: 0 where none is, though one may be soon. No more are counted
-- than `p_most`.
create or replace function ghost_repair.count_due_looks(p_most int) returns int
language plpgsql security definer set search_path = '' as $$
declare
  v_settings ghost_repair.settings := (select s from ghost_repair.settings s);
  v_scanned int;
  v_due int := (
    select count(*) from (
      select from ghost_repair.waiting_numbers d
      where d.due_at <= ghost_repair.now() and not ghost_repair.is_leased('watch', d.id)
      limit p_most) w);
begin
  if ghost_repair.is_watch_on() then
    for v_scan in 1 .. v_settings.watch_scans loop
      select p.scanned into v_scanned
      from ghost_repair.put_off_watched_numbers('0', v_settings.watch_scan) p;
      exit when v_scanned < v_settings.watch_scan or exists (
        select from ghost_repair.watched_states d
        where d.next_look_at <= ghost_repair.now() and d.state = 'due');
    end loop;
    if exists (select from ghost_repair.watched_numbers w
      where w.next_look_at <= ghost_repair.now()) then
      v_due := v_due + (
        select count(*) from (
          select from ghost_repair.watched_numbers w
          where w.next_look_at <= ghost_repair.now() + v_settings.watch_early
          order by w.next_look_at limit p_most) w);
    end if;
  end if;
  return least(v_due, p_most);
end $$;

-- Connected numbers that are to be probed, each to one caller, who was silent longest first.
-- `p_tick_started` as in `lease_due_repairs`. What is due and is not to be probed is put off.
--
-- No gateway gets more than its probes a second, whoever asks: each lease says how long to wait before
-- its probe (`wait_ms`), and what does not fit is put off. Of a gateway that is silent, or whose
-- numbers are dead one after another, one number now and then asks for all.
create or replace function public.lease_watched_numbers(
  p_limit int, p_tick_started timestamptz default null, p_lease_seconds int default null
) returns table (
  instance_id uuid, token uuid, connection_epoch bigint, instance_name text, phone_number text,
  api_url text, api_key text, wait_ms int, tick_started timestamptz
)
language plpgsql security definer set search_path = '' as $$
-- The table's own columns are meant wherever a name is an output's, too.
#variable_conflict use_column
declare
  v_settings ghost_repair.settings := (select s from ghost_repair.settings s);
  v_now constant timestamptz := ghost_repair.now();
  v_rate constant float8 := v_settings.watch_probes_a_second;
  v_left int := p_limit;
  -- Some of them will be put off.
  v_scan_size constant int := least(v_settings.watch_scan, p_limit * 2);
  v_scanned int;
  v_due uuid[];
  v_gateways text[];
  v_leased int;
begin
  if not ghost_repair.is_watch_on() then
    return;
  end if;
  for v_scan in 1 .. v_settings.watch_scans loop
    select p.scanned, p.due into v_scanned, v_due
    from ghost_repair.put_off_watched_numbers(
      v_settings.watch_early, v_scan_size, p_tick_started) p;

    -- By each number's key: joined, all credentials would be read.
    v_gateways := array(
      select distinct (
        select k.api_url from private.instance_credentials k where k.instance_id = d.id)
      from unnest(v_due) as d (id));
    insert into ghost_repair.watched_gateways (api_url) select unnest(v_gateways)
    on conflict (api_url) do nothing;

    return query with gateway as (
      select g.* from ghost_repair.watched_gateways g
      where g.api_url = any (v_gateways) order by g.api_url for update
    ), room as (
      select g.api_url, greatest(g.next_probe_at, v_now) as starts_at, q.slow, case
          when q.slow then (g.next_probe_at <= v_now)::int
          else greatest(0, floor(extract(epoch from
            v_now + v_settings.watch_ahead - greatest(g.next_probe_at, v_now)) * v_rate)::int)
        end as numbers
      from gateway g
      cross join lateral (select g.silent_since is not null
        or cardinality(g.dead_numbers) >= v_settings.outage_numbers as slow) q
    ), asked as materialized (
      select d.* from unnest(v_due) as n (id)
      cross join lateral (
        select * from ghost_repair.watched_states w where w.instance_id = n.id offset 0) d
    ), due as (
      select d.*, r.starts_at, r.slow, r.numbers,
        row_number() over (partition by d.api_url order by d.next_look_at, d.instance_id) as place
      from asked d join room r on r.api_url = d.api_url
    ), taken as (
      select d.* from due d where d.place <= d.numbers
      order by d.next_look_at, d.instance_id limit v_left
    ), leased as materialized (
      select t.*, l.token from taken t
      join ghost_repair.take_leases('probe', array(select n.instance_id from taken n),
        make_interval(secs => p_lease_seconds), p_tick_started) l on l.subject = t.instance_id
    ), moved as (
      update ghost_repair.watched_gateways g set next_probe_at = case
          when l.slow then v_now + v_settings.watch_retry
          else l.starts_at + make_interval(secs => l.numbers / v_rate) end
      from (
        select l.api_url, l.slow, l.starts_at, max(l.place) as numbers
        from leased l group by l.api_url, l.slow, l.starts_at) l
      where g.api_url = l.api_url
    ), held as (
      -- Who dies with it is looked at again when the lease is over.
      update ghost_repair.watched_numbers w set next_look_at = v_now
        + coalesce(make_interval(secs => p_lease_seconds), v_settings.lease_time)
      from leased l where w.instance_id = l.instance_id
    ), put_off as (
      update ghost_repair.watched_numbers w set next_look_at = case
          when d.slow then v_now + ghost_repair.jitter(v_settings.watch_retry * 1.25)
          else greatest(v_now + v_settings.watch_early,
            d.starts_at + make_interval(secs => d.place / v_rate)) end
      from due d where w.instance_id = d.instance_id and d.place > d.numbers
    )
    select l.instance_id, l.token, l.connection_epoch, l.instance_name, l.phone_number, l.api_url,
      l.api_key, case when l.slow then 0 else round(1000 * extract(epoch from
        l.starts_at - v_now + make_interval(secs => (l.place - 1) / v_rate)))::int end,
      coalesce(p_tick_started, v_now)
    from leased l order by l.next_look_at, l.instance_id;
    get diagnostics v_leased = row_count;
    v_left := v_left - v_leased;
    exit when v_left <= 0 or v_scanned < v_scan_size;
  end loop;
end $$;

-- Whether any other number of a gateway was heard of since. One after another, up to the first; where
-- nothing was heard that is all of them.
create or replace function ghost_repair.is_gateway_heard(
  p_api_url text, p_since timestamptz, p_but uuid
) returns boolean
language sql stable security definer set search_path = '' as $$
  select (
    select true from private.instance_credentials k
    where k.api_url >= p_api_url and k.api_url <= p_api_url and k.instance_id <> p_but and (
      select i.last_alive_at > p_since from public.whatsapp_instances i where i.id = k.instance_id)
    order by k.api_url limit 1) is not null
$$;

-- Whether the numbers of a gateway are dead one after another, and none was heard of since the first.
create or replace function ghost_repair.is_gateway_dead(p_instance_id uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select from ghost_repair.watched_gateways g
    cross join ghost_repair.settings s
    where g.api_url = ghost_repair.gateway_of(p_instance_id) and cardinality(g.dead_numbers) >= s.outage_numbers
      and not ghost_repair.is_gateway_heard(g.api_url, g.dead_since, p_instance_id))
$$;

-- A number is dead, as the probes say; it is locked. Whether that is its gateway's fault: of so many
-- in a row none was heard of since the first. The others of the gateway are looked at meanwhile, so
-- that this is known before anything is changed.
create or replace function ghost_repair.count_dead_number(p_instance_id uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_settings ghost_repair.settings := (select s from ghost_repair.settings s);
  v_gateway ghost_repair.watched_gateways;
begin
  select g.* into v_gateway from ghost_repair.watched_gateways g
  join private.instance_credentials k on k.api_url = g.api_url
  where k.instance_id = p_instance_id for update of g;
  if not found then
    return false;
  end if;
  if v_gateway.dead_since is not null and ghost_repair.is_gateway_heard(
    v_gateway.api_url, v_gateway.dead_since, p_instance_id) then
    v_gateway.dead_numbers := '{}';
    v_gateway.dead_since := null;
  end if;
  if not p_instance_id = any (v_gateway.dead_numbers)
    and cardinality(v_gateway.dead_numbers) < v_settings.outage_numbers then
    v_gateway.dead_numbers := v_gateway.dead_numbers || p_instance_id;
  end if;
  update ghost_repair.watched_gateways g set
    dead_numbers = v_gateway.dead_numbers,
    dead_since = coalesce(v_gateway.dead_since, ghost_repair.now()), silent_since = null
  where g.api_url = v_gateway.api_url;
  if cardinality(v_gateway.dead_numbers) >= v_settings.outage_numbers then
    return true;
  end if;
  update ghost_repair.watched_numbers w set
    next_look_at = ghost_repair.now(), asked_at = ghost_repair.now()
  where w.instance_id = any (array(
    select n.instance_id from ghost_repair.watched_numbers n
    join private.instance_credentials k on k.instance_id = n.instance_id
    where k.api_url = v_gateway.api_url and n.instance_id <> p_instance_id
      and n.asked_at is null and n.next_look_at > ghost_repair.now()
    limit v_settings.watch_neighbours for update of n skip locked));
  return false;
end $$;

-- The gateways of these numbers answered a look; `p_alive`: through a number's socket.
create or replace function ghost_repair.note_gateways_answer(p_ids uuid[], p_alive boolean)
returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_gateways constant text[] := array(
    select g.api_url from ghost_repair.watched_gateways g
    where g.api_url in (
        select k.api_url from private.instance_credentials k where k.instance_id = any (p_ids))
      and (g.silent_since is not null or cardinality(g.dead_numbers) > 0)
    order by g.api_url for update);
begin
  if cardinality(v_gateways) > 0 then
    update ghost_repair.watched_gateways g set
      silent_since = null,
      next_probe_at = case when p_alive then least(g.next_probe_at, ghost_repair.now())
        else g.next_probe_at end,
      dead_numbers = case when p_alive then '{}' else g.dead_numbers end,
      dead_since = case when not p_alive then g.dead_since end
    where g.api_url = any (v_gateways);
  end if;
end $$;

-- What looks at watched numbers found; ends their leases. What a lease no longer covers, or what is
-- older than the row, is not written.
--
-- p_findings  [{instance_id, token, epoch, verdict, own_number?, detail?}]; verdict:
--             alive    something came through the socket
--             limited  WhatsApp refuses who asks too much: alive, and asked less often
--             dead     twice silent although the gateway lives: a repair, unless more is dead
--             silent   the gateway did not answer: nothing is known
--             skipped  not looked at after all
--             and else why the probe proves nothing: no_number, any_answer, no_endpoint, …
-- Returns     {<what came of it>: how many}: suspected, outage, overtaken, and the verdicts
create or replace function public.record_watched_numbers(p_findings jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_settings ghost_repair.settings := (select s from ghost_repair.settings s);
  v_now constant timestamptz := ghost_repair.now();
  v_found record;
  v_session ghost_repair.session;
  v_ids constant uuid[] := array(
    select (f ->> 'instance_id')::uuid from jsonb_array_elements(p_findings) f);
  -- By number: when the lease that ends here began, and what came of the finding.
  v_leases jsonb;
  v_ends jsonb;
  v_alive uuid[];
  v_end text;
begin
  -- Alone it waits for the number; of several none holds up the others, and rows are locked in one
  -- order: numbers, their looks, leases, gateways.
  if jsonb_array_length(p_findings) = 1 and p_findings -> 0 ->> 'verdict' = 'dead' then
    perform ghost_repair.lock_session(v_ids[1]);
  end if;
  perform from ghost_repair.watched_numbers w
  where w.instance_id = any (v_ids) order by w.instance_id for update;
  with told as (
    select f.instance_id, f.token
    from jsonb_to_recordset(p_findings) f (instance_id uuid, token uuid)
  ), ended as (
    update ghost_repair.leases l set expires_at = v_now
    from told f
    where l.kind = 'probe' and l.subject = any (v_ids) and l.subject = f.instance_id
      and l.token = f.token and l.expires_at > v_now
    returning l.subject, l.leased_at
  )
  select coalesce(jsonb_object_agg(e.subject, e.leased_at), '{}') into v_leases from ended e;
  select jsonb_object_agg(f.instance_id,
      case when v_leases ? f.instance_id::text then f.verdict else 'overtaken' end),
    array_agg(f.instance_id) filter (
      where f.verdict in ('alive', 'limited') and v_leases ? f.instance_id::text)
  into v_ends, v_alive
  from jsonb_to_recordset(p_findings) f (instance_id uuid, verdict text);

  -- Nearly all: written at once.
  if v_alive is not null then
    update public.whatsapp_instances i set last_alive_at = v_now
    from (
      select n.id from public.whatsapp_instances n
      where n.id = any (v_alive) order by n.id for no key update skip locked) n
    where i.id = n.id;
    if p_findings @? '$[*].own_number' then
      update public.whatsapp_instances i set phone_number = f.own_number
      from jsonb_to_recordset(p_findings) f (instance_id uuid, own_number text)
      where i.id = f.instance_id and i.id = any (v_alive) and i.last_alive_at = v_now
        and i.phone_number is null and f.own_number is not null;
    end if;
    delete from ghost_repair.troubles t where t.instance_id = any (v_alive);
    perform ghost_repair.note_gateways_answer(v_alive, true);
  end if;

  for v_found in
    select f.*, (
        select k.api_url from private.instance_credentials k where k.instance_id = f.instance_id
      ) as api_url
    from jsonb_to_recordset(p_findings) f (
      instance_id uuid, token uuid, epoch bigint, verdict text, detail jsonb)
    where f.verdict not in ('alive', 'limited', 'skipped') and v_leases ? f.instance_id::text
    order by api_url, f.instance_id
  loop
    v_end := v_found.verdict;
    if v_end = 'dead' then
      v_session := ghost_repair.lock_session(v_found.instance_id, true);
      -- Reported open, heard of, taken away or under repair since the lease: that is the newer one.
      if v_session.connection_epoch is distinct from v_found.epoch
        or v_session.status is distinct from 'connected'
        or exists (select from public.whatsapp_instances i
          where i.id = v_found.instance_id
            and i.last_alive_at > (v_leases ->> v_found.instance_id::text)::timestamptz)
        or ghost_repair.has_open_repair(v_found.instance_id) then
        v_end := 'overtaken';
      elsif ghost_repair.count_dead_number(v_found.instance_id) then
        v_end := 'outage';
      elsif ghost_repair.open_suspicion(
        v_found.instance_id, 'watch', 'watch_dead', coalesce(v_found.detail, '{}')) then
        v_end := 'suspected';
        perform ghost_repair.mark_disconnected(v_found.instance_id, '{"source": "watch"}');
      end if;
    elsif v_end = 'silent' then
      update ghost_repair.watched_gateways g set silent_since = v_now
      where g.api_url = v_found.api_url and g.silent_since is null;
      if found then
        perform ghost_repair.add_event(
          v_found.instance_id, 'gateway_silent', coalesce(v_found.detail, '{}'));
      end if;
    else
      perform ghost_repair.note_gateways_answer(array[v_found.instance_id], false);
      if v_end like 'gateway_%' then
        perform ghost_repair.note_trouble(v_found.instance_id, v_end);
      elsif not exists (
        select from ghost_repair.watched_numbers w
        where w.instance_id = v_found.instance_id and w.finding = v_end) then
        perform ghost_repair.add_event(v_found.instance_id, 'watch_blind',
          jsonb_build_object('reason', v_end));
      end if;
    end if;
    if v_end <> v_found.verdict then
      v_ends := v_ends || jsonb_build_object(v_found.instance_id, v_end);
    end if;
  end loop;

  update ghost_repair.watched_numbers w set
    looked_at = case when x.is_known then v_now else w.looked_at end,
    finding = case when x.is_known then x.verdict else w.finding end,
    stretch = x.stretch, asked_at = null, next_look_at = v_now + case
      when not x.is_known or x.came_of in ('outage', 'dead')
        then ghost_repair.jitter(v_settings.watch_retry * 1.25)
      else ghost_repair.jitter(coalesce(x.every, v_settings.waiting_interval) * x.stretch) end
  from (
    select f.instance_id, f.verdict, d.every, e.came_of,
      e.came_of not in ('overtaken', 'silent', 'skipped') as is_known, case e.came_of
        when 'limited' then least(d.stretch * 2, v_settings.watch_stretch_most)
        when 'alive' then greatest(d.stretch / 2, 1)
        else d.stretch end as stretch
    from jsonb_to_recordset(p_findings) f (instance_id uuid, verdict text)
    cross join lateral (select v_ends ->> f.instance_id::text as came_of) e
    cross join lateral (
      select n.stretch, n.every from ghost_repair.watched_states n
      where n.instance_id = f.instance_id offset 0) d
    -- Whoever has the lease now says when.
    where not exists (
      select from ghost_repair.leases l
      where l.kind = 'probe' and l.subject = f.instance_id and l.expires_at > v_now)) x
  where w.instance_id = any (v_ids) and w.instance_id = x.instance_id;
  perform ghost_repair.raise_total('ghost_repair_probes_total',
    jsonb_build_object('finding', ghost_repair.label_word(e.value)), count(*))
  from jsonb_each_text(v_ends) e where e.value <> 'skipped' group by e.value;
  return (
    select coalesce(jsonb_object_agg(c.came_of, c.numbers), '{}') from (
      select e.value as came_of, count(*) as numbers from jsonb_each_text(v_ends) e
      group by e.value) c);
end $$;

-- When a number is looked at next, for people; none where nobody looks. What is put off when its time
-- has come is told as it will be.
create or replace view ghost_repair.told_watches as
select d.instance_id, jsonb_build_object('finding', w.finding, 'nextLookAt', case d.state
    when 'due' then d.next_look_at
    when 'alive' then greatest(d.next_look_at, d.last_alive_at + d.every * d.stretch) end,
  'stretch', d.stretch) as watch
from ghost_repair.watched_states d
join ghost_repair.watched_numbers w on w.instance_id = d.instance_id
where d.state <> 'gone';

-- Of one number.
create or replace function ghost_repair.watch_of(p_instance_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select t.watch from ghost_repair.told_watches t where t.instance_id = p_instance_id
$$;

create table if not exists ghost_repair.watches (
  instance_id uuid primary key references public.whatsapp_instances (id) on delete cascade,
  looked_at timestamptz not null default ghost_repair.now(),
  next_look_at timestamptz not null
);
alter table ghost_repair.watches enable row level security;

-- Whether something newer than the last look says that the session lives: a message that came in, a
-- send that was answered, a delivery report. By our own clock, when it arrived.
create or replace function ghost_repair.was_heard_since(
  p_instance_id uuid, p_heard_at timestamptz, p_looked_at timestamptz
) returns boolean
language sql stable security definer set search_path = '' as $$
  select coalesce(p_heard_at > p_looked_at, false) or exists (
    select from public.messages m
    where m.whatsapp_instance_id = p_instance_id and m.delivered_at > p_looked_at)
$$;

-- Numbers that wait, whoever asks. `due_at`: from when on to look.
create or replace view ghost_repair.waiting_numbers as
select i.id, i.instance_name, i.connection_epoch, k.api_url, k.api_key, q.code is not null as scanning,
  case
    when w.instance_id is null then '-infinity'
    when q.code is not null then least(w.next_look_at, w.looked_at + q.every)
    when i.manual_disconnect then least(w.next_look_at, o.next_try_at)
    when ghost_repair.was_heard_since(
      i.id, greatest(i.last_received_at, i.last_sent_at), w.looked_at) then w.looked_at
    else w.next_look_at
  end as due_at
from public.whatsapp_instances i
join private.instance_credentials k on k.instance_id = i.id
left join ghost_repair.watches w on w.instance_id = i.id
left join ghost_repair.owed_logouts o on o.instance_id = i.id
-- A scan that a connect has to follow shows nowhere but in the process's memory: no code comes any
-- more, and none of them was followed by a connect yet.
left join lateral (
  select c.code, s.scan_interval as every
  from private.instance_qr_codes c cross join ghost_repair.settings s
  where c.instance_id = i.id and i.status = 'awaiting_qr' and not c.connect_called
    and c.created_at > ghost_repair.now() - s.scan_watched_for
    -- By the number's key: joined, all credentials would be read.
    and (select g.connect_after_scan from private.gateways g
      where g.api_url = (select o.api_url from private.instance_credentials o
        where o.instance_id = c.instance_id))) q on true
where i.status <> 'connected'
  and (i.status = 'awaiting_qr' or i.manual_disconnect
    or i.reconnect_attempts_count >= (select s.reconnect_attempts from ghost_repair.settings s))
  and not ghost_repair.has_open_repair(i.id);

-- Leases numbers whose turn it is (`p_due`, who waited longest first), each to one caller; of one
-- gateway no more than its share in a tick. `p_tick_started` as in `lease_due_repairs`.
create or replace function ghost_repair.lease_by_share(
  p_kind text, p_due uuid[], p_share int, p_limit int, p_tick_started timestamptz, p_lease_seconds int
) returns table (instance_id uuid, token uuid)
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
begin
  if p_due = '{}' then
    return;
  end if;
  return query with asked as (
    -- By each number's key, here and below: joined, all credentials would be read.
    select k.api_url, count(*) as numbers
    from ghost_repair.leases l
    cross join lateral (
      select c.api_url from private.instance_credentials c
      where c.instance_id = l.subject offset 0) k
    where l.kind = p_kind and l.leased_at >= coalesce(p_tick_started, ghost_repair.now())
    group by k.api_url
  ), due as (
    select d.id, d.turn, row_number() over (partition by k.api_url order by d.turn)
      + coalesce(a.numbers, 0) as place
    from unnest(p_due) with ordinality d (id, turn)
    cross join lateral (
      select c.api_url from private.instance_credentials c where c.instance_id = d.id offset 0) k
    left join asked a on a.api_url = k.api_url
    -- As `is_leased`: of thousands.
    where not exists (
      select from ghost_repair.leases l
      where l.kind = p_kind and l.subject = d.id and (l.expires_at > ghost_repair.now()
        or l.leased_at >= coalesce(p_tick_started, ghost_repair.now())))
  ), taken as (
    select i.id
    from (select d.id from due d where d.place <= p_share order by d.turn offset 0) d
    cross join lateral (
      select i.id from public.whatsapp_instances i where i.id = d.id
      for no key update skip locked) i
    limit p_limit
  )
  select l.subject, l.token from ghost_repair.take_leases(p_kind, array(select t.id from taken t),
    make_interval(secs => p_lease_seconds), p_tick_started) l;
end $$;

-- Those of them that are due. `scanning`: a connect has to follow the scan of the code that is shown.
-- `p_tick_started` as in `lease_due_repairs`.
create or replace function public.lease_waiting_numbers(
  p_limit int, p_tick_started timestamptz default null, p_lease_seconds int default null
) returns table (
  instance_id uuid, token uuid, connection_epoch bigint, instance_name text, api_url text,
  api_key text, scanning boolean, tick_started timestamptz
)
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
begin
  return query with due as (
    select d.* from ghost_repair.waiting_numbers d where d.due_at <= ghost_repair.now()
  )
  select d.id, l.token, d.connection_epoch, d.instance_name, d.api_url, d.api_key, d.scanning,
    coalesce(p_tick_started, ghost_repair.now())
  from ghost_repair.lease_by_share('watch', array(select d.id from due d order by d.due_at, d.id),
    (select s.watch_numbers from ghost_repair.settings s),
    p_limit, p_tick_started, p_lease_seconds) l
  join due d on d.id = l.instance_id
  order by d.due_at, d.id;
end $$;

-- What a look found; ends its lease. Nothing is written where the number waits no more, or was
-- reported open since the lease: what was found is older than that.
--
-- p_outcome  {outcome: open | close | connecting | not_found | unreachable | …, ms, …}
-- Returns    {next, token}. next:
--            connected   open, and nobody disconnected it
--            logout      open, against a person's wish: log out once, then `record_owed_logout`
--            waits       as it was
--            overtaken   nothing was written
create or replace function public.record_watch(
  p_instance_id uuid, p_token uuid, p_epoch bigint, p_outcome jsonb
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_session ghost_repair.session := ghost_repair.lock_session(p_instance_id);
  v_held constant boolean := ghost_repair.end_lease('watch', p_instance_id, p_token);
  v_found text := p_outcome ->> 'outcome';
  v_interval interval := (select s.waiting_interval from ghost_repair.settings s);
  v_token uuid;
begin
  if not v_held or v_session.connection_epoch is distinct from p_epoch
    or not exists (select from ghost_repair.waiting_numbers d where d.id = p_instance_id) then
    return '{"next": "overtaken"}';
  end if;
  insert into ghost_repair.watches as w (instance_id, next_look_at)
  values (p_instance_id, ghost_repair.now() + ghost_repair.stagger(v_interval))
  on conflict (instance_id) do update set
    looked_at = excluded.looked_at, next_look_at = excluded.next_look_at;
  if v_found not in ('open', 'close', 'connecting') then
    perform ghost_repair.note_trouble(p_instance_id, ghost_repair.trouble_reason(v_found));
    return '{"next": "waits"}';
  end if;
  perform ghost_repair.end_trouble(p_instance_id);
  if v_found <> 'open' then
    perform ghost_repair.end_owed_logout(p_instance_id);
    return '{"next": "waits"}';
  elsif not v_session.manual_disconnect then
    perform ghost_repair.mark_connected(p_instance_id,
      '{"source": "watch"}'::jsonb || (p_outcome - 'outcome'));
    return '{"next": "connected"}';
  end if;
  -- Nobody connects it meanwhile: a person who wants it back waits for the answer.
  if not exists (select from ghost_repair.owed_logouts o where o.instance_id = p_instance_id) then
    perform ghost_repair.owe_logout(p_instance_id, '{"source": "watch"}');
  end if;
  if not ghost_repair.is_leased('reconnect', p_instance_id)
    and ghost_repair.begin_owed_logout(p_instance_id) then
    v_token := ghost_repair.take_lease('reconnect', p_instance_id,
      (select s.connect_time from ghost_repair.settings s));
  end if;
  return case when v_token is null then '{"next": "waits"}'::jsonb
    else jsonb_build_object('next', 'logout', 'token', v_token) end;
end $$;

-- Called right before the connect that has to follow a scan: once for each code that was shown, and not
-- while anybody else connects. Under the lease of the look that saw the scan. Null: do not connect.
create or replace function public.begin_scan_connect(p_instance_id uuid, p_token uuid) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  v_token uuid;
begin
  perform ghost_repair.lock_session(p_instance_id);
  if not ghost_repair.holds_lease('watch', p_instance_id, p_token)
    or not exists (
      select from ghost_repair.waiting_numbers d where d.id = p_instance_id and d.scanning) then
    return null;
  end if;
  v_token := ghost_repair.take_lease('reconnect', p_instance_id,
    (select s.connect_time from ghost_repair.settings s));
  update private.instance_qr_codes c set connect_called = true
  where c.instance_id = p_instance_id and v_token is not null;
  return v_token;
end $$;

-- What the owed logout came to: {logout, registry, ms, …}. The registry says close: the person's wish
-- is carried out. It does not: the next try comes later, or with the next report that it is open.
create or replace function public.record_owed_logout(
  p_instance_id uuid, p_token uuid, p_outcome jsonb
) returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform ghost_repair.lock_session(p_instance_id);
  perform ghost_repair.end_lease('reconnect', p_instance_id, p_token);
  perform ghost_repair.add_event(p_instance_id, 'logout', p_outcome || '{"source": "owed"}');
  if p_outcome ->> 'registry' in ('close', 'not_found') then
    perform ghost_repair.end_owed_logout(p_instance_id);
  end if;
end $$;

revoke all on function public.lease_watched_numbers(int, timestamptz, int),
  public.record_watched_numbers(jsonb),
  public.lease_waiting_numbers(int, timestamptz, int),
  public.record_watch(uuid, uuid, bigint, jsonb),
  public.begin_scan_connect(uuid, uuid),
  public.record_owed_logout(uuid, uuid, jsonb)
  from public, anon, authenticated;
grant execute on function public.lease_watched_numbers(int, timestamptz, int),
  public.record_watched_numbers(jsonb),
  public.lease_waiting_numbers(int, timestamptz, int),
  public.record_watch(uuid, uuid, bigint, jsonb),
  public.begin_scan_connect(uuid, uuid),
  public.record_owed_logout(uuid, uuid, jsonb)
  to service_role;
