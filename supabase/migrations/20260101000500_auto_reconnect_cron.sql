-- The clockwork: pg_cron calls the functions every minute through pg_net, with the address and the
-- secret from Vault (`project_url`, `cron_secret`). Where an extension cannot be had the file says
-- so and changes nothing: another scheduler may call the same functions and statements.

create or replace function private.call_function(p_name text) returns void
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
revoke all on function private.call_function(text) from public, anon, authenticated;

-- The platform gives an invocation 2 s of processor, about what 1,000 numbers take (see
-- docs/performance.md). So one is called for every 250 that are due, ten at the most: leases keep
-- them apart, and the worst a wrong guess costs is a call that finds nothing to do. Returns how many
-- calls were made.
create or replace function private.call_auto_reconnect() returns int
language plpgsql security definer set search_path = '' as $$
declare
  v_due int;
  v_calls int;
begin
  select count(*) into v_due from (
    select from public.whatsapp_instances i
    where i.status in ('disconnected', 'connecting') and not i.manual_disconnect
      and i.reconnect_attempts_count < 3
    limit 2500) due;
  v_calls := greatest(1, ceil(v_due / 250.0));
  for v_call in 1 .. v_calls loop
    perform private.call_function('auto-reconnect-instances');
  end loop;
  return v_calls;
end $$;
revoke all on function private.call_auto_reconnect() from public, anon, authenticated;

do $$
declare
  v_missing text;
begin
  select string_agg(e, ', ') into v_missing from unnest(array['pg_cron', 'pg_net']) e
  where e not in (select name from pg_catalog.pg_available_extensions);
  if v_missing is not null then
    raise notice 'not scheduled: % not available here. From another scheduler call, every minute, the functions auto-reconnect-instances, advance-ghost-repairs and release-held-messages (POST, header x-cron-secret), and in SQL public.suspect_unconfirmed() and public.sweep_stale_messages(); once a day public.prune_instance_events()', v_missing;
    return;
  end if;
  create extension if not exists pg_cron;
  create extension if not exists pg_net with schema extensions;
  -- Scheduling a name again replaces its job.
  perform cron.schedule('auto-reconnect-instances', '* * * * *',
    $job$select private.call_auto_reconnect()$job$);
  perform cron.schedule('advance-ghost-repairs', '* * * * *',
    $job$select private.call_function('advance-ghost-repairs')$job$);
  perform cron.schedule('release-held-messages', '* * * * *',
    $job$select private.call_function('release-held-messages')$job$);
  perform cron.schedule('suspect-unconfirmed', '* * * * *',
    $job$select public.suspect_unconfirmed()$job$);
  perform cron.schedule('sweep-stale-messages', '* * * * *',
    $job$select public.sweep_stale_messages()$job$);
  perform cron.schedule('prune-instance-events', '17 3 * * *',
    $job$select public.prune_instance_events()$job$);
end $$;
