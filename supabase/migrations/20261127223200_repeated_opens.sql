-- A socket that opens again and again while its row says connected (four to seven times a minute is no
-- session conflict yet) wrote an event each time, 360 an hour: the same again raises a count.

-- The one way to `connected`: from the registry, a connect, the watch, or the webhook. What a person
-- disconnected does not come back by it: the session lives against a person's wish, and its logout
-- is owed. The number is locked.
create or replace function ghost_repair.mark_connected(p_instance_id uuid, p_detail jsonb)
returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_session constant ghost_repair.session := ghost_repair.read_session(p_instance_id);
begin
  -- A report of a gateway that answers nobody is not its answer.
  if v_session.status <> 'connected' or not ghost_repair.tells_of_silence(p_instance_id) then
    perform ghost_repair.end_trouble(p_instance_id);
  end if;
  if v_session.manual_disconnect then
    perform ghost_repair.owe_logout(p_instance_id, p_detail);
    return;
  end if;
  perform ghost_repair.end_owed_logout(p_instance_id);
  perform ghost_repair.write_connected(p_instance_id);
  delete from private.instance_qr_codes where instance_id = p_instance_id;
  if v_session.status = 'connected' then
    perform ghost_repair.add_repeated_event(p_instance_id, 'connected', p_detail);
  else
    perform ghost_repair.add_event(p_instance_id, 'connected', p_detail);
  end if;
end $$;
