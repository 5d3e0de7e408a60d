-- Two ticks at once take the same list of restarts that are over; the second counted one that did not
-- help once more, and both of a number's tries were spent. Once the number is locked it is looked at again.

-- Makes them that. Numbers that somebody has locked have their turn at the next tick. Returns how many
-- were settled.
create or replace function ghost_repair.settle_restarts() returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  v_listed record;
  v_settled record;
  v_repair public.ghost_repairs;
  v_first_look constant interval := (
    select s.restart_first_look from ghost_repair.settings s);
  v_count bigint := 0;
begin
  for v_listed in select t.id, t.instance_id from ghost_repair.settled_restarts t loop
    continue when (ghost_repair.lock_session(v_listed.instance_id, true)).instance_id is null;
    select r.* into v_repair from public.ghost_repairs r
    where r.id = v_listed.id and r.closed_at is null for no key update;
    continue when not found;
    select t.* into v_settled from ghost_repair.settled_restarts t where t.id = v_listed.id;
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
