-- Two people delete a number at once: the second takes it from the first, who was told that it was
-- deleted. Where the second then died the number stayed. Gone is gone, whoever did it; and whoever finds
-- it taken and still there is told so.

-- The end of a deletion. Gone at the gateway: from this moment on the number is gone for everybody,
-- however much it leaves behind; its name is free. Not gone: the timeline says why. Returns whether
-- it is gone, by this deletion or by another; not where another one has it now.
create or replace function public.finish_delete(
  p_instance_id uuid, p_token uuid, p_outcome jsonb
) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_gone boolean;
begin
  -- The number before its lease, as everywhere: in the other order two would wait for each other.
  select i.deleted_at is not null into v_gone
  from public.whatsapp_instances i where i.id = p_instance_id for update;
  if coalesce(v_gone, true) then
    return true;
  end if;
  if not exists (
    select from ghost_repair.leases l
    where l.kind = 'reconnect' and l.subject = p_instance_id and l.token = p_token) then
    return false;
  end if;
  perform ghost_repair.end_lease('reconnect', p_instance_id, p_token);
  if (p_outcome ->> 'deleted')::boolean then
    delete from private.instance_credentials where instance_id = p_instance_id;
    delete from private.instance_qr_codes where instance_id = p_instance_id;
    -- By hand: nothing connects, repairs or releases it meanwhile.
    update public.whatsapp_instances set
      deleted_at = ghost_repair.now(), instance_name = 'deleted:' || id, manual_disconnect = true,
      status = 'disconnected', disconnected_since = coalesce(disconnected_since, ghost_repair.now())
    where id = p_instance_id;
    return true;
  end if;
  perform ghost_repair.add_event(p_instance_id, 'delete_failed', p_outcome - 'deleted');
  return false;
end $$;
