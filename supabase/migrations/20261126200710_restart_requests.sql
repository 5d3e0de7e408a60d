-- What only a restart of the gateway's process cures is cured without a person, where a restart agent
-- runs beside the gateway (`restart-agent/`): one request for a gateway, however many of its numbers
-- are dead.
--
--   end_steps ── request_restart ──▶ repair: restart_requested      request: open, one a gateway
--                                                                        │ pairings and sends end first
--                                                    claim_restart_requests ── signed call ── the agent
--        too soon, outside its window ──▶ asked again when it says so; a person is told where that is long
--        no answer ─────────────────────▶ asked again: 1, 2, 4 … minutes     │
--        it will not, or could not ─────▶ needs_operator ◀── record_restart ─┘
--        restarted ─────────────────────▶ repair: restarted ── probed after 10, 20, 40 s ── healed
--                                                    │ not helped: once more, then needs_operator

alter table ghost_repair.settings
  -- Off: a person is told, as without an agent. One statement:
  --   update ghost_repair.settings set restart_agents = false
  add column if not exists restart_agents boolean not null default true,
  -- So long other numbers of the gateway may end a pairing or a send that is under way.
  add column if not exists restart_patience interval not null default interval '2 minutes',
  -- So many restarts that did not help, one after another within this time, and no more are asked for.
  add column if not exists restart_tries int not null default 2,
  add column if not exists restart_tries_within interval not null default interval '1 day',
  -- An agent that refused or failed is not asked again for so long.
  add column if not exists restart_refused_for interval not null default interval '1 hour',
  -- Calls without an answer, before a person is told.
  add column if not exists restart_calls int not null default 6,
  -- A restart that its agent puts off for longer is told to a person, who may not want to wait.
  add column if not exists restart_tell_after interval not null default interval '15 minutes',
  -- Longer than a call waits for its answer.
  add column if not exists restart_call_time interval not null default interval '3 minutes',
  -- When the numbers are asked after a restart: the first was open after 10.6 s, of twelve the last
  -- after 12.5 s (measured).
  add column if not exists restart_first_look interval not null default interval '10 seconds',
  -- Two sockets that still fight so long after it are not of one process.
  add column if not exists restart_conflict_ends interval not null default interval '2 minutes';

-- Where a gateway's agent is, and what its calls are signed with.
create table if not exists private.restart_agents (
  -- As in `private.instance_credentials`.
  api_url text primary key,
  agent_url text not null check (agent_url ~ '^https?://'),
  secret text not null check (length(secret) >= 16),
  -- Signs as well until the agent knows the new one.
  previous_secret text,
  previous_valid_until timestamptz
);
alter table private.restart_agents enable row level security;

create table if not exists ghost_repair.restart_requests (
  id uuid primary key default gen_random_uuid(),
  api_url text not null,
  opened_at timestamptz not null default ghost_repair.now(),
  next_call_at timestamptz not null default ghost_repair.now(),
  -- Calls that were made since the agent answered last.
  attempts int not null default 0,
  -- Calls that were answered: each call after an answer is another one for the agent.
  answers int not null default 0,
  -- The newest answer: restarted, too_soon, outside_window, not_curable, failed, no_answer, …
  outcome text,
  why text,
  restarted_at timestamptz,
  -- It was answered for good, or nobody needs it any more.
  closed_at timestamptz,
  -- Numbers that lived afterwards, and that did not.
  helped int not null default 0,
  unhelped int not null default 0
);
create unique index if not exists restart_requests_open on ghost_repair.restart_requests (api_url)
  where closed_at is null;
create index if not exists restart_requests_gateway
  on ghost_repair.restart_requests (api_url, opened_at desc);
create index if not exists restart_requests_age on ghost_repair.restart_requests (closed_at);
create index if not exists ghost_repairs_process on public.ghost_repairs (state)
  where closed_at is null and state in ('restart_requested', 'restarted');
alter table ghost_repair.restart_requests enable row level security;

-- A gateway's newest request.
create or replace function ghost_repair.newest_restart_request(p_api_url text)
returns ghost_repair.restart_requests
language sql stable security definer set search_path = '' as $$
  select q.* from ghost_repair.restart_requests q
  where q.api_url = p_api_url order by q.opened_at desc, q.id limit 1
$$;

-- Whether a gateway has an agent that may be asked at all.
create or replace function ghost_repair.has_restart_agent(p_api_url text) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select from private.restart_agents a, ghost_repair.settings s
    where a.api_url = p_api_url and s.restart_agents and s.enabled)
$$;

-- The ladder's place for it. Not where restarts did not help: twice one after another for this number,
-- or for anybody of its gateway; nor soon after an agent that would not.
create or replace function ghost_repair.may_request_restart(p_instance_id uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select ghost_repair.has_restart_agent(g.api_url)
    and not exists (
      select from ghost_repair.newest_restart_request(g.api_url) q
      where q.closed_at > ghost_repair.now() - s.restart_refused_for and q.restarted_at is null
        and q.outcome <> 'not_needed')
    and s.restart_tries > (
      select coalesce(sum(r.process_restarts), 0) from public.ghost_repairs r
      where r.instance_id = p_instance_id
        and r.process_restarted_at > ghost_repair.now() - s.restart_tries_within)
    and s.restart_tries > (
      select count(*) filter (where q.helped = 0 and q.unhelped > 0) from (
        select q.helped, q.unhelped from ghost_repair.restart_requests q
        where q.api_url = g.api_url and q.restarted_at is not null
          and q.restarted_at > ghost_repair.now() - s.restart_tries_within
        order by q.opened_at desc limit s.restart_tries) q)
  from (select ghost_repair.gateway_of(p_instance_id) as api_url) g, ghost_repair.settings s
$$;

-- The ladder's place for it: only for what a restart cures. One request for a gateway: who comes later
-- waits for the same.
create or replace function ghost_repair.request_restart(p_instance_id uuid, p_reason text)
returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  if p_reason not in ('steps_used_up', 'not_loaded', 'gateway_stuck', 'session_conflict', 'deaf',
      'deaf_after_logout')
    or not ghost_repair.may_request_restart(p_instance_id) then
    return false;
  end if;
  perform ghost_repair.open_restart_request(ghost_repair.gateway_of(p_instance_id));
  return true;
end $$;

create or replace function ghost_repair.open_restart_request(p_api_url text) returns void
language sql security definer set search_path = '' as $$
  insert into ghost_repair.restart_requests (api_url)
  select p_api_url where not exists (
    select from ghost_repair.restart_requests q
    where q.api_url = p_api_url and q.closed_at is null)
  on conflict (api_url) where closed_at is null do nothing
$$;

-- The ladder's place for it.
create or replace function ghost_repair.is_restart_awaited(p_instance_id uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select from ghost_repair.newest_restart_request(ghost_repair.gateway_of(p_instance_id)) q,
      ghost_repair.settings s
    where q.id is not null and (q.closed_at is null or q.restarted_at > ghost_repair.now() - s.restart_conflict_ends))
$$;

-- The ladder's place for it: whether the gateway's newest restart helped anybody.
create or replace function ghost_repair.after_restart(p_instance_id uuid, p_helped boolean)
returns void
language sql security definer set search_path = '' as $$
  update ghost_repair.restart_requests q set
    helped = q.helped + p_helped::int, unhelped = q.unhelped + (not p_helped)::int
  where q.id = (
    select n.id from ghost_repair.restart_requests n
    where n.api_url = ghost_repair.gateway_of(p_instance_id) and n.restarted_at is not null
    order by n.restarted_at desc limit 1)
$$;

-- Whether other numbers of a gateway are in the middle of a pairing or a send: a restart would break
-- it off. From the codes and sends, which are few: a gateway may have very many numbers.
create or replace function ghost_repair.is_gateway_busy(p_api_url text) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
      select from private.instance_qr_codes c
      where c.expires_at > ghost_repair.now()
        and ghost_repair.gateway_of(c.instance_id) = p_api_url)
    or exists (
      select from public.messages m
      where m.status = 'sending' and m.sending_since is not null
        and ghost_repair.gateway_of(m.whatsapp_instance_id) = p_api_url
        and not ghost_repair.has_open_repair(m.whatsapp_instance_id))
$$;

-- Requests whose call is due, whoever asks.
create or replace view ghost_repair.due_restart_requests as
select q.id, q.next_call_at
from ghost_repair.restart_requests q
cross join ghost_repair.settings s
where q.closed_at is null and q.next_call_at <= ghost_repair.now() and not ghost_repair.is_paused()
  and (q.opened_at <= ghost_repair.now() - s.restart_patience
    or not ghost_repair.is_gateway_busy(q.api_url));

-- Repairs that wait for a request that is over, or cannot be made, and two sockets that fight on after
-- the restart; and what they become.
create or replace view ghost_repair.settled_restarts as
select r.id, r.instance_id, q.restarted_at, q.outcome, q.why, case
    when r.state = 'restarted' then 'not_helped'
    when q.restarted_at >= r.process_restart_asked_at then 'restarted'
    when not ghost_repair.has_restart_agent(q.api_url) or q.closed_at >= r.process_restart_asked_at
      then 'refused'
    else 'asked_again'
  end as becomes
from public.ghost_repairs r
cross join ghost_repair.settings s
left join lateral ghost_repair.newest_restart_request(ghost_repair.gateway_of(r.instance_id)) q on true
where r.closed_at is null and r.state in ('restart_requested', 'restarted')
  and case r.state
    when 'restart_requested' then q.id is null or q.closed_at is not null
      or not ghost_repair.has_restart_agent(q.api_url)
    when 'restarted' then r.evidence ->> 'reason' = 'session_conflict'
      and r.process_restarted_at <= ghost_repair.now() - s.restart_conflict_ends
      and ghost_repair.is_session_conflict(r.instance_id)
    else false
  end;

-- Makes them that. Numbers that somebody has locked have their turn at the next tick. Returns how many
-- were settled.
create or replace function ghost_repair.settle_restarts() returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  v_settled record;
  v_repair public.ghost_repairs;
  v_first_look constant interval := (
    select s.restart_first_look from ghost_repair.settings s);
  v_count bigint := 0;
begin
  for v_settled in select t.* from ghost_repair.settled_restarts t loop
    continue when (ghost_repair.lock_session(v_settled.instance_id, true)).instance_id is null;
    select r.* into v_repair from public.ghost_repairs r
    where r.id = v_settled.id and r.closed_at is null for no key update;
    continue when not found;
    v_count := v_count + 1;
    case v_settled.becomes
      when 'restarted' then
        update public.ghost_repairs r set
          state = 'restarted', step = 'restarted', process_restarted_at = v_settled.restarted_at,
          next_step_at = v_settled.restarted_at + v_first_look
        where r.id = v_repair.id;
        perform ghost_repair.add_event(v_repair.instance_id, 'process_restarted', '{}');
      when 'refused' then
        update public.ghost_repairs r set state = 'needs_operator', step = 'needs_operator'
        where r.id = v_repair.id;
        perform ghost_repair.add_event(v_repair.instance_id, 'needs_operator',
          jsonb_strip_nulls(jsonb_build_object('reason', v_repair.evidence -> 'reason',
            'restart', coalesce(v_settled.outcome, 'no_agent'), 'why', v_settled.why)));
      when 'not_helped' then
        perform ghost_repair.after_restart(v_repair.instance_id, false);
        update public.ghost_repairs r set process_restarts = r.process_restarts + 1
        where r.id = v_repair.id returning r.* into v_repair;
        perform ghost_repair.end_steps(v_repair, 'session_conflict',
          jsonb_build_object('process_restarts', v_repair.process_restarts));
      else
        perform ghost_repair.open_restart_request(ghost_repair.gateway_of(v_repair.instance_id));
    end case;
  end loop;
  -- What nobody waits for any more, or nobody may call, is over.
  update ghost_repair.restart_requests q set
    closed_at = ghost_repair.now(), outcome = 'not_needed'
  where q.closed_at is null and (not ghost_repair.has_restart_agent(q.api_url)
    or not exists (
      select from public.ghost_repairs r
      where r.closed_at is null and r.state = 'restart_requested'
        and ghost_repair.gateway_of(r.instance_id) = q.api_url));
  return v_count;
end $$;

-- The share of a gateway's numbers that are dead, 0 to 1; those that a person disconnected do not
-- count. Where they are dead one after another, as the watch has found, it is all of them.
create or replace function ghost_repair.dead_share(p_api_url text, p_instance_id uuid) returns float8
language sql stable security definer set search_path = '' as $$
  select case when ghost_repair.is_gateway_dead(p_instance_id) then 1 else (
    select count(*) filter (where ghost_repair.has_open_repair(i.id))::float8
      / greatest(count(*), 1)
    from private.instance_credentials k
    join public.whatsapp_instances i on i.id = k.instance_id
    where k.api_url = p_api_url and not i.manual_disconnect and i.deleted_at is null) end
$$;

-- Requests that are due, each to one caller until `restart_call_time` is over, and what the agent is
-- told: `call_id` is the same until the agent has answered. No phone number, no key of the gateway.
create or replace function public.claim_restart_requests(p_limit int)
returns table (
  request_id uuid, call_id text, agent_url text, secrets text[], gateway text, reason text,
  share float8, since timestamptz, names text[], numbers int, tried jsonb
)
language sql security definer set search_path = '' as $$
  select ghost_repair.settle_restarts();
  with due as (
    select q.id from ghost_repair.restart_requests q
    join ghost_repair.due_restart_requests d on d.id = q.id
    order by d.next_call_at limit p_limit for update of q skip locked
  ), claimed as (
    update ghost_repair.restart_requests q set
      attempts = q.attempts + 1,
      next_call_at = ghost_repair.now() + (select s.restart_call_time from ghost_repair.settings s)
    from due d where q.id = d.id
    returning q.*
  )
  select c.id, c.id || ':' || c.answers, a.agent_url, array_remove(array[a.secret,
      case when a.previous_valid_until > ghost_repair.now() then a.previous_secret end], null),
    c.api_url, w.reason, ghost_repair.dead_share(c.api_url, w.one), w.since, w.names, w.numbers,
    jsonb_build_object('connect', w.connected, 'restart', w.restarted, 'logout', w.logged_out)
  from claimed c
  join private.restart_agents a on a.api_url = c.api_url
  cross join lateral (
    select mode() within group (order by r.evidence ->> 'reason') as reason,
      (array_agg(r.instance_id))[1] as one,
      min(coalesce(i.disconnected_since, r.opened_at)) as since,
      (array_agg(coalesce(i.display_name, i.instance_name) order by r.opened_at))[:20] as names,
      count(*)::int as numbers,
      bool_or(r.connect_called_at is not null) as connected,
      bool_or(r.restart_called_at is not null) as restarted,
      bool_or(r.logout_called_at is not null) as logged_out
    from public.ghost_repairs r
    join public.whatsapp_instances i on i.id = r.instance_id
    where r.closed_at is null and r.state = 'restart_requested'
      and ghost_repair.gateway_of(r.instance_id) = c.api_url) w
$$;

-- What the agent answered: {result, why?, retry_after_seconds?}. A call that it has taken before may
-- have been carried out: what the numbers then are tells. Returns whether the request was still open.
create or replace function public.record_restart(p_request_id uuid, p_answer jsonb) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_settings ghost_repair.settings := (select s from ghost_repair.settings s);
  v_result constant text := p_answer ->> 'result';
  v_before text;
  v_request ghost_repair.restart_requests;
  v_waiting uuid[];
begin
  select q.outcome into v_before from ghost_repair.restart_requests q
  where q.id = p_request_id and q.closed_at is null for update;
  if not found then
    return false;
  end if;
  update ghost_repair.restart_requests q set
    outcome = case v_result when 'replayed' then 'restarted' else v_result end,
    why = p_answer ->> 'why',
    attempts = case when v_result = 'no_answer' then q.attempts else 0 end,
    answers = q.answers + (v_result <> 'no_answer')::int,
    restarted_at = case when v_result in ('restarted', 'replayed') then ghost_repair.now() end,
    next_call_at = ghost_repair.now() + case
      when v_result = 'no_answer' then make_interval(mins => (2 ^ (q.attempts - 1))::int)
      else make_interval(secs => least(3600, greatest(10,
        coalesce((p_answer ->> 'retry_after_seconds')::float8, 600)))) end,
    closed_at = case
      when v_result in ('too_soon', 'outside_window') then null
      when v_result = 'no_answer' and q.attempts < v_settings.restart_calls then null
      else ghost_repair.now() end
  where q.id = p_request_id
  returning q.* into v_request;
  if v_result in ('too_soon', 'outside_window') and v_result is distinct from v_before then
    v_waiting := array(
      select r.id from public.ghost_repairs r
      where r.closed_at is null and r.state = 'restart_requested'
        and ghost_repair.gateway_of(r.instance_id) = v_request.api_url);
    perform ghost_repair.add_event(r.instance_id, 'restart_postponed', jsonb_build_object(
      'reason', v_result, 'seconds', p_answer -> 'retry_after_seconds'))
    from public.ghost_repairs r where r.id = any (v_waiting);
    if make_interval(secs => (p_answer ->> 'retry_after_seconds')::float8)
      > v_settings.restart_tell_after then
      perform ghost_repair.add_event(r.instance_id, 'needs_operator',
        '{"reason": "restart_postponed"}')
      from public.ghost_repairs r where r.id = any (v_waiting);
      insert into ghost_repair.operator_notices (repair_id)
      select w.id from unnest(v_waiting) w (id) on conflict (repair_id) do nothing;
    end if;
  end if;
  perform ghost_repair.settle_restarts();
  return true;
end $$;

-- For administrators' tools: which agent runs beside a gateway; null: none. The secret of before signs
-- as well for so long, so that neither side has to change at the same moment.
create or replace function public.save_restart_agent(
  p_api_url text, p_agent_url text, p_secret text default null,
  p_keep_previous interval default interval '1 day'
) returns void
language plpgsql security definer set search_path = '' as $$
begin
  if p_agent_url is null then
    delete from private.restart_agents a where a.api_url = p_api_url;
    return;
  end if;
  insert into private.restart_agents as a (api_url, agent_url, secret)
  values (p_api_url, p_agent_url, p_secret)
  on conflict (api_url) do update set
    agent_url = excluded.agent_url, secret = excluded.secret,
    previous_secret = case when a.secret <> excluded.secret then a.secret
      else a.previous_secret end,
    previous_valid_until = case when a.secret <> excluded.secret
      then ghost_repair.now() + p_keep_previous else a.previous_valid_until end;
end $$;

revoke all on function public.claim_restart_requests(int),
  public.record_restart(uuid, jsonb),
  public.save_restart_agent(text, text, text, interval)
  from public, anon, authenticated;
grant execute on function public.claim_restart_requests(int),
  public.record_restart(uuid, jsonb),
  public.save_restart_agent(text, text, text, interval)
  to service_role;
