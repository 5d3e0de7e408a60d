-- Two sockets of one device throw each other out (440), about once a second and for ever: after a
-- connect inside a live reconnect loop, or where two gateways hold the same session. Over HTTP
-- nothing ends it, so a person is told at once, and the webhooks are only counted until it is over.
--
--   close 440, six in a row ──▶ disconnected, the repair waits for a person, a notice
--   open, close 440 ──────────▶ nothing is written but when the last one came
--   a minute of silence ──────▶ the ladder probes: closed: healed | probed every 5 minutes

-- A close with reason 440; `p_instance` is locked. Returns whether it belongs to a fight that is
-- known: nothing more is to be written about it.
create or replace function private.note_session_conflict(p_instance public.whatsapp_instances)
returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_repair public.ghost_repairs;
begin
  insert into private.session_conflicts as c (instance_id, closes)
  values (p_instance.id, 1)
  on conflict (instance_id) do update set
    closes = case when c.last_at > now() - interval '1 minute' then c.closes + 1 else 1 end,
    last_at = greatest(c.last_at, now());
  if not private.is_session_conflict(p_instance.id)
    or p_instance.manual_disconnect or p_instance.status = 'awaiting_qr'
    or not (select s.enabled from private.ghost_repair_settings s) then
    return false;
  end if;
  select r.* into v_repair from public.ghost_repairs r
  where r.instance_id = p_instance.id and r.closed_at is null;
  if v_repair.state = 'needs_operator' and v_repair.evidence ->> 'reason' = 'two_sockets' then
    -- The next look comes a minute after the last close. Moved a few times a minute, not at each.
    update public.ghost_repairs set next_step_at = now() + interval '75 seconds'
    where id = v_repair.id and next_step_at < now() + interval '1 minute';
    return true;
  end if;

  perform private.open_ghost_repair(p_instance.id, '{}');
  update public.ghost_repairs r set
    state = 'needs_operator', step = 'needs_operator', waiting_for = null, waiting_since = null,
    evidence = r.evidence || '{"reason": "two_sockets"}',
    next_step_at = now() + interval '75 seconds'
  where r.instance_id = p_instance.id and r.closed_at is null
  returning r.* into v_repair;
  -- Whoever is at work on it has lost it: a tick its lease, a failed send its claim.
  update private.ghost_repair_leases set expires_at = now()
  where repair_id = v_repair.id and expires_at > now();
  update public.whatsapp_instances set connection_epoch = connection_epoch + 1
  where id = p_instance.id;
  if p_instance.status <> 'disconnected' then
    perform private.mark_disconnected(p_instance.id, '{"source": "two_sockets"}');
  end if;
  perform private.add_event(p_instance.id, 'needs_operator', '{"reason": "two_sockets"}');
  -- Told of something else before, the person is told again: what is to be done is another thing.
  insert into private.operator_notices (repair_id) values (v_repair.id)
  on conflict (repair_id) do update set
    attempts = 0, next_attempt_at = now(), last_outcome = null, sent_at = null;
  return true;
end $$;
revoke all on function private.note_session_conflict(public.whatsapp_instances)
  from public, anon, authenticated;
