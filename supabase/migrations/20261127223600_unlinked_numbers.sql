-- A number that was connected, or got its gateway, between the sweep's look and its turn was reported as
-- without one. Once it is locked it is looked at again.

-- Numbers that are away, or under repair, have no gateway to ask, and nobody was told: nobody can lease
-- them.
create or replace view ghost_repair.unlinked_numbers as
select n.id from (
  select i.id from public.whatsapp_instances i
  where i.status <> 'connected' and not i.manual_disconnect
  union
  select r.instance_id from public.ghost_repairs r where r.closed_at is null) n
where not ghost_repair.has_gateway(n.id)
  and not exists (
    select from ghost_repair.troubles t
    where t.instance_id = n.id and t.reason = 'instance_without_gateway');

-- A person is told of them. Who has a row locked has its turn at the next sweep. Returns how many a
-- person was told of.
create or replace function ghost_repair.report_unlinked_numbers() returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid;
  v_told bigint := 0;
begin
  for v_id in select n.id from ghost_repair.unlinked_numbers n loop
    continue when (ghost_repair.lock_session(v_id, true)).instance_id is null
      or not exists (select from ghost_repair.unlinked_numbers n where n.id = v_id);
    perform ghost_repair.note_trouble(v_id, 'instance_without_gateway', '0');
    v_told := v_told + 1;
  end loop;
  return v_told;
end $$;
