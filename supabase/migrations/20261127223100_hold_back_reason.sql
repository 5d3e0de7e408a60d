-- A failed send whose number waits for a person is told so: nothing reconnects it meanwhile, and "a
-- repair is under way" was no answer to whoever would have to act.

-- The patch's place for it: one repair at a time. While the ladder takes its steps there is no second
-- logout; nor while two sockets fight, when nobody leases the repair and a logout would end neither.
create or replace function ghost_repair.hold_back(p_instance_id uuid) returns text
language sql stable security definer set search_path = '' as $$
  select case r.state when 'needs_operator' then r.state else 'repair_in_flight' end
  from public.ghost_repairs r, ghost_repair.settings s
  where r.instance_id = p_instance_id and r.closed_at is null
    and (ghost_repair.is_session_conflict(p_instance_id, s.advancing_within)
      or exists (
        select from ghost_repair.leases l
        where l.kind = 'repair' and l.subject = r.id
          and l.leased_at > ghost_repair.now() - s.advancing_within))
$$;
