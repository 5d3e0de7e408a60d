-- A ghost takes over the case of a number that heard nothing, and begins anew: what was called for its
-- hearing, days ago perhaps, is no step of this ghost's. Counted as one, a spent restart left the logout
-- as the next step, which costs the pairing where a restart cures; restarts of the process in vain left
-- nothing but a person; and a QR code that nobody asked for was taken for a call's answer.

alter table ghost_repair.settings
  -- So long a session may be dead of the call itself: a queue that hangs makes a ghost of what is
  -- restarted, for 305 s (measured). Called again, it would hang again.
  add column if not exists cure_counts_for interval not null default interval '10 minutes';

-- `p_logout_called`: a logout was made already. `p_delay`: how long the caller still works on it.
-- Where a repair is open, it learns what is new; one of a session that lived begins anew.
create or replace function ghost_repair.open_ghost_repair(
  p_instance_id uuid, p_evidence jsonb, p_logout_called boolean default false,
  p_delay interval default '0'
) returns void
language sql security definer set search_path = '' as $$
  update public.ghost_repairs r set
    hearing = null, state = 'open', step = null, attempts = 0, evidence = '{}',
    opened_at = ghost_repair.now(), next_step_at = ghost_repair.now() + p_delay,
    waiting_for = null, waiting_since = null,
    connect_called_at = null, logout_called_at = null,
    restart_called_at = case when r.restart_called_at > ghost_repair.now() - s.cure_counts_for
      then r.restart_called_at end,
    unanswered_step = null, unanswered_since = null, repeated_steps = '{}',
    process_restart_asked_at = null,
    process_restarted_at = case when r.process_restarted_at > ghost_repair.now() - s.cure_counts_for
      then r.process_restarted_at end,
    process_restarts = case when r.process_restarted_at > ghost_repair.now() - s.cure_counts_for
      then r.process_restarts else 0 end
  from ghost_repair.settings s
  where r.instance_id = p_instance_id and r.closed_at is null and r.hearing is not null;
  insert into public.ghost_repairs as r
    (instance_id, organization_id, evidence, logout_called_at, next_step_at)
  select s.instance_id, s.organization_id, p_evidence,
    case when p_logout_called then ghost_repair.now() end, ghost_repair.now() + p_delay
  from ghost_repair.read_session(p_instance_id) s where s.instance_id is not null
  on conflict (instance_id) where closed_at is null do update set
    evidence = r.evidence || excluded.evidence,
    logout_called_at = coalesce(r.logout_called_at, excluded.logout_called_at),
    next_step_at = least(r.next_step_at, excluded.next_step_at)
$$;
