-- A row that somebody keeps locked, or one that hangs on it, held up a whole sweep, and an hour's
-- pruning, for as long as it was locked. Nothing here can say the like of how long a statement may
-- take: a `statement_timeout` counts from where the scheduler's own statement began, and what it breaks
-- off is undone. That is what the batches are for.

-- What the scheduler does in the database itself, every minute. Each part stands alone: where one
-- fails, it is named, and the others are done all the same.
--
-- What a part cannot skip it waits for as long as `lock_timeout` says, and is named then.
--
-- Returns {restored, messages, held, media, abandoned, attempts, unlinked, unconfirmed, doubts, gaps, habits,
-- unproven, deleted, erased, old, totals}: how many each; null where it failed.
create or replace function public.sweep() returns jsonb
language plpgsql security definer set search_path = '' set lock_timeout = '2s' as $$
declare
  v_part record;
  v_count bigint;
  v_swept jsonb := '{}';
begin
  begin
    perform ghost_repair.note_beat('sweep');
  exception when lock_not_available then
    -- Another one is at it: its beat counts.
    null;
  end;
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
-- What somebody has locked, or what hangs on it, has its turn an hour later. Returns how many rows went.
create or replace function public.prune() returns bigint
language plpgsql security definer set search_path = '' set lock_timeout = '2s' as $$
declare
  v_settings ghost_repair.settings := (select s from ghost_repair.settings s);
  v_old record;
  v_rows bigint;
  v_gone bigint := 0;
begin
  begin
    perform ghost_repair.note_beat('prune');
  exception when lock_not_available then
    -- Another one is at it: its beat counts.
    null;
  end;
  -- By their age, as below; a number that somebody has to be told of keeps its lease.
  delete from ghost_repair.leases l where l.ctid = any (array(
    select o.ctid from ghost_repair.leases o
    where o.expires_at < ghost_repair.now() - v_settings.keep_leftovers and o.gives_up_at is null
    order by o.expires_at limit v_settings.prune_batch
    for update skip locked))
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
      ('ghost_repair.deleted_people', 'deleted_at', 2 * v_settings.recover_at_most),
      -- No longer than what left can still be brought in.
      ('ghost_repair.own_alerts', 'begun_at', 2 * v_settings.recover_at_most)
    ) t (name, dated, keep)
  loop
    begin
      execute format('delete from %1$s where ctid = any (array(
          select ctid from %1$s where %2$I < $1 order by %2$I limit $2 for update skip locked))',
          v_old.name, v_old.dated)
        using ghost_repair.now() - v_old.keep, v_settings.prune_batch;
      get diagnostics v_rows = row_count;
      v_gone := v_gone + v_rows;
    exception when lock_not_available then
      raise warning 'prune: % waits for a lock', v_old.name;
    end;
  end loop;
  -- Gateways without a number: their version is due, and nobody asks for it.
  delete from private.gateways g where g.api_url = any (array(
    select o.api_url from private.gateways o
    where o.version_due_at <= ghost_repair.now() and not ghost_repair.has_numbers(o.api_url)
    for update skip locked));
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
