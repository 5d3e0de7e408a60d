-- What `metrics` tells Prometheus: totals, raised by triggers in the statement that ends a thing, and how
-- everything is now. Labels hold words of ours and a gateway's digest: no name, number or address, and
-- no more series than there are words and fifty gateways.

-- A gateway's address may hold its owner's name.
create or replace function ghost_repair.gateway_label(p_api_url text) returns text
language sql immutable set search_path = '' as $$
  select left(pg_catalog.encode(
    pg_catalog.sha256(pg_catalog.convert_to(p_api_url, 'UTF8')), 'hex'), 12)
$$;

-- The fifty gateways with the most numbers have a label each, the rest one together.
create or replace view ghost_repair.gateway_labels as
select c.api_url, case when row_number() over (order by c.numbers desc, c.api_url) <= 50
  then ghost_repair.gateway_label(c.api_url) else 'other' end as label
from (
  select k.api_url, count(*) as numbers from private.instance_credentials k group by k.api_url) c;

create or replace function ghost_repair.count_send_end() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform ghost_repair.raise_total('ghost_repair_sends_total', case
    when new.status = 'failed' then
      jsonb_build_object('end', 'failed', 'reason', ghost_repair.label_word(new.error_code))
    -- It had been given up, and a report told better.
    when old.status = 'failed' then '{"end": "sent", "reason": "corrected"}'
    else '{"end": "sent", "reason": "none"}' end);
  return null;
end $$;
create or replace trigger messages_counted
  after update of status on public.messages
  for each row when (new.is_from_me and old.status is distinct from new.status
    and (new.status = 'failed' or (old.status in ('sending', 'held', 'failed')
      and new.status in ('sent', 'delivered', 'read'))))
  execute function ghost_repair.count_send_end();

-- How a repair began: what made somebody look, or a send that met Connection Closed.
create or replace function ghost_repair.repair_kind(p_repair public.ghost_repairs) returns text
language sql immutable set search_path = '' as $$
  select ghost_repair.label_word(case
    when p_repair.hearing is not null then 'hearing'
    when p_repair.evidence ? 'suspicion' then p_repair.evidence ->> 'suspicion'
    when p_repair.evidence ->> 'reason' = 'session_conflict' then 'session_conflict'
    when p_repair.evidence ? 'logout' then 'connection_closed'
    else 'other' end)
$$;

create or replace function ghost_repair.count_repair_end() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform ghost_repair.raise_total('ghost_repair_repairs_total', jsonb_build_object(
    'kind', ghost_repair.repair_kind(new), 'outcome', ghost_repair.label_word(new.outcome)));
  return null;
end $$;
create or replace trigger ghost_repairs_counted
  after update of closed_at on public.ghost_repairs
  for each row when (old.closed_at is null and new.closed_at is not null)
  execute function ghost_repair.count_repair_end();

-- Found dead: how long nothing had proved its life. Longer than it was dead, never shorter.
create or replace function ghost_repair.count_event() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_alive_at timestamptz;
begin
  case new.kind
    when 'connection_closed' then
      perform ghost_repair.raise_total('ghost_repair_connection_closed_total');
    when 'false_alarm' then perform ghost_repair.raise_total('ghost_repair_false_alarms_total');
    when 'logout' then
      perform ghost_repair.raise_total('ghost_repair_logouts_total', jsonb_build_object(
        'answer', ghost_repair.label_word(new.detail ->> 'logout')));
    else
      select i.last_alive_at into v_alive_at from public.whatsapp_instances i
      where i.id = new.instance_id;
      if v_alive_at is not null then
        perform ghost_repair.raise_total('ghost_repair_detection_seconds', jsonb_build_object(
            'by', ghost_repair.label_word(coalesce(new.detail ->> 'source', 'send'))), 1,
          extract(epoch from ghost_repair.now() - v_alive_at)::float8);
      end if;
  end case;
  return null;
end $$;
create or replace trigger instance_events_counted
  after insert on public.instance_events
  for each row when (new.kind in
    ('connection_closed', 'false_alarm', 'logout', 'marked_disconnected'))
  execute function ghost_repair.count_event();

-- Connected again: how long it was away, by what it waited for last. Not the first time, nor what a
-- person had disconnected.
create or replace function ghost_repair.count_time_away() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform ghost_repair.raise_total('ghost_repair_away_seconds',
    jsonb_build_object('waited', case old.status when 'awaiting_qr' then 'scan' else 'nobody' end),
    1, extract(epoch from ghost_repair.now() - old.disconnected_since)::float8);
  return null;
end $$;
create or replace trigger whatsapp_instances_counted
  after update of status on public.whatsapp_instances
  for each row when (new.status = 'connected' and old.status <> 'connected'
    and old.disconnected_since is not null and old.connection_epoch > 0
    and not old.manual_disconnect)
  execute function ghost_repair.count_time_away();

create or replace function ghost_repair.count_restart() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'INSERT' then
    perform ghost_repair.raise_total('ghost_repair_restarts_asked_total');
  else
    perform ghost_repair.raise_total('ghost_repair_restarts_total',
      jsonb_build_object('outcome', ghost_repair.label_word(new.outcome)));
  end if;
  return null;
end $$;
create or replace trigger restart_requests_asked
  after insert on ghost_repair.restart_requests
  for each row execute function ghost_repair.count_restart();
create or replace trigger restart_requests_counted
  after update of closed_at on ghost_repair.restart_requests
  for each row when (old.closed_at is null and new.closed_at is not null)
  execute function ghost_repair.count_restart();

create or replace function ghost_repair.count_trial_end() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform ghost_repair.raise_total('ghost_repair_canary_trials_total',
    jsonb_build_object('verdict', ghost_repair.label_word(new.verdict)));
  return null;
end $$;
create or replace trigger canary_trials_counted
  after update of closed_at on ghost_repair.canary_trials
  for each row when (old.closed_at is null and new.closed_at is not null)
  execute function ghost_repair.count_trial_end();

create or replace function ghost_repair.count_alert_end() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform ghost_repair.raise_total('ghost_repair_alerts_total', jsonb_build_object(
    'channel', (select c.kind from private.alert_channels c where c.id = new.channel_id),
    'end', new.state));
  return null;
end $$;
create or replace trigger alert_messages_counted
  after update of state on ghost_repair.alert_messages
  for each row when (old.state <> new.state and new.state in ('sent', 'unknown', 'dropped'))
  execute function ghost_repair.count_alert_end();

create or replace function ghost_repair.count_recovered() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform ghost_repair.raise_total('ghost_repair_messages_recovered_total', '{}',
    new.stored - old.stored);
  perform ghost_repair.raise_total('ghost_repair_messages_missing_total', '{}',
    new.missing - old.missing);
  return null;
end $$;
create or replace trigger message_gaps_counted
  after update of stored, missing on public.message_gaps
  for each row when (new.stored > old.stored or new.missing > old.missing)
  execute function ghost_repair.count_recovered();

-- From the beginning on there is a 0 of what may happen: an increase from nothing is none to Prometheus.
insert into ghost_repair.totals (name, labels, value)
select s.name, s.labels, 0 from (values
  ('ghost_repair_sends_total', '{"end": "sent", "reason": "none"}'::jsonb, null::float8),
  ('ghost_repair_sends_total', '{"end": "sent", "reason": "corrected"}', null),
  ('ghost_repair_sends_total', '{"end": "failed", "reason": "connection_closed"}', null),
  ('ghost_repair_sends_total', '{"end": "failed", "reason": "interrupted"}', null),
  ('ghost_repair_sends_total', '{"end": "failed", "reason": "not_sent"}', null),
  ('ghost_repair_sends_total', '{"end": "failed", "reason": "rejected_by_whatsapp"}', null),
  ('ghost_repair_repairs_total', '{"kind": "connection_closed", "outcome": "healed"}', null),
  ('ghost_repair_repairs_total', '{"kind": "connection_closed", "outcome": "invalidated"}', null),
  ('ghost_repair_repairs_total', '{"kind": "watch", "outcome": "healed"}', null),
  ('ghost_repair_repairs_total', '{"kind": "watch", "outcome": "false_alarm"}', null),
  ('ghost_repair_connection_closed_total', '{}', null),
  ('ghost_repair_false_alarms_total', '{}', null),
  ('ghost_repair_logouts_total', '{"answer": "accepted"}', null),
  ('ghost_repair_logouts_total', '{"answer": "socket_dead"}', null),
  ('ghost_repair_probes_total', '{"finding": "alive"}', null),
  ('ghost_repair_probes_total', '{"finding": "suspected"}', null),
  ('ghost_repair_probes_total', '{"finding": "silent"}', null),
  ('ghost_repair_restarts_asked_total', '{}', null),
  ('ghost_repair_restarts_total', '{"outcome": "restarted"}', null),
  ('ghost_repair_canary_trials_total', '{"verdict": "hears"}', null),
  ('ghost_repair_alerts_total', '{"channel": "webhook", "end": "sent"}', null),
  ('ghost_repair_messages_recovered_total', '{}', null),
  ('ghost_repair_messages_missing_total', '{}', null),
  ('ghost_repair_detection_seconds', '{"by": "watch"}', 0),
  ('ghost_repair_detection_seconds', '{"by": "send"}', 0),
  ('ghost_repair_away_seconds', '{"waited": "nobody"}', 0),
  ('ghost_repair_away_seconds', '{"waited": "scan"}', 0)) t (name, labels, seconds)
cross join lateral ghost_repair.samples_of(
  row(t.name, t.labels, 0, t.seconds)::ghost_repair.raised_totals) s
on conflict do nothing;

-- How old the oldest work of each kind is that nobody has begun; 0: nothing waits longer than it should.
create or replace view ghost_repair.oldest_work as
select w.work, greatest(0, coalesce(
  extract(epoch from ghost_repair.now() - w.due_at)::float8, 0)) as seconds
from (
  select 'repairs' as work, (select min(d.next_step_at) from ghost_repair.due_repairs d) as due_at
  union all
  select 'looks', case when ghost_repair.is_watch_on() then (
    select min(n.next_look_at) from ghost_repair.watched_numbers n) end
  union all
  select 'canaries', (select min(d.next_step_at) from ghost_repair.due_trials d)
  union all
  select 'messages', (select min(m.sender_until) from ghost_repair.due_messages d
    join public.messages m on m.id = d.id
    where d.whatsapp_instance_id in (select r.instance_id from ghost_repair.due_releases r))
  union all
  select 'gaps', (select min(d.due_at) from ghost_repair.due_gaps d)
  union all
  select 'alerts', least((select min(d.due_at) from ghost_repair.due_alerts d),
    (select min(d.next_attempt_at) from ghost_repair.due_alert_messages d))
  union all
  select 'restarts', (select min(d.next_call_at) from ghost_repair.due_restart_requests d)) w;

-- Messages that have not left: how many, and how long the oldest waits.
create or replace view ghost_repair.waiting_messages as
select s.state, count(m.since) as messages, coalesce(greatest(0,
  extract(epoch from ghost_repair.now() - min(m.since))::float8), 0) as seconds
from (values ('queued'), ('sending'), ('held')) s (state)
left join (
  select case when m.status = 'held' then 'held' when m.sending_since is null then 'queued'
      else 'sending' end as state,
    case when m.status = 'held' then coalesce(m.held_until - o.hold_for, m.held_until)
      else coalesce(m.sending_since, m.sender_until - s.sender_time) end as since
  from public.messages m
  cross join ghost_repair.settings s
  left join private.message_settings o on o.organization_id = m.organization_id
  where m.status in ('sending', 'held')) m on m.state = s.state
group by s.state;

-- Everything that is measured, as of now; only reads. [{name, labels, value}]
create or replace function public.read_metrics() returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_agg(jsonb_build_object('name', s.name, 'labels', s.labels, 'value', s.value)
    order by s.name, s.labels)
  from (
    select t.name, t.labels, t.value from ghost_repair.current_totals t
    union all
    select 'ghost_repair_numbers', jsonb_build_object(
      'health', h.health, 'gateway', coalesce(g.label, 'none')), count(*)
    from public.instance_health h
    left join private.instance_credentials k on k.instance_id = h.instance_id
    left join ghost_repair.gateway_labels g on g.api_url = k.api_url
    group by h.health, g.label
    union all
    select 'ghost_repair_open_repairs', jsonb_build_object(
      'state', r.state, 'kind', ghost_repair.repair_kind(r)), count(*)
    from public.ghost_repairs r where r.closed_at is null
    group by r.state, ghost_repair.repair_kind(r)
    union all
    select 'ghost_repair_hearing_cases', jsonb_build_object('hearing', r.hearing), count(*)
    from public.ghost_repairs r where r.closed_at is null and r.hearing is not null
    group by r.hearing
    union all
    select m.name, jsonb_build_object('state', w.state), m.value
    from ghost_repair.waiting_messages w cross join lateral (values
      ('ghost_repair_messages_waiting', w.messages::float8),
      ('ghost_repair_oldest_message_seconds', w.seconds)) m (name, value)
    union all
    select 'ghost_repair_webhook_age_seconds', jsonb_build_object('gateway', l.label),
      max(extract(epoch from ghost_repair.now() - g.last_webhook_at)::float8)
    from private.gateways g join ghost_repair.gateway_labels l on l.api_url = g.api_url
    where g.last_webhook_at is not null group by l.label
    union all
    select 'ghost_repair_oldest_work_seconds', jsonb_build_object('work', o.work), o.seconds
    from ghost_repair.oldest_work o
    union all
    select 'ghost_repair_scheduler_age_seconds', jsonb_build_object('job', b.job),
      greatest(0, extract(epoch from ghost_repair.now() - b.at)::float8)
    from ghost_repair.beats b
    union all
    select 'ghost_repair_switched_on', jsonb_build_object('part', p.part), p.switched_on::int
    from ghost_repair.settings s cross join lateral (values
      ('repair', s.enabled), ('watch', s.watch_interval is not null),
      ('gaps', s.recover_messages), ('agent', s.restart_agents), ('alerts', s.alerts))
      p (part, switched_on)
    union all
    select 'ghost_repair_paused', '{}', ghost_repair.is_paused()::int
  ) s
$$;

revoke all on function public.read_metrics() from public, anon, authenticated;
grant execute on function public.read_metrics() to service_role;
