-- The row of one deleted number, whose own rows somebody had locked, held up all the others.

-- Takes deleted numbers apart, a batch of each kind of row a minute: conversations and messages stay
-- without a number, its timeline goes, and with the last of them its row. One whose
-- rows somebody has locked has its turn at the next sweep. Returns how many rows were changed.
create or replace function ghost_repair.detach_deleted_numbers() returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid;
  v_batch int := (select s.sweep_batch from ghost_repair.settings s);
  v_changed bigint := 0;
  v_count bigint;
  v_rows bigint;
begin
  for v_id in
    select i.id from public.whatsapp_instances i where i.deleted_at is not null
    order by i.deleted_at limit 10
  loop
    continue when v_changed >= v_batch
      or (ghost_repair.lock_session(v_id, true)).instance_id is null;
    begin
      v_rows := 0;
      with batch as (
        select c.id from public.conversations c where c.whatsapp_instance_id = v_id
        order by c.id limit v_batch for no key update skip locked
      )
      update public.conversations c set whatsapp_instance_id = null from batch where c.id = batch.id;
      get diagnostics v_count = row_count;
      v_rows := v_rows + v_count;
      with batch as (
        select m.id from public.messages m where m.whatsapp_instance_id = v_id
        limit v_batch for no key update skip locked
      )
      update public.messages m set whatsapp_instance_id = null from batch where m.id = batch.id;
      get diagnostics v_count = row_count;
      v_rows := v_rows + v_count;
      delete from public.instance_events e where e.id = any (array(
        select e.id from public.instance_events e where e.instance_id = v_id limit v_batch));
      get diagnostics v_count = row_count;
      v_rows := v_rows + v_count;
      -- A request that began before the deletion may still store what it found: it has come to its end
      -- long before the row goes.
      delete from public.whatsapp_instances i
      where i.id = v_id
        and i.deleted_at < ghost_repair.now() - (select s.send_patience from ghost_repair.settings s)
        and not exists (select from public.conversations c where c.whatsapp_instance_id = v_id)
        and not exists (select from public.messages m where m.whatsapp_instance_id = v_id)
        and not exists (select from public.instance_events e where e.instance_id = v_id);
      get diagnostics v_count = row_count;
      v_rows := v_rows + v_count;
      v_changed := v_changed + v_rows;
    exception when lock_not_available then
      raise warning 'a deleted number waits for a lock';
    end;
  end loop;
  return v_changed;
end $$;
