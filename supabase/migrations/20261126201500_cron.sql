-- The clockwork: pg_cron calls the functions through pg_net, with the address and the secret from
-- Vault (`project_url`, `cron_secret`): auto-reconnect-instances every minute, the others where they
-- have work, of which the database is asked every ten seconds, or every minute where pg_cron knows no
-- seconds (before 1.5). Where an extension cannot be had the file says so and changes nothing:
-- another scheduler may call the same functions and statements.

alter table ghost_repair.settings
  add column if not exists numbers_a_call int not null default 250,
  add column if not exists calls_a_minute int not null default 10,
  -- Numbers that one call of the watch looks at (`leases` of its handler), and calls at once.
  add column if not exists looks_a_call int not null default 300,
  add column if not exists watch_calls int not null default 14,
  add column if not exists keep_events interval not null default interval '30 days',
  add column if not exists keep_job_runs interval not null default interval '7 days',
  -- So many rows of a kind go an hour.
  add column if not exists prune_batch int not null default 50000;

create or replace function ghost_repair.call_function(p_name text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_url text;
  v_secret text;
begin
  -- Executed as text: Vault and pg_net may be missing where this function is created.
  execute $q$select decrypted_secret from vault.decrypted_secrets where name = 'project_url'$q$
    into v_url;
  execute $q$select decrypted_secret from vault.decrypted_secrets where name = 'cron_secret'$q$
    into v_secret;
  if v_url is null or v_secret is null then
    raise exception 'Vault entries project_url and cron_secret are needed to call %', p_name;
  end if;
  execute 'select net.http_post(url := $1, body := $2, headers := $3, timeout_milliseconds := $4)'
    using v_url || '/functions/v1/' || p_name, '{}'::jsonb,
      jsonb_build_object('content-type', 'application/json', 'x-cron-secret', v_secret), 55000;
end $$;

-- The platform gives an invocation 2 s of processor, about what 1,000 numbers take (see
-- docs/performance.md). So one is called for every 250 that are due, ten at the most (`numbers_a_call`, `calls_a_minute`): leases keep
-- them apart, and the worst a wrong guess costs is a call that finds nothing to do. Returns how many
-- calls were made.
create or replace function ghost_repair.call_auto_reconnect() returns int
language plpgsql security definer set search_path = '' as $$
declare
  v_settings ghost_repair.settings := (select s from ghost_repair.settings s);
  v_due int;
  v_calls int;
begin
  perform ghost_repair.note_beat('auto-reconnect-instances');
  if ghost_repair.is_paused() then
    return 0;
  end if;
  select count(*) into v_due from (
    select from ghost_repair.reconnectable d where d.due_at <= ghost_repair.now()
    limit v_settings.numbers_a_call * v_settings.calls_a_minute) due;
  v_calls := greatest(1, ceil(v_due::numeric / v_settings.numbers_a_call));
  for v_call in 1 .. v_calls loop
    perform ghost_repair.call_function('auto-reconnect-instances');
  end loop;
  return v_calls;
end $$;

-- The functions that have work now, and how many calls of each it takes. Whoever schedules asks this;
-- auto-reconnect-instances is called every minute whatever there is (`call_auto_reconnect`).
create or replace function ghost_repair.due_functions() returns table (name text, calls int)
language plpgsql security definer set search_path = '' as $$
declare
  v_settings ghost_repair.settings := (select s from ghost_repair.settings s);
  v_looks int;
begin
  perform ghost_repair.note_beat('due-functions');
  if ghost_repair.is_paused() then
    return;
  end if;
  v_looks := ghost_repair.count_due_looks(v_settings.looks_a_call * v_settings.watch_calls);
  return query
  select 'advance-ghost-repairs', 1
  where exists (
      select from ghost_repair.due_repairs d where not ghost_repair.is_leased('repair', d.id))
    or exists (select from ghost_repair.blocked_repairs)
    or exists (select from ghost_repair.due_notices)
    or exists (select from ghost_repair.due_restart_requests)
    or exists (select from ghost_repair.settled_restarts)
    or exists (
      select from ghost_repair.due_recreations d where not ghost_repair.is_leased('repair', d.id))
    or exists (select from ghost_repair.due_gateway_versions)
  union all
  select 'watch-instances', greatest(1, ceil(v_looks::numeric / v_settings.looks_a_call)::int)
  where v_looks > 0
    or public.is_hearing_due()
  union all
  select 'release-held-messages', 1
  where exists (
      -- From the messages, which are few: there may be a hundred thousand numbers.
      select from (select distinct m.whatsapp_instance_id as id from ghost_repair.due_messages m) n
      where exists (select from ghost_repair.due_releases d where d.instance_id = n.id)
        and not ghost_repair.is_leased('release', n.id))
    or exists (
      select from public.messages m
      where m.status = 'failed' and m.error_message is null
        and m.failed_at > ghost_repair.now() - v_settings.explain_within)
  union all
  select 'recover-messages', 1 where ghost_repair.is_recovery_due()
  union all
  select 'send-alerts', 1
  where exists (select from ghost_repair.due_alerts)
    or exists (select from ghost_repair.due_alert_messages);
end $$;

-- Calls them. Returns how many calls were made.
create or replace function ghost_repair.call_due_functions() returns int
language plpgsql security definer set search_path = '' as $$
declare
  v_due record;
  v_calls int := 0;
begin
  for v_due in select d.name, d.calls from ghost_repair.due_functions() d loop
    for v_call in 1 .. v_due.calls loop
      perform ghost_repair.call_function(v_due.name);
      v_calls := v_calls + 1;
    end loop;
  end loop;
  return v_calls;
end $$;

-- What the scheduler does in the database itself, every minute. Each part stands alone: where one
-- fails, it is named, and the others are done all the same.
--
-- Returns {restored, messages, held, media, abandoned, attempts, unlinked, unconfirmed, doubts, gaps, habits,
-- unproven, deleted, erased, old, totals}: how many each; null where it failed.
create or replace function public.sweep() returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_part record;
  v_count bigint;
  v_swept jsonb := '{}';
begin
  perform ghost_repair.note_beat('sweep');
  for v_part in
    select * from (values
      -- First: what was restored is not taken for what waits.
      ('restored', 'notice_restore'),
      ('messages', 'fail_interrupted_messages'), ('held', 'expire_held_messages'),
      ('media', 'prune_media'),
      ('abandoned', 'take_up_abandoned_repairs'), ('attempts', 'report_lost_attempts'),
      ('unlinked', 'report_unlinked_numbers'), ('unconfirmed', 'suspect_unconfirmed'),
      ('doubts', 'settle_lost_doubts'), ('gaps', 'tend_gaps'), ('habits', 'tend_habits'),
      ('unproven', 'tend_unproven'), ('deleted', 'detach_deleted_numbers'), ('erased', 'erase_customers'),
      ('old', 'forget_old_messages'), ('totals', 'fold_totals')) p (name, function)
  loop
    begin
      execute format('select ghost_repair.%I()', v_part.function) into v_count;
    exception when others then
      raise warning 'sweep: % failed: %', v_part.name, sqlstate;
      v_count := null;
    end;
    v_swept := v_swept || jsonb_build_object(v_part.name, v_count);
  end loop;
  return v_swept;
end $$;

-- What grows is kept for a time: the timeline and closed repairs (`keep_events`), leases that ended
-- (`keep_leftovers`), and of pg_cron, which keeps every run for ever, a week. A batch of each an hour.
-- Returns how many rows went.
create or replace function public.prune() returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  v_settings ghost_repair.settings := (select s from ghost_repair.settings s);
  v_old record;
  v_rows bigint;
  v_gone bigint := 0;
begin
  perform ghost_repair.note_beat('prune');
  -- By their age, as below; a number that somebody has to be told of keeps its lease.
  delete from ghost_repair.leases l where l.ctid = any (array(
    select o.ctid from ghost_repair.leases o
    where o.expires_at < ghost_repair.now() - v_settings.keep_leftovers and o.gives_up_at is null
    order by o.expires_at limit v_settings.prune_batch))
    -- Taken again meanwhile?
    and l.expires_at < ghost_repair.now() - v_settings.keep_leftovers;
  get diagnostics v_rows = row_count;
  v_gone := v_gone + v_rows;
  for v_old in
    select * from (values
      ('public.instance_events', 'created_at', v_settings.keep_events),
      ('public.ghost_repairs', 'closed_at', v_settings.keep_events),
      ('ghost_repair.restart_requests', 'closed_at', v_settings.keep_events),
      ('ghost_repair.alerts', 'raised_at', v_settings.keep_events),
      ('ghost_repair.alert_messages', 'created_at', v_settings.keep_events),
      ('public.message_gaps', 'ended_at', v_settings.keep_events),
      ('ghost_repair.times_away', 'away_until', v_settings.keep_events),
      ('ghost_repair.canary_trials', 'closed_at', v_settings.keep_events),
      ('ghost_repair.deleted_messages', 'deleted_at', 2 * v_settings.recover_at_most),
      ('ghost_repair.deleted_people', 'deleted_at', 2 * v_settings.recover_at_most)
    ) t (name, dated, keep)
  loop
    execute format('delete from %1$s where ctid = any (array(
        select ctid from %1$s where %2$I < $1 order by %2$I limit $2))', v_old.name, v_old.dated)
      using ghost_repair.now() - v_old.keep, v_settings.prune_batch;
    get diagnostics v_rows = row_count;
    v_gone := v_gone + v_rows;
  end loop;
  -- Gateways without a number: their version is due, and nobody asks for it.
  delete from private.gateways g
  where g.version_due_at <= ghost_repair.now() and not ghost_repair.has_numbers(g.api_url);
  get diagnostics v_rows = row_count;
  v_gone := v_gone + v_rows;
  if to_regclass('cron.job_run_details') is not null then
    -- Executed as text: pg_cron may be missing where this function is created.
    execute $q$delete from cron.job_run_details d where d.runid = any (array(
      select d.runid from cron.job_run_details d
      where d.end_time < $1 order by d.runid limit $2))$q$
      using ghost_repair.now() - v_settings.keep_job_runs, v_settings.prune_batch;
    get diagnostics v_rows = row_count;
    v_gone := v_gone + v_rows;
  end if;
  return v_gone;
end $$;

revoke all on function public.sweep(),
  public.prune()
  from public, anon, authenticated;
grant execute on function public.sweep(),
  public.prune()
  to service_role;

do $$
declare
  v_missing text;
  v_seconds boolean;
begin
  select string_agg(e, ', ') into v_missing from unnest(array['pg_cron', 'pg_net']) e
  where e not in (select name from pg_catalog.pg_available_extensions);
  if v_missing is not null then
    raise notice 'not scheduled: % not available here. From another scheduler call, every minute, the functions auto-reconnect-instances, advance-ghost-repairs, watch-instances, recover-messages, send-alerts and release-held-messages (POST, header x-cron-secret), and in SQL public.sweep(); once an hour public.prune()', v_missing;
    return;
  end if;
  create extension if not exists pg_cron;
  create extension if not exists pg_net with schema extensions;
  -- Scheduling a name again replaces its job.
  perform cron.schedule('auto-reconnect-instances', '* * * * *',
    $job$select ghost_repair.call_auto_reconnect()$job$);
  -- Seconds are known from 1.5 on.
  select e.extversion ~ '^(1\.([5-9]|\d\d)|[2-9]|\d\d)' into v_seconds
  from pg_catalog.pg_extension e where e.extname = 'pg_cron';
  perform cron.schedule('due-functions', case when v_seconds then '10 seconds' else '* * * * *' end,
    $job$select ghost_repair.call_due_functions()$job$);
  perform cron.schedule('sweep', '* * * * *', $job$select public.sweep()$job$);
  perform cron.schedule('prune', '17 * * * *', $job$select public.prune()$job$);
end $$;
