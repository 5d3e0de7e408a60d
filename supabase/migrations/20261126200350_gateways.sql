-- The gateways, one row each: what is known of the server behind an address, whichever of its numbers
-- told it.

alter table ghost_repair.settings
  -- A webhook of a gateway is written down so often at the most: every number of it comes by there.
  add column if not exists webhook_noted_every interval not null default interval '30 seconds',
  -- So long after a webhook of it the silence of a gateway says something.
  add column if not exists webhook_heard_within interval not null default interval '10 minutes',
  -- When a gateway is asked for its version: again, and again where it did not say.
  add column if not exists version_read_every interval not null default interval '1 day',
  add column if not exists version_retry_after interval not null default interval '10 minutes',
  -- What was read within so long is still so: a process with another version needs longer to come up
  -- (6.7 s, measured).
  add column if not exists version_read_again interval not null default interval '5 seconds',
  -- What makes a new process likely (its numbers open anew, it was silent) is a reason to ask for it
  -- so long after the last answer, at the earliest.
  add column if not exists version_doubted_after interval not null default interval '1 minute';

create table if not exists private.gateways (
  -- As in `private.instance_credentials`.
  api_url text primary key,
  -- As `GET /` says it; null: not read yet, or it did not say. Counts as 2.3.7.
  version text,
  version_read_at timestamptz,
  -- Asked, whether it answered or not, and when it is asked next.
  version_asked_at timestamptz,
  version_due_at timestamptz not null default '-infinity',
  -- False: a logout does harm on this version (`_shared/gateway/capabilities.ts` says which and why).
  logout_safe boolean not null default true,
  -- True: the harm is that the number hears nothing until the gateway's process restarts.
  logout_deafens boolean not null default false,
  -- True: a delete removes an instance whose websocket is dead, and its name can be had again.
  deletes_zombies boolean not null default false,
  -- True: a scan after a logout does not finish by itself, a connect has to follow it.
  connect_after_scan boolean not null default false,
  -- When a webhook of any of its numbers was really delivered here. That its setting is right proves
  -- nothing: the network or the key may be wrong.
  last_webhook_at timestamptz,
  -- It was silent from then to then, and speaks again: what its numbers heard meanwhile is compared,
  -- number by number up to this one.
  silent_from timestamptz,
  silent_until timestamptz,
  silence_told_to uuid
) with (fillfactor = 50);
create index if not exists gateways_version_due on private.gateways (version_due_at);
create index if not exists gateways_silent on private.gateways (silent_until)
  where silent_until is not null;
alter table private.gateways enable row level security;

-- The address of a number's gateway; null: it has none.
create or replace function ghost_repair.gateway_of(p_instance_id uuid) returns text
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select k.api_url from private.instance_credentials k where k.instance_id = p_instance_id);
end $$;

-- Whoever gives a number a gateway makes it known, so that its version is asked for. Where it was
-- forgotten meanwhile (`prune`), its first webhook or repair makes it known.
create or replace function ghost_repair.remember_gateway() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.gateways (api_url) values (new.api_url) on conflict do nothing;
  return null;
end $$;
create or replace trigger instance_credentials_gateway_known
  after insert or update of api_url on private.instance_credentials
  for each row execute function ghost_repair.remember_gateway();
insert into private.gateways (api_url)
select distinct k.api_url from private.instance_credentials k
on conflict do nothing;

-- A webhook of this number's gateway was delivered. Every number of the gateway comes by here: written
-- now and then (`webhook_noted_every`), and not waited for where somebody else is writing it.
create or replace function ghost_repair.webhook_delivered(p_instance_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_api_url text;
  v_silent timestamptz := ghost_repair.now()
    - (select s.webhook_heard_within from ghost_repair.settings s);
begin
  select k.api_url into v_api_url
  from private.instance_credentials k where k.instance_id = p_instance_id;
  if v_api_url is null or exists (
    select from private.gateways g where g.api_url = v_api_url
      and g.last_webhook_at
        > ghost_repair.now() - (select s.webhook_noted_every from ghost_repair.settings s)) then
    return;
  end if;
  perform from private.gateways g where g.api_url = v_api_url for update skip locked;
  if found then
    update private.gateways g set
      silent_from = case when g.last_webhook_at < v_silent then
        least(g.silent_from, g.last_webhook_at) else g.silent_from end,
      silent_until = case when g.last_webhook_at < v_silent
        then ghost_repair.now() else g.silent_until end,
      -- It may be another that speaks again.
      version_due_at = case when g.last_webhook_at < v_silent
        then least(g.version_due_at, ghost_repair.now()) else g.version_due_at end,
      last_webhook_at = ghost_repair.now()
    where g.api_url = v_api_url;
  elsif not exists (select from private.gateways g where g.api_url = v_api_url) then
    insert into private.gateways (api_url, last_webhook_at) values (v_api_url, ghost_repair.now())
    on conflict (api_url) do nothing;
  end if;
end $$;

-- Whether a webhook of this number's gateway was delivered lately, so that its silence says something.
create or replace function ghost_repair.hears_gateway(p_instance_id uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    -- By its key: joined, all gateways may be read.
    select from private.gateways g
    where g.api_url = ghost_repair.gateway_of(p_instance_id) and g.last_webhook_at
      > ghost_repair.now() - (select s.webhook_heard_within from ghost_repair.settings s))
$$;

-- Whether a logout does harm on the version that this number's gateway runs.
create or replace function ghost_repair.is_logout_unsafe(p_instance_id uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select from private.gateways g
    where g.api_url = ghost_repair.gateway_of(p_instance_id) and not g.logout_safe)
$$;

-- A number's session opened anew though nobody had said that it was gone: the gateway's process may be
-- another one. All of its numbers come by here then, and the first is enough: nobody waits for the row.
create or replace function ghost_repair.doubt_version(p_instance_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_api_url text;
begin
  select g.api_url into v_api_url from private.gateways g
  where g.api_url = ghost_repair.gateway_of(p_instance_id) and g.version_due_at > ghost_repair.now()
    and g.version_read_at
      < ghost_repair.now() - (select s.version_doubted_after from ghost_repair.settings s)
  for update skip locked;
  update private.gateways g set version_due_at = ghost_repair.now() where g.api_url = v_api_url;
end $$;

-- Whether any number is at this gateway. From an address to itself, not by `=`: it is then looked up by
-- its address, also where most numbers have one and the planner would rather read them all.
create or replace function ghost_repair.has_numbers(p_api_url text) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select true from private.instance_credentials k
    where k.api_url >= p_api_url and k.api_url <= p_api_url order by k.api_url limit 1) is not null;
end $$;

-- Gateways whose version is to be read, whoever asks: never asked, silent lately, or a day old. Found
-- by their time, not among all.
create or replace view ghost_repair.due_gateway_versions as
select g.api_url, g.version_due_at
from private.gateways g
where g.version_due_at <= ghost_repair.now() and ghost_repair.has_numbers(g.api_url);

-- Up to `p_limit` of them, none handed out twice; or (`p_instance_id`) the one of a number that is
-- about to be touched. What may be done there hangs on the answer, so each such caller asks for itself,
-- unless there was an answer a moment ago (`version_read_again`): a question that is under way is none.
create or replace function public.claim_gateway_versions(p_limit int, p_instance_id uuid default null)
returns setof text
language sql security definer set search_path = '' as $$
  with due as (
    select d.api_url from (
      select v.api_url, v.version_due_at from ghost_repair.due_gateway_versions v
      where p_instance_id is null
      union all
      select k.api_url, null from private.instance_credentials k
      where k.instance_id = p_instance_id) d
    order by d.version_due_at, d.api_url
    limit p_limit
  )
  insert into private.gateways as g (api_url, version_asked_at, version_due_at)
  select d.api_url, ghost_repair.now(), ghost_repair.now() + s.version_retry_after
  from due d cross join ghost_repair.settings s
  -- Also where two ask at once.
  on conflict (api_url) do update set
    version_asked_at = excluded.version_asked_at,
    version_due_at = case when g.version is null then excluded.version_due_at
      else excluded.version_asked_at
        + (select s.version_read_every from ghost_repair.settings s) end
  where coalesce(case when p_instance_id is null then g.version_asked_at else g.version_read_at end,
      '-infinity')
    < ghost_repair.now() - (select s.version_read_again from ghost_repair.settings s)
  returning g.api_url
$$;

-- What a gateway said of itself. One that does not answer keeps what it said before. The timeline of
-- one of its numbers tells of a version that is not the one before, or not known. An upgrade changes
-- what may be done: from now on, also to repairs that are under way.
--
-- p_version  As it is, or what was found instead
-- p_support  known | assumed (as the nearest older one) | unusable (too old, or no Evolution API)
create or replace function public.record_gateway_version(
  p_api_url text, p_version text, p_logout_safe boolean, p_support text default 'known',
  p_logout_deafens boolean default false, p_deletes_zombies boolean default false,
  p_connect_after_scan boolean default false
) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_was text := (select g.version from private.gateways g where g.api_url = p_api_url);
begin
  if v_was is distinct from p_version and (v_was is not null or p_support <> 'known') then
    perform ghost_repair.add_event(
      (select k.instance_id from private.instance_credentials k
        where k.api_url = p_api_url order by k.instance_id limit 1),
      case p_support when 'known' then 'gateway_version'
        else 'gateway_version_' || p_support end,
      jsonb_strip_nulls(jsonb_build_object('version', p_version, 'was', v_was)));
  end if;
  update private.gateways g set
    version = p_version, logout_safe = p_logout_safe, logout_deafens = p_logout_deafens,
    deletes_zombies = p_deletes_zombies, connect_after_scan = p_connect_after_scan,
    version_read_at = ghost_repair.now(),
    version_due_at = ghost_repair.now()
      + case when p_version is null or p_support = 'unusable' then s.version_retry_after
        else s.version_read_every end
  from ghost_repair.settings s
  where g.api_url = p_api_url;
end $$;

-- Whether a number that was logged out there is deaf from then on.
create or replace function ghost_repair.does_logout_deafen(p_instance_id uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select from private.gateways g
    where g.api_url = ghost_repair.gateway_of(p_instance_id) and g.logout_deafens)
$$;

revoke all on function public.claim_gateway_versions(int, uuid),
  public.record_gateway_version(text, text, boolean, text, boolean, boolean, boolean)
  from public, anon, authenticated;
grant execute on function public.claim_gateway_versions(int, uuid),
  public.record_gateway_version(text, text, boolean, text, boolean, boolean, boolean)
  to service_role;
