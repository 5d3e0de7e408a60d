-- A number that was proven deaf, and is then suspected of being a ghost, is one case: the ghost's. Where
-- that case ends with the session alive, whether it hears is open again, and nobody has its case: its
-- trial begins anew. Else it went on in its cure, in which nothing may be called without a case, and
-- nobody was told for as long as nothing came in.
create or replace function ghost_repair.begin_trial_again() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_silent_since constant timestamptz := (
    select t.silent_since from ghost_repair.canary_trials t
    join public.whatsapp_instances i on i.id = t.instance_id
    where t.instance_id = new.instance_id and t.closed_at is null and t.phase <> 'listen'
      and i.status = 'connected');
begin
  if v_silent_since is not null then
    perform ghost_repair.close_trial(new.instance_id, 'withdrawn');
    perform ghost_repair.begin_trial(new.instance_id, 'silence', v_silent_since);
  end if;
  return null;
end $$;
create or replace trigger ghost_repairs_trial
  after update of closed_at on public.ghost_repairs
  for each row when (new.closed_at is not null and old.closed_at is null and new.hearing is null)
  execute function ghost_repair.begin_trial_again();
