-- Two ticks at once take the same list of what stands in a repair's way; the second acted on what the
-- first had settled by then, and told a person twice. Once the number is locked it is looked at again.

-- A person is told of the first; and where a person was told of what stood in the way, and it is there
-- now, the ladder goes on. Numbers that somebody has locked have their turn at the next tick. Returns
-- how many were settled.
create or replace function ghost_repair.settle_blocked_repairs() returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  v_listed record;
  v_blocked record;
  v_settled bigint := 0;
begin
  for v_listed in select b.id, b.instance_id from ghost_repair.blocked_repairs b loop
    continue when (ghost_repair.lock_session(v_listed.instance_id, true)).instance_id is null;
    select b.* into v_blocked from ghost_repair.blocked_repairs b where b.id = v_listed.id;
    continue when not found;
    update public.ghost_repairs r set
      state = case when v_blocked.reason is null then 'open' else 'needs_operator' end,
      step = case when v_blocked.reason is null then r.step else 'needs_operator' end,
      waiting_for = null, waiting_since = null, next_step_at = ghost_repair.now(),
      evidence = (r.evidence - 'reason')
        || jsonb_strip_nulls(jsonb_build_object('reason', v_blocked.reason))
    where r.id = v_blocked.id and r.closed_at is null;
    continue when not found;
    v_settled := v_settled + 1;
    if v_blocked.reason is not null then
      perform ghost_repair.add_event(v_blocked.instance_id, 'needs_operator',
        jsonb_build_object('reason', v_blocked.reason));
    end if;
  end loop;
  return v_settled;
end $$;
