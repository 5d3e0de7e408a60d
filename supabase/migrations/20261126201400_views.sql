-- For people who watch: how each number is, what the repair came to day by day, and what a
-- deployment lacks. Everything here only reads.

-- For whom the settings are closed.
create or replace function ghost_repair.most_reconnect_attempts() returns int
language sql stable security definer set search_path = '' as $$
  select s.reconnect_attempts from ghost_repair.settings s
$$;

-- What was sent before this and has no report yet is unconfirmed: the customer's phone may be off. By
-- itself that says nothing about the session.
create or replace function ghost_repair.unconfirmed_before() returns timestamptz
language sql stable security definer set search_path = '' as $$
  select ghost_repair.now() - s.unconfirmed_after from ghost_repair.settings s
$$;

-- How many of a number's messages were accepted in the last 24 hours, ten minutes ago or earlier, and never
-- confirmed.
create or replace function ghost_repair.count_unconfirmed_messages(p_instance_id uuid) returns bigint
language sql stable security definer set search_path = '' as $$
  select count(*) from public.messages m
  where m.whatsapp_instance_id = p_instance_id and m.status = 'sent' and m.is_from_me
    and m.sent_at between (select ghost_repair.unconfirmed_before())
      - (select s.count_messages_of from ghost_repair.settings s)
      and (select ghost_repair.unconfirmed_before())
$$;

-- A conversation's messages as people read them, with the caller's own rights.
--
-- queued       nobody has tried to send it yet
-- unconfirmed  accepted by the gateway ten minutes ago, and no report about it came
-- recovered_at when it was brought in, after it had been missed
-- edited_at, deleted_at   by its sender, as far as the gateway told
create or replace view public.message_states with (security_invoker = true) as
select
  m.id, m.organization_id, m.conversation_id, m.whatsapp_instance_id, m.is_from_me, m.message_type,
  m.content, m.media_url, m.file_name, m.caption, m.status,
  m.status = 'sending' and m.sending_since is null as queued,
  m.status = 'sent' and m.is_from_me
    and m.sent_at <= (select ghost_repair.unconfirmed_before()) as unconfirmed,
  m.error_code, m.error_message, m.may_have_left, m.attempts, m.position, m.held_until,
  m.created_at, m.sent_at, m.delivered_at, m.read_at, m.failed_at, m.recovered_at,
  m.edited_at, m.deleted_at
from public.messages m;

-- How a number is, of what is known about it: its row, the state of its open repair, why a person has
-- to look at it besides.
create or replace function ghost_repair.health_of(
  p_manual boolean, p_repair text, p_attention text, p_status text, p_attempts int, p_most int
) returns text
language sql immutable parallel safe set search_path = '' as $$
  select case
    when p_manual then 'manual'
    when p_repair = 'needs_operator' then 'needs_operator'
    when p_repair is not null then 'repairing'
    when p_attention is not null then 'needs_operator'
    when p_status = 'connected' then 'ok'
    when p_status = 'awaiting_qr' then 'awaiting_qr'
    when p_attempts >= p_most then 'gave_up'
    else 'reconnecting'
  end
$$;

-- One row a number, with the caller's own rights.
--
-- health  ok | repairing | reconnecting | awaiting_qr   nobody has to do anything but scan
--         needs_operator                                a person must act: `reason` says why
--         gave_up                                       three attempts failed: reconnect by hand
--         manual                                        disconnected by a person's wish
-- hearing suspected_deaf | deaf | webhook_mute | lagging | unproven   of a session that lives; null:
--         nothing is known
create or replace view public.instance_health with (security_invoker = true) as
select
  i.id as instance_id, i.organization_id, i.instance_name, i.display_name, i.status,
  ghost_repair.health_of(i.manual_disconnect, r.state, ghost_repair.attention_reason(i.id),
    i.status, i.reconnect_attempts_count, ghost_repair.most_reconnect_attempts()) as health,
  coalesce(r.evidence ->> 'reason', r.waiting_for, ghost_repair.attention_reason(i.id)) as reason,
  r.hearing,
  i.disconnected_since, r.opened_at as repair_opened_at, r.step as repair_step,
  r.connect_called_at is not null as connect_tried,
  r.restart_called_at is not null as restart_tried,
  r.logout_called_at is not null as logout_tried,
  i.reconnect_attempts_count as reconnect_attempts,
  (select count(*) from public.messages m
    where m.whatsapp_instance_id = i.id and m.status = 'sending') as messages_sending,
  (select count(*) from public.messages m
    where m.whatsapp_instance_id = i.id and m.status = 'held') as messages_held,
  ghost_repair.count_failed_messages(i.id) as messages_failed_24h,
  ghost_repair.count_unconfirmed_messages(i.id) as messages_unconfirmed_24h,
  i.last_sent_at, i.last_received_at, i.last_alive_at, i.last_webhook_at,
  e.kind as last_event, e.created_at as last_event_at,
  -- Of what was missed and compared in the last 24 hours: brought in, and not to be had. Null: nobody
  -- knows how many.
  g.recovered as messages_recovered_24h, g.missing as messages_missing_24h
from public.whatsapp_instances i
left join public.ghost_repairs r on r.instance_id = i.id and r.closed_at is null
left join lateral (
  select v.kind, v.created_at from public.instance_events v
  where v.instance_id = i.id order by v.id desc limit 1
) e on true
cross join lateral (
  select coalesce(sum(m.stored), 0) as recovered,
    case when coalesce(bool_or(m.state = 'given_up'), false) then null
      else coalesce(sum(m.missing), 0) end as missing
  from public.message_gaps m
  where m.instance_id = i.id and m.ended_at > ghost_repair.now() - interval '1 day'
) g
where i.deleted_at is null;

-- How often each thing happened, day by day (UTC), for the 30 days that events are kept.
create or replace view public.repair_events_daily with (security_invoker = true) as
select
  (v.created_at at time zone 'UTC')::date as day, v.organization_id, v.kind,
  coalesce(v.detail -> 'verified' ->> 'outcome', v.detail ->> 'outcome', v.detail ->> 'logout',
    v.detail ->> 'step', v.detail ->> 'next', v.detail ->> 'reason') as outcome,
  count(*) as events, count(distinct v.instance_id) as instances
from public.instance_events v
group by 1, 2, 3, 4;

revoke all on public.instance_health, public.repair_events_daily, public.message_states
  from anon, authenticated;
grant select on public.instance_health, public.repair_events_daily, public.message_states
  to authenticated, service_role;

-- A query's rows as one JSON array; null where what it reads is not installed. The scheduler, Vault
-- and pg_net may be missing, or come after this file.
create or replace function ghost_repair.rows_if_present(p_relation text, p_query text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_rows jsonb;
begin
  if to_regclass(p_relation) is null then
    return null;
  end if;
  execute format('select coalesce(jsonb_agg(to_jsonb(q)), ''[]'') from (%s) q', p_query)
    into v_rows;
  return v_rows;
end $$;

-- What `task doctor` cannot see over the API. No secret but the gateways' keys, which the service
-- role has anyhow and without which nobody could ask a gateway.
--
-- objects    tables, views and functions there are, as `table public.messages`
-- jobs       [{jobname, schedule, active}], null without pg_cron; job_failures: the last hour's
-- vault      the names of the entries, null without Vault; project_url: the address there
-- answers    what the functions answered to the scheduler in the last 10 minutes: [{status, count}]
-- settings   of the repair
-- instances  [{id, name, status, health, api_url, api_key, last_webhook_at, last_alive_at, watch}]
create or replace function public.doctor_report(p_instance text default null) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'objects', (
      select jsonb_agg(o.name order by o.name) from (
        select case when c.relkind = 'v' then 'view ' else 'table ' end
          || n.nspname || '.' || c.relname as name
        from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where n.nspname in ('public', 'private', 'ghost_repair') and c.relkind in ('r', 'p', 'v')
        union
        select 'function ' || n.nspname || '.' || p.proname
        from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
        where n.nspname in ('public', 'private', 'ghost_repair')) o),
    'jobs', ghost_repair.rows_if_present('cron.job', 'select * from cron.job'),
    'job_failures', ghost_repair.rows_if_present('cron.job_run_details',
      $q$select j.jobname, count(*), max(d.return_message) as message
         from cron.job_run_details d join cron.job j using (jobid)
         where d.status = 'failed' and d.start_time > ghost_repair.now() - interval '1 hour'
         group by j.jobname$q$),
    'vault', ghost_repair.rows_if_present('vault.decrypted_secrets',
      $q$select name, case when name = 'project_url' then decrypted_secret end as address
         from vault.decrypted_secrets where name in ('project_url', 'cron_secret')$q$),
    'http', to_regprocedure('net.http_post(text,jsonb,jsonb,jsonb,integer)') is not null,
    'answers', ghost_repair.rows_if_present('net._http_response',
      $q$select status_code as status, count(*) from net._http_response
         where created > ghost_repair.now() - interval '10 minutes' group by status_code$q$),
    'settings', (
      select jsonb_build_object('enabled', s.enabled, 'paused', ghost_repair.is_paused(),
        'policy', s.policy,
        'window_seconds', extract(epoch from s.repair_window)::int,
        'watch_seconds', extract(epoch from s.watch_interval)::int)
      from ghost_repair.settings s),
    'instances', (
      select coalesce(jsonb_agg(jsonb_build_object('id', h.instance_id, 'name', h.instance_name,
        'status', h.status, 'health', h.health, 'api_url', k.api_url, 'api_key', k.api_key,
        'last_webhook_at', h.last_webhook_at, 'last_alive_at', h.last_alive_at,
        'unheard_since_logout', u.logged_out_at, 'has_token', k.webhook_token is not null,
        'watch', w.watch) order by h.instance_name), '[]')
      from public.instance_health h
      left join ghost_repair.told_watches w on w.instance_id = h.instance_id
      left join private.instance_credentials k on k.instance_id = h.instance_id
      left join ghost_repair.unheard_logouts u on u.instance_id = h.instance_id
      where p_instance is null or p_instance in (h.instance_name, h.instance_id::text)))
$$;

revoke all on function public.doctor_report(text)
  from public, anon, authenticated;
grant execute on function public.doctor_report(text)
  to service_role;
